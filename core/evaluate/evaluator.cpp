// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluator.h"
#include "core/base/error.h"
#include "core/base/timer.h"
#include "core/evaluate/likelihood.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 250;
constexpr std::int64_t kClassesForTop5 = 20;

/// A network on images, as a whole or with what enters late blocks from the memo.
struct Runner {
    const Graph& graph;
    const Overlay& overlay;
    const ImageSet& set;
    PrefixMemo* memo = nullptr;
    const std::vector<std::string>* ids = nullptr; ///< for the memo

    at::Tensor run(std::int64_t begin, std::int64_t end) const
    {
        return memo ? memo->logits(set, begin, end, overlay, *ids) : forward(graph, set.batch(begin, end), overlay);
    }
};

/// Name of the first node, in the network's order, that makes something not finite of what is finite; empty where there is none.
std::string firstNotFinite(const Graph& graph, const Overlay& overlay, const at::Tensor& image)
{
    std::vector<ValueId> all(graph.inputs);
    for (const Node& node : graph.nodes)
        all.insert(all.end(), node.outputs.begin(), node.outputs.end());
    const ValueMap values = execute(graph, {{graph.inputs.at(0), image}}, all, overlay);
    const auto finite = [&](ValueId v) { return values.at(v).isfinite().all().item<bool>(); };
    for (const Node& node : graph.nodes)
        if (!std::all_of(node.outputs.begin(), node.outputs.end(), finite) && std::all_of(node.inputs.begin(), node.inputs.end(), finite))
            return node.name;
    return {};
}

/// Logits of one batch; every caller passes the same batches, so that equal networks give equal bits.
at::Tensor batchLogits(const Runner& network, std::int64_t begin, std::int64_t end)
{
    const at::Tensor out = network.run(begin, end);
    check(out.dim() == 2 || (out.dim() == 3 && out.size(2) == 2), ErrorCode::Unsupported, "the network's output has the shape ", shapeText(out.sizes()),
          ", [images, classes] is needed");
    requireFinite(out, network.graph, network.overlay, network.set, begin);
    return out;
}

at::Tensor crossEntropies(const at::Tensor& logits, const at::Tensor& labels)
{
    return -logLikelihood(logProbabilities(logits), labels);
}

Evaluation evaluateSet(const Runner& network, const RunControl& control, const std::string& what)
{
    const ImageSet& set = network.set;
    NoGrad noGrad;
    const Timer timer;
    Evaluation out;
    out.total = set.size();
    check(out.total > 0, ErrorCode::Usage, "no images to evaluate on");
    check(set.labels.defined(), ErrorCode::Usage, "the images to evaluate on have no labels");
    std::vector<std::int32_t> predictions;
    predictions.reserve(static_cast<std::size_t>(out.total));
    const std::int64_t highestLabel = set.labels.max().item<std::int64_t>();
    for (std::int64_t begin = 0; begin < out.total; begin += kBatch) {
        control.throwIfCancelled();
        const std::int64_t end = std::min(begin + kBatch, out.total);
        const at::Tensor y = batchLogits(network, begin, end);
        const std::int64_t classes = y.size(1);
        check(highestLabel < classes, ErrorCode::Usage, "the data has the class ", highestLabel, ", the network has ", classes,
              " outputs");
        out.classCorrect.resize(static_cast<std::size_t>(classes));
        out.classTotal.resize(static_cast<std::size_t>(classes));
        const at::Tensor labels = set.labelBatch(begin, end).contiguous(), score = scores(y), best = score.argmax(1);
        for (std::int64_t i = 0; i < end - begin; ++i) {
            const std::int64_t label = labels.data_ptr<std::int64_t>()[i], guess = best.data_ptr<std::int64_t>()[i];
            predictions.push_back(static_cast<std::int32_t>(guess));
            ++out.classTotal[static_cast<std::size_t>(label)];
            out.classCorrect[static_cast<std::size_t>(label)] += guess == label;
            out.correct += guess == label;
        }
        if (classes >= kClassesForTop5) {
            const at::Tensor five = std::get<1>(score.topk(5, 1));
            out.correctTop5 = std::max<std::int64_t>(out.correctTop5, 0)
                              + five.eq(labels.unsqueeze(1)).sum().item<std::int64_t>();
        }
        out.loss += crossEntropies(y, labels).sum().item<double>();
        control.emit(Counted{what, out.correct, end, out.total});
    }
    out.loss /= static_cast<double>(out.total);
    out.predictions = std::make_shared<const std::vector<std::int32_t>>(std::move(predictions));
    out.seconds = timer.seconds();
    return out;
}

at::Tensor logitsOf(const Runner& network, const RunControl& control)
{
    const ImageSet& set = network.set;
    NoGrad noGrad;
    check(set.size() > 0, ErrorCode::Usage, "no images to run the network on");
    std::vector<at::Tensor> out;
    for (std::int64_t begin = 0; begin < set.size(); begin += kBatch) {
        control.throwIfCancelled();
        out.push_back(batchLogits(network, begin, std::min(begin + kBatch, set.size())));
    }
    return at::cat(out);
}

} // namespace

Evaluation evaluate(const Graph& graph, const Overlay& overlay, const EvaluationSet& images, const RunControl& control,
                    const std::string& what)
{
    return evaluateSet({graph, overlay, images.set}, control, what);
}

Evaluation evaluate(const Overlay& overlay, PrefixMemo& memo, const std::vector<std::string>& ids, const EvaluationSet& images,
                    const RunControl& control, const std::string& what)
{
    return evaluateSet({memo.graph(), overlay, images.set, &memo, &ids}, control, what);
}

Evaluation evaluate(const Graph& graph, const Overlay& overlay, const HoldOutSet& images, const RunControl& control,
                    const std::string& what)
{
    return evaluateSet({graph, overlay, images.set}, control, what);
}

at::Tensor topOne(const Graph& graph, const ImageSet& set, const RunControl& control)
{
    return scores(logits(graph, {}, set, control)).argmax(1);
}

at::Tensor logits(const Graph& graph, const Overlay& overlay, const ImageSet& set, const RunControl& control)
{
    return logitsOf({graph, overlay, set}, control);
}

at::Tensor logits(const Overlay& overlay, PrefixMemo& memo, const std::vector<std::string>& ids, const ImageSet& set,
                  const RunControl& control)
{
    return logitsOf({memo.graph(), overlay, set, &memo, &ids}, control);
}

void requireFinite(const at::Tensor& logits, const Graph& graph, const Overlay& overlay, const ImageSet& set, std::int64_t begin)
{
    NoGrad noGrad;
    const at::Tensor finite = logits.isfinite().reshape({logits.size(0), -1}).all(1);
    if (finite.all().item<bool>())
        return;
    const std::int64_t image = begin + finite.logical_not().nonzero()[0].item<std::int64_t>();
    const std::string where = firstNotFinite(graph, overlay, set.batch(image, image + 1));
    throw Error(ErrorCode::NonFinite, text("the network's output for image ", image + 1, " is not finite",
                                           where.empty() ? std::string() : "; the first layer that makes it so is " + where));
}

at::Tensor outputs(const Graph& graph, const Overlay& overlay, const ImageSet& set, const RunControl& control)
{
    NoGrad noGrad;
    std::vector<at::Tensor> out;
    for (std::int64_t begin = 0; begin < set.size(); begin += kBatch) {
        control.throwIfCancelled();
        out.push_back(forward(graph, set.batch(begin, std::min(begin + kBatch, set.size())), overlay));
    }
    return at::cat(out);
}

double meanKl(const at::Tensor& referenceLogits, const at::Tensor& logits)
{
    NoGrad noGrad;
    check(referenceLogits.sizes() == logits.sizes() && logits.dim() >= 2 && logits.size(0) > 0, ErrorCode::ShapeMismatch,
          "logits of the shapes ", shapeText(referenceLogits.sizes()), " and ", shapeText(logits.sizes()),
          " cannot be compared");
    // Never negative but for rounding.
    return std::max(0.0, klPerImage(logProbabilities(referenceLogits), logProbabilities(logits)).mean().item<double>());
}

double meanCrossEntropy(const at::Tensor& logits, const at::Tensor& labels)
{
    NoGrad noGrad;
    return crossEntropies(logits, labels).mean().item<double>();
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluator.h"
#include "core/base/error.h"
#include "core/base/timer.h"
#include <functional>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 250;
constexpr std::int64_t kClassesForTop5 = 20;

/// Logits of the images [begin, end).
using Forward = std::function<at::Tensor(std::int64_t begin, std::int64_t end)>;

Forward wholeNetwork(const Graph& graph, const Overlay& overlay, const ImageSet& set)
{
    return [&](std::int64_t begin, std::int64_t end) { return forward(graph, set.batch(begin, end), overlay); };
}

/// Logits of one batch; every caller passes the same batches, so that equal networks give equal bits.
at::Tensor batchLogits(const Forward& forward, std::int64_t begin, std::int64_t end)
{
    const at::Tensor out = forward(begin, end);
    check(out.dim() == 2, ErrorCode::Unsupported, "the network's output has the shape ", shapeText(out.sizes()),
          ", [images, classes] is needed");
    check(at::isfinite(out).all().item<bool>(), ErrorCode::NonFinite, "the network's output for images ", begin, " to ",
          end - 1, " is not finite");
    return out;
}

at::Tensor crossEntropies(const at::Tensor& logits, const at::Tensor& labels)
{
    return -at::log_softmax(logits.to(at::kDouble), 1).gather(1, labels.unsqueeze(1)).squeeze(1);
}

Evaluation evaluateSet(const Forward& forward, const ImageSet& set, const RunControl& control, const std::string& what)
{
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
        const at::Tensor y = batchLogits(forward, begin, end);
        const std::int64_t classes = y.size(1);
        check(highestLabel < classes, ErrorCode::Usage, "the data has the class ", highestLabel, ", the network has ", classes,
              " outputs");
        out.classCorrect.resize(static_cast<std::size_t>(classes));
        out.classTotal.resize(static_cast<std::size_t>(classes));
        const at::Tensor labels = set.labelBatch(begin, end).contiguous(), best = y.argmax(1);
        for (std::int64_t i = 0; i < end - begin; ++i) {
            const std::int64_t label = labels.data_ptr<std::int64_t>()[i], guess = best.data_ptr<std::int64_t>()[i];
            predictions.push_back(static_cast<std::int32_t>(guess));
            ++out.classTotal[static_cast<std::size_t>(label)];
            out.classCorrect[static_cast<std::size_t>(label)] += guess == label;
            out.correct += guess == label;
        }
        if (classes >= kClassesForTop5) {
            const at::Tensor five = std::get<1>(y.topk(5, 1));
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

at::Tensor logitsOf(const Forward& forward, const ImageSet& set, const RunControl& control)
{
    NoGrad noGrad;
    check(set.size() > 0, ErrorCode::Usage, "no images to run the network on");
    std::vector<at::Tensor> out;
    for (std::int64_t begin = 0; begin < set.size(); begin += kBatch) {
        control.throwIfCancelled();
        out.push_back(batchLogits(forward, begin, std::min(begin + kBatch, set.size())));
    }
    return at::cat(out);
}

} // namespace

Evaluation evaluate(const Graph& graph, const Overlay& overlay, const EvaluationSet& images, const RunControl& control,
                    const std::string& what)
{
    return evaluateSet(wholeNetwork(graph, overlay, images.set), images.set, control, what);
}

Evaluation evaluate(const Overlay& overlay, PrefixMemo& memo, const std::vector<std::string>& ids, const EvaluationSet& images,
                    const RunControl& control, const std::string& what)
{
    return evaluateSet([&](std::int64_t begin, std::int64_t end) { return memo.logits(images.set, begin, end, overlay, ids); },
                       images.set, control, what);
}

Evaluation evaluate(const Graph& graph, const Overlay& overlay, const HoldOutSet& images, const RunControl& control,
                    const std::string& what)
{
    return evaluateSet(wholeNetwork(graph, overlay, images.set), images.set, control, what);
}

at::Tensor topOne(const Graph& graph, const ImageSet& set, const RunControl& control)
{
    return logits(graph, {}, set, control).argmax(1);
}

at::Tensor logits(const Graph& graph, const Overlay& overlay, const ImageSet& set, const RunControl& control)
{
    return logitsOf(wholeNetwork(graph, overlay, set), set, control);
}

at::Tensor logits(const Overlay& overlay, PrefixMemo& memo, const std::vector<std::string>& ids, const ImageSet& set,
                  const RunControl& control)
{
    return logitsOf([&](std::int64_t begin, std::int64_t end) { return memo.logits(set, begin, end, overlay, ids); }, set, control);
}

double meanKl(const at::Tensor& referenceLogits, const at::Tensor& logits)
{
    NoGrad noGrad;
    check(referenceLogits.sizes() == logits.sizes() && logits.dim() == 2 && logits.size(0) > 0, ErrorCode::ShapeMismatch,
          "logits of the shapes ", shapeText(referenceLogits.sizes()), " and ", shapeText(logits.sizes()),
          " cannot be compared");
    const at::Tensor logP = at::log_softmax(referenceLogits.to(at::kDouble), 1);
    const at::Tensor logQ = at::log_softmax(logits.to(at::kDouble), 1);
    // Never negative but for rounding.
    return std::max(0.0, (logP.exp() * (logP - logQ)).sum(1).mean().item<double>());
}

double meanCrossEntropy(const at::Tensor& logits, const at::Tensor& labels)
{
    NoGrad noGrad;
    return crossEntropies(logits, labels).mean().item<double>();
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sensitivity/curvature.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/evaluate/likelihood.h"
#include "core/exec/executor.h"
#include "core/exec/input_statistics.h"
#include "core/graph/windows.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

constexpr std::int64_t kChunkNumbers = std::int64_t(1) << 23; // 32 MB of float32: what per-image gradients may take

/// A node's input as columns, [N, groups, K, P], and its output gradient as [N, groups, O / groups, P].
struct PerImage {
    at::Tensor columns, gradient;
};

PerImage perImage(const Node& node, const at::Tensor& weight, const at::Tensor& x, const at::Tensor& dy)
{
    const std::int64_t images = x.size(0), outputs = weight.size(0), perOutput = weight.numel() / outputs;
    if (node.op == Op::Linear)
        return {x.reshape({images, 1, -1, perOutput}).transpose(2, 3), dy.reshape({images, 1, -1, outputs}).transpose(2, 3)};
    const std::int64_t groups = node.integer("groups", 1);
    const std::vector<Window> windows = windowsOf(node, weight.sizes());
    if (node.op != Op::Conv2d || !symmetric(windows)) {
        const at::Tensor rows = inputPatches(node, weight, x); // [g, N * P, K]
        return {rows.reshape({groups, images, -1, perOutput}).permute({1, 0, 3, 2}), dy.reshape({images, groups, outputs / groups, -1})};
    }
    const Window &down = windows[0], &across = windows[1];
    const at::Tensor columns = at::im2col(x, {down.kernel, across.kernel}, {down.dilation, across.dilation}, {down.before, across.before},
                                          {down.stride, across.stride}); // [N, I * kH * kW, P]
    return {columns.reshape({images, groups, perOutput, -1}), dy.reshape({images, groups, outputs / groups, -1})};
}

/// Adds the squares of each image's weight gradient, summed over the nodes that share the weight, to sum [g, O / g, K].
void addSquares(at::Tensor& sum, const std::vector<PerImage>& uses)
{
    const at::Tensor &columns = uses[0].columns, &gradient = uses[0].gradient;
    const std::int64_t images = columns.size(0), groups = columns.size(1), k = columns.size(2);
    const std::int64_t outputs = gradient.size(2);
    if (uses.size() == 1 && columns.size(3) == 1) { // an outer product: its square is the product of squares
        sum += at::bmm(gradient.select(3, 0).square().permute({1, 2, 0}), columns.select(3, 0).square().permute({1, 0, 2}));
        return;
    }
    at::Tensor perImage;
    for (const PerImage& use : uses) {
        const std::int64_t positions = use.columns.size(3);
        const at::Tensor one = at::bmm(use.gradient.reshape({images * groups, outputs, positions}),
                                       use.columns.reshape({images * groups, k, positions}).transpose(1, 2));
        perImage = perImage.defined() ? perImage + one : one;
    }
    sum += perImage.square_().reshape({images, groups, outputs, k}).sum(0);
}

} // namespace

TraceEstimate gaussNewtonTraces(const Graph& graph, const ImageSet& set, int probes, std::uint64_t seed,
                                std::int64_t batch, const RunControl& run, const Tick& tick)
{
    check(probes >= 2, ErrorCode::Usage, "the Gauss-Newton trace needs at least 2 probes, got ", probes);
    const std::vector<Layer> layers = graph.layers();
    Overlay overlay;
    std::vector<at::Tensor> weights;
    for (const Layer& layer : layers) {
        weights.push_back(graph.parameter(layer.parameter).detach().set_requires_grad(true));
        overlay.parameters[layer.parameter] = weights.back();
    }
    const auto n = static_cast<std::size_t>(probes);
    std::vector<std::vector<double>> sums(layers.size(), std::vector<double>(n, 0));
    for (std::int64_t begin = 0; begin < set.size(); begin += batch) {
        run.throwIfCancelled();
        const std::int64_t end = std::min(set.size(), begin + batch);
        const GradMode grad(true);
        const at::Tensor logits = forward(graph, set.batch(begin, end), overlay);
        const at::Tensor p = at::softmax(logits.detach(), -1);
        tick(1, end - begin);
        for (int k = 0; k < probes; ++k) {
            run.throwIfCancelled();
            auto random = generator(seed, "gauss-newton", {begin, k});
            const at::Tensor v = at::randn(p.sizes(), random, p.options());
            const at::Tensor u = fisherRoot(p, v);
            const auto gradient = gradients({(logits * u).sum()}, weights, false, /*retainGraph=*/k + 1 < probes);
            for (std::size_t l = 0; l < layers.size(); ++l)
                if (gradient[l].defined())
                    sums[l][static_cast<std::size_t>(k)] += gradient[l].to(at::kDouble).square().sum().item<double>();
            tick(2, end - begin);
        }
    }
    TraceEstimate out;
    for (const std::vector<double>& perProbe : sums) {
        double mean = 0, variance = 0;
        for (const double s : perProbe)
            mean += s / double(set.size()) / probes;
        for (const double s : perProbe)
            variance += std::pow(s / double(set.size()) - mean, 2) / (probes - 1);
        out.trace.push_back(mean);
        out.standardError.push_back(std::sqrt(variance / probes));
    }
    return out;
}

std::vector<at::Tensor> fisherDiagonals(const Graph& graph, const ImageSet& set, std::int64_t batch, const RunControl& run,
                                        const Tick& tick)
{
    const std::vector<Layer> layers = graph.layers();
    std::vector<ValueId> outputs, fetches{graph.outputs.at(0)};
    std::vector<at::Tensor> sums;
    for (const Layer& layer : layers) {
        const at::Tensor& w = graph.parameter(layer.parameter);
        sums.push_back(at::zeros({layer.groups, w.size(0) / layer.groups, w.numel() / w.size(0)}));
        for (const std::size_t i : layer.nodes) {
            fetches.push_back(graph.nodes[i].inputs[0]);
            outputs.push_back(graph.nodes[i].outputs[0]);
        }
    }
    for (std::int64_t begin = 0; begin < set.size(); begin += batch) {
        run.throwIfCancelled();
        const std::int64_t end = std::min(set.size(), begin + batch);
        std::unordered_map<ValueId, at::Tensor> taps; // layer outputs; the first on a path becomes a leaf
        Overlay overlay;
        for (const ValueId v : outputs)
            overlay.values[v] = [&taps, v](const at::Tensor& t) {
                const at::Tensor tap = t.requires_grad() ? t : t.detach().set_requires_grad(true);
                taps[v] = tap;
                return tap;
            };
        const GradMode grad(true);
        const ValueMap values = execute(graph, {{graph.inputs.at(0), set.batch(begin, end)}}, fetches, overlay);
        const at::Tensor logits = values.at(graph.outputs[0]);
        const at::Tensor labels = set.labels.defined() ? set.labelBatch(begin, end) : scores(logits.detach()).argmax(1);
        const at::Tensor loss = logLikelihood(at::log_softmax(logits, -1), labels).sum().neg();
        std::vector<at::Tensor> tapped;
        for (const ValueId v : outputs)
            tapped.push_back(taps.at(v));
        const std::vector<at::Tensor> all = gradients({loss}, tapped);
        const NoGrad noGrad;
        std::size_t use = 0;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            run.throwIfCancelled();
            const at::Tensor& w = graph.parameter(layers[l].parameter);
            const std::size_t first = use;
            use += layers[l].nodes.size();
            const std::int64_t chunk = std::clamp<std::int64_t>(kChunkNumbers / w.numel(), 1, end - begin);
            for (std::int64_t from = 0; from < end - begin; from += chunk) {
                std::vector<PerImage> uses;
                for (std::size_t i = 0; i < layers[l].nodes.size(); ++i)
                    if (const at::Tensor& dy = all[first + i]; dy.defined()) {
                        const Node& node = graph.nodes[layers[l].nodes[i]];
                        uses.push_back(perImage(node, w, values.at(node.inputs[0]).detach().slice(0, from, from + chunk),
                                                dy.slice(0, from, from + chunk)));
                    }
                if (!uses.empty())
                    addSquares(sums[l], uses);
            }
        }
        tick(3, end - begin);
    }
    for (std::size_t l = 0; l < layers.size(); ++l)
        sums[l] = sums[l].div_(double(set.size())).reshape(graph.parameter(layers[l].parameter).sizes());
    return sums;
}

} // namespace mprdo

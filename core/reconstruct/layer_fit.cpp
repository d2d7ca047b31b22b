// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/layer_fit.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kRows = 2048; ///< positions that are worth a product of their own

/// The addition inside the block that alone reads value, and its other summand.
struct Addition {
    ValueId sum = -1, other = -1;
};
Addition onlyAddition(const Graph& graph, const Block& block, ValueId value)
{
    Addition found;
    int readers = 0;
    for (const Node& node : graph.nodes)
        for (const ValueId v : node.inputs)
            readers += v == value;
    if (readers != 1)
        return found;
    for (std::size_t n = block.begin; n < block.end; ++n) {
        const Node& node = graph.nodes[n];
        if (node.op != Op::Add || (node.inputs[0] != value && node.inputs[1] != value))
            continue;
        found.sum = node.outputs[0];
        found.other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
    }
    return found;
}

} // namespace

std::int64_t positionsFor(Effort effort, std::int64_t k)
{
    const std::int64_t each = effort == Effort::Fast ? 32 : effort == Effort::Normal ? 64 : 256;
    return std::max<std::int64_t>(16384, each * k);
}

bool readsBlockInput(const BlockTask& task, const Layer& layer)
{
    return std::all_of(layer.nodes.begin(), layer.nodes.end(), [&](std::size_t n) {
        const Node& node = task.graph.nodes[n];
        return node.inputs[0] == task.block.input && onlyAddition(task.graph, task.block, node.outputs[0]).sum < 0;
    });
}

LayerMoments layerMoments(const BlockTask& task, const QuantizedModel& model, const Layer& layer, Effort effort)
{
    NoGrad noGrad;
    LayerMoments moments;
    const Overlay overlay = model.overlay();
    const at::Tensor& weight = task.graph.parameter(layer.parameter);
    const std::int64_t keep = positionsFor(effort, weight.numel() / weight.size(0));
    const std::int64_t images = task.calibration.quantized.size(0);
    for (const std::size_t n : layer.nodes) {
        if (n < task.block.begin || n >= task.block.end)
            continue;
        const Node& node = task.graph.nodes[n];
        const Addition addition = onlyAddition(task.graph, task.block, node.outputs[0]);
        std::vector<at::Tensor> inputs, targets; // of several batches: a sum of K x K is added for each call, however few the rows
        std::int64_t held = 0;
        for (std::int64_t b = 0; b < images; b += kBatch) {
            task.run.throwIfCancelled();
            const std::int64_t e = std::min(images, b + kBatch);
            std::vector<ValueId> fromQuantized{node.inputs[0]};
            if (addition.other >= 0)
                fromQuantized.push_back(addition.other);
            const ValueId wanted = addition.sum >= 0 ? addition.sum : node.outputs[0];
            const ValueMap q = execute(task.graph, {{task.block.input, task.calibration.quantized.slice(0, b, e)}},
                                       fromQuantized, overlay);
            at::Tensor target
                = execute(task.graph, {{task.block.input, task.calibration.fp.slice(0, b, e)}}, {wanted}).at(wanted);
            if (addition.other >= 0)
                target = target - q.at(addition.other);
            inputs.push_back(q.at(node.inputs[0]));
            targets.push_back(target);
            held += e - b;
            if (target.numel() / target.size(1) * std::int64_t(targets.size()) < kRows && e < images)
                continue;
            moments.add(node, weight, at::cat(inputs), at::cat(targets), std::max<std::int64_t>(1, keep * held / images));
            inputs.clear();
            targets.clear();
            held = 0;
        }
    }
    return moments;
}

LayerFit::LayerFit(const Graph& graph, const Layer& layer, const LayerMoments& moments, const CompensationOptions& options,
                   double aim, const RunControl& run)
    : m_moments(moments)
    , m_shape(graph.parameter(layer.parameter).sizes().vec())
    , m_weight(graph.parameter(layer.parameter).reshape({m_shape[0], -1}))
{
    NoGrad noGrad;
    const at::Tensor covariance = moments.covariance(), cross = moments.crossCovariance();
    const std::int64_t groups = covariance.size(0), each = m_shape[0] / groups;
    std::vector<at::Tensor> aims;
    for (std::int64_t g = 0; g < groups; ++g) {
        m_rounders.emplace_back(covariance[g], options, run);
        const at::Tensor w = m_weight.slice(0, g * each, (g + 1) * each).to(at::kDouble);
        const at::Tensor best = m_rounders.back().leastSquares(w, cross.slice(0, g * each, (g + 1) * each));
        aims.push_back(w + aim * (best - w));
    }
    m_aim = at::cat(aims).to(at::kFloat);
}

template <class F>
at::Tensor LayerFit::perGroup(F&& f) const
{
    const std::int64_t groups = static_cast<std::int64_t>(m_rounders.size()), each = m_shape[0] / groups;
    std::vector<at::Tensor> parts;
    for (std::int64_t g = 0; g < groups; ++g)
        parts.push_back(f(m_rounders[std::size_t(g)], [&](const at::Tensor& t) { return t.slice(0, g * each, (g + 1) * each); }));
    return parts.size() == 1 ? parts[0] : at::cat(parts);
}

at::Tensor LayerFit::error(const at::Tensor& rows) const
{
    return perGroup([&](const CompensatedRounder& r, auto part) { return r.error(part(rows) - part(m_aim)); });
}

at::Tensor LayerFit::error(const at::Tensor& rows, const at::Tensor& bias) const
{
    return error(rows) + (bestBias(rows) - bias).square();
}

at::Tensor LayerFit::importance() const
{
    const at::Tensor diagonal = m_moments.covariance().diagonal(0, 1, 2); // [groups, K]
    const std::int64_t each = m_shape[0] / diagonal.size(0);
    return diagonal.repeat_interleave(each, 0).to(at::kFloat).reshape(m_shape);
}

at::Tensor LayerFit::round(const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin, std::int64_t qMax,
                           const RunControl& run) const
{
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.round(part(m_aim), part(scale), part(zeroPoint), qMin, qMax, run);
    });
}

at::Tensor LayerFit::descend(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin,
                             std::int64_t qMax, const RunControl& run) const
{
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.descend(part(m_aim), part(codes), part(scale), part(zeroPoint), qMin, qMax, run);
    });
}

at::Tensor LayerFit::bestScale(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint) const
{
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.bestScale(part(m_aim), part(codes), part(scale), part(zeroPoint));
    });
}

} // namespace mprdo

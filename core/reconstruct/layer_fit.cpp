// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/layer_fit.h"
#include "core/reconstruct/wanted_output.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kRows = 2048; ///< positions that are worth a product of their own

} // namespace

std::int64_t positionsFor(Effort effort, std::int64_t k)
{
    const std::int64_t each = effort == Effort::Fast ? 32 : effort == Effort::Normal ? 64 : 256;
    return std::max<std::int64_t>(16384, each * k);
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
        const WantedOutput wanted = wantedOutput(task.graph, task.block, node);
        std::vector<at::Tensor> inputs, targets; // of several batches: a sum of K x K is added for each call, however few the rows
        std::int64_t held = 0;
        for (std::int64_t b = 0; b < images; b += kBatch) {
            task.run.throwIfCancelled();
            const std::int64_t e = std::min(images, b + kBatch);
            std::vector<ValueId> fromQuantized{node.inputs[0]};
            if (wanted.other >= 0)
                fromQuantized.push_back(wanted.other);
            const ValueMap q = execute(task.graph, {{task.block.input, task.calibration.quantized.slice(0, b, e)}},
                                       fromQuantized, overlay);
            at::Tensor target = task.calibration.wanted.at(wanted.value).slice(0, b, e);
            if (wanted.other >= 0)
                target = target - q.at(wanted.other);
            inputs.push_back(q.at(node.inputs[0]));
            targets.push_back(target);
            held += e - b;
            const std::int64_t channels = target.size(node.op == Op::Linear ? -1 : 1);
            if (target.numel() / channels * std::int64_t(targets.size()) < kRows && e < images)
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
                   const RunControl& run)
    : m_moments(moments)
    , m_shape(graph.parameter(layer.parameter).sizes().vec())
    , m_weight(graph.parameter(layer.parameter).reshape({m_shape[0], -1}))
{
    NoGrad noGrad;
    const at::Tensor covariance = moments.covariance(), cross = moments.crossCovariance();
    const std::int64_t groups = covariance.size(0), each = m_shape[0] / groups;
    if (GroupedRounder::suits(groups, covariance.size(1))) {
        m_grouped.emplace(covariance, options, run);
        m_leastSquares = m_grouped->leastSquares(m_weight, cross);
        setAim(1);
        return;
    }
    std::vector<at::Tensor> solved;
    for (std::int64_t g = 0; g < groups; ++g) {
        m_rounders.emplace_back(covariance[g], options, run);
        const at::Tensor w = m_weight.slice(0, g * each, (g + 1) * each).to(at::kDouble);
        solved.push_back(m_rounders.back().leastSquares(w, cross.slice(0, g * each, (g + 1) * each)));
    }
    m_leastSquares = at::cat(solved);
    setAim(1);
}

void LayerFit::setAim(double aim)
{
    NoGrad noGrad;
    const at::Tensor w = m_weight.to(at::kDouble);
    m_aim = (w + aim * (m_leastSquares - w)).to(at::kFloat);
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
    if (m_grouped)
        return m_grouped->error(rows - m_aim);
    return perGroup([&](const CompensatedRounder& r, auto part) { return r.error(part(rows) - part(m_aim)); });
}

at::Tensor LayerFit::error(const at::Tensor& rows, const at::Tensor& bias) const
{
    return error(rows) + (bestBias(rows) - bias).square();
}

at::Tensor LayerFit::importance() const
{
    const at::Tensor diagonal = m_moments.variance(); // [groups, K]
    const std::int64_t each = m_shape[0] / diagonal.size(0);
    return diagonal.repeat_interleave(each, 0).to(at::kFloat).reshape(m_shape);
}

at::Tensor LayerFit::round(const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin, std::int64_t qMax,
                           const RunControl& run, const CodeRate* rate) const
{
    if (m_grouped)
        return m_grouped->round(m_aim, scale, zeroPoint, qMin, qMax, run, rate);
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.round(part(m_aim), part(scale), part(zeroPoint), qMin, qMax, run, rate);
    });
}

CodeRate LayerFit::rateOf(const at::Tensor& codes, const at::Tensor& zeroPoint, double lambda, double error) const
{
    const at::Tensor offsets = codes - zeroPoint.unsqueeze(1);
    const at::Tensor live = m_grouped ? offsets.masked_select(m_grouped->live(offsets.size(0))) : perGroup([&](const CompensatedRounder& r, auto part) { return r.live(part(offsets)).flatten(); });
    return {live, lambda * highRateSlope(error, double(live.numel()))};
}

at::Tensor LayerFit::cost(const CodeRate& rate, const at::Tensor& codes, const at::Tensor& zeroPoint) const
{
    const at::Tensor offsets = codes - zeroPoint.unsqueeze(1);
    if (m_grouped)
        return (rate.costs(offsets) * m_grouped->live(offsets.size(0))).sum(1, false, at::kDouble);
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return rate.costs(r.live(part(offsets))).sum(1, false, at::kDouble);
    });
}

at::Tensor LayerFit::descend(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin,
                             std::int64_t qMax, const RunControl& run, const CodeRate* rate) const
{
    if (m_grouped)
        return m_grouped->descend(m_aim, codes, scale, zeroPoint, qMin, qMax, run, rate);
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.descend(part(m_aim), part(codes), part(scale), part(zeroPoint), qMin, qMax, run, rate);
    });
}

at::Tensor LayerFit::bestScale(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint) const
{
    if (m_grouped)
        return m_grouped->bestScale(m_aim, codes, scale, zeroPoint);
    return perGroup([&](const CompensatedRounder& r, auto part) {
        return r.bestScale(part(m_aim), part(codes), part(scale), part(zeroPoint));
    });
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/naive_baseline.h"
#include "core/graph/op_table.h"

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 128;
constexpr Bits kBits = 8;

} // namespace

NaiveBaseline naiveEightBits(std::shared_ptr<const Graph> graph, const CalibrationSet& calibration, const RunControl& control,
                             const NaiveChoice& choice)
{
    NoGrad noGrad;
    NaiveBaseline out;
    std::unordered_map<ValueId, std::pair<at::Tensor, at::Tensor>> ranges; // lowest, highest, [1] each
    Overlay observe;
    for (const Node& node : graph->nodes)
        if (choice.activations && !opRow(node.op).movesValues)
            for (const ValueId value : node.outputs)
                if (choice.leave.count(value) == 0)
                    observe.values[value] = [&ranges, value](const at::Tensor& x) {
                    const at::Tensor low = x.min().view({1}), high = x.max().view({1});
                    const auto [it, first] = ranges.try_emplace(value, low, high);
                    if (!first)
                        it->second = {at::minimum(it->second.first, low), at::maximum(it->second.second, high)};
                    return x;
                };
    const std::int64_t count = calibration.set.size();
    for (std::int64_t begin = 0; choice.activations && begin < count; begin += kBatch) {
        control.throwIfCancelled();
        forward(*graph, calibration.set.batch(begin, std::min(begin + kBatch, count)), observe);
    }
    for (const Layer& layer : choice.weights ? graph->layers() : std::vector<Layer>()) {
        const at::Tensor& w = graph->parameter(layer.parameter);
        const Grid grid = minMaxGrid(w, kBits, /*symmetric=*/false, choice.perChannel ? layer.axis : -1);
        out.weights.weights[layer.parameter] = {grid, quantize(w, grid)};
    }
    out.weights.graph = std::move(graph);
    out.overlay = out.weights.overlay();
    for (const auto& [value, range] : ranges) {
        const Grid grid = gridForRange(range.first, range.second, kBits, /*symmetric=*/false, /*axis=*/-1);
        out.overlay.values[value] = [grid](const at::Tensor& x) { return fakeQuantize(x, grid); };
    }
    return out;
}

} // namespace mprdo

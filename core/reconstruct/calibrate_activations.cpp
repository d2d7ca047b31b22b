// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/calibrate_activations.h"
#include "core/base/error.h"
#include "core/evaluate/evaluator.h"
#include "core/quant/activation_grid.h"
#include <algorithm>
#include <optional>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 128, kJudging = 512;
constexpr std::int64_t kSampled = 1 << 19; ///< values of an activation that decide its range
constexpr Bits kEnds = 8;

/// Gathers one value batch by batch.
struct Watch {
    std::vector<at::Tensor> parts;
    double lowest = 0, highest = 0;
    bool first = true;

    /// images: how many there are in all, for the share of each that is kept.
    void see(const at::Tensor& x, std::int64_t images)
    {
        const double low = x.min().item<double>(), high = x.max().item<double>();
        lowest = first ? low : std::min(lowest, low);
        highest = first ? high : std::max(highest, high);
        first = false;
        const std::int64_t all = x.numel() / x.size(0) * images;
        const std::int64_t step = std::max<std::int64_t>(1, all / kSampled) | 1; // odd: goes through every column of a map
        parts.push_back(x.reshape({-1}).slice(0, 0, x.numel(), step).clone());
    }
    ActivationSample sample() const { return {at::cat(parts), lowest, highest}; }
};

Bits widthOf(const Graph& graph, ValueId value, Bits bits)
{
    const std::vector<Layer> layers = graph.layers();
    const bool last = activationOf(graph, graph.nodes[layers.back().nodes.back()]) == value;
    return value == graph.inputs.at(0) || last ? std::max(bits, kEnds) : bits;
}

} // namespace

ActivationGrids calibrateActivations(const Graph& graph, const CalibrationSet& calibration, const HoldOutSet& holdOut, Bits bits,
                                     RangeRule rule, const RunControl& control)
{
    NoGrad noGrad;
    std::map<ValueId, Watch> watches;
    std::vector<ValueId> wanted = activationsOfLayers(graph);
    for (const ValueId value : wanted)
        watches[value];
    const std::int64_t count = calibration.set.size();
    for (std::int64_t begin = 0; begin < count; begin += kBatch) {
        control.throwIfCancelled();
        const at::Tensor images = calibration.set.batch(begin, std::min(begin + kBatch, count));
        const ValueMap seen = execute(graph, {{graph.inputs.at(0), images}}, wanted);
        for (auto& [value, watch] : watches)
            watch.see(seen.at(value), count);
    }
    std::map<ValueId, ActivationSample> samples;
    for (const auto& [value, watch] : watches)
        samples[value] = watch.sample();
    watches.clear();

    const ImageSet judging = holdOut.set.slice(0, std::min(holdOut.set.size(), kJudging));
    const at::Tensor reference = logits(graph, {}, judging, control);
    std::optional<ActivationGrids> best;
    for (const RangeRule candidate : rule == RangeRule::Auto
                                         ? std::vector<RangeRule>{RangeRule::MinMax, RangeRule::Percentile, RangeRule::Mse}
                                         : std::vector<RangeRule>{rule}) {
        QuantizedModel model;
        for (const auto& [value, sample] : samples) {
            control.throwIfCancelled();
            model.activations[value] = activationGrid(sample, widthOf(graph, value, bits), candidate);
        }
        const double kl = meanKl(reference, logits(graph, model.overlay(), judging, control));
        if (!best || kl < best->holdOutKl)
            best = ActivationGrids{std::move(model.activations), candidate, kl};
    }
    return *best;
}

} // namespace mprdo

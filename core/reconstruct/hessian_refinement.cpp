// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 5.
#include "core/base/hash.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/layer_fit.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr Bits kNarrow = 2; ///< up to here calibration images are too few and one rounding of a block is not the best

/// Per row the better of two roundings.
struct RowChoice {
    at::Tensor codes, scale, zeroPoint, error; ///< error: with the rate, where it counts

    void take(const RowChoice& other)
    {
        if (!error.defined()) {
            *this = other;
            return;
        }
        const at::Tensor better = other.error < error;
        codes = at::where(better.unsqueeze(1), other.codes, codes);
        scale = at::where(better, other.scale, scale);
        zeroPoint = at::where(better, other.zeroPoint, zeroPoint);
        error = at::where(better, other.error, error);
    }
};

/// Scales are tried around the start's: what is best for nearest rounding is not what is best under compensation.
std::vector<double> factorsFor(Bits bits, Effort effort, bool coded)
{
    if (coded) // a wider step is not bound to clip less: it makes the bits fewer
        return {1.0, 0.85, 1.2, 1.45, 1.75};
    if (bits >= 6)
        return {1.0, 0.95};
    if (effort == Effort::Fast)
        return {1.0, 0.9};
    if (bits >= 4)
        return {1.0, 0.85, 0.92, 1.08};
    return {1.0, 0.65, 0.75, 0.85, 0.92, 1.08, 1.17};
}

std::vector<double> aimsBeyondPlain(Effort effort)
{
    return effort == Effort::Best ? std::vector<double>{0.5, 1} : std::vector<double>{1};
}

QuantizedTensor refineLayer(const LayerFit& fit, const QuantizedTensor& start, Effort effort, double lambda,
                            const RunControl& run)
{
    const std::int64_t outputs = fit.weight().size(0);
    const std::int64_t qMin = start.grid.qMin(), qMax = start.grid.qMax();
    const at::Tensor scale = start.grid.scale.expand({outputs}).contiguous();
    const at::Tensor zeroPoint = start.grid.zeroPoint.expand({outputs}).contiguous();
    std::optional<CodeRate> rate;
    const auto judge = [&](RowChoice& c) {
        c.error = fit.error(valuesOf(c.codes, c.scale, c.zeroPoint));
        if (rate)
            c.error += fit.cost(*rate, c.codes, c.zeroPoint);
    };
    RowChoice best;
    const auto attempt = [&](const at::Tensor& s, const at::Tensor& z) {
        RowChoice c{fit.round(s, z, qMin, qMax, run, rate ? &*rate : nullptr), s, z, {}};
        judge(c);
        best.take(c);
    };
    if (lambda > 0) {
        attempt(scale, zeroPoint);
        const double error = best.error.sum().item<double>();
        for (int round = 0; round < 2; ++round) { // bits for the codes, then the codes for the bits
            rate.emplace(fit.rateOf(best.codes, best.zeroPoint, lambda, error));
            best = {};
            attempt(scale, zeroPoint);
        }
    }
    for (const double factor : factorsFor(start.grid.bits, effort, lambda > 0))
        attempt(storableScale(scale * factor), zeroPoint);
    if (!start.grid.symmetric && start.grid.bits <= 4)
        for (const double shift : {-1.0, 1.0}) // narrow affine grids: where zero lies matters
            attempt(best.scale, (best.zeroPoint + shift).clamp(0, double(qMax)));
    for (int round = 0; round < 3; ++round) { // codes for the scale, then the scale for the codes
        RowChoice c = best;
        c.codes = fit.descend(c.codes, c.scale, c.zeroPoint, qMin, qMax, run, rate ? &*rate : nullptr);
        judge(c);
        best.take(c);
        c = best;
        c.scale = fit.bestScale(c.codes, c.scale, c.zeroPoint);
        judge(c);
        best.take(c);
    }
    QuantizedTensor out = start;
    out.grid.scale = best.scale;
    out.grid.zeroPoint = best.zeroPoint;
    out.codes = best.codes.reshape(start.codes.sizes());
    return out;
}

/// Layer by layer, each on inputs from the block's earlier ones as they have become. Making up for the prefix's error can fit
/// the calibration images too closely: held-out images choose between both aims.
QuantizedModel refineBlock(const BlockTask& task, QuantizedModel model, const ReconstructOptions& options)
{
    for (const std::size_t l : task.block.layers) {
        const Layer& layer = task.layers[l];
        const auto weight = model.weights.find(layer.parameter);
        if (weight == model.weights.end())
            continue;
        LayerFit fit(task.graph, layer, layerMoments(task, model, layer, options.effort), {}, task.run);
        const auto refined = [&](double aim) {
            fit.setAim(aim);
            QuantizedModel out = model;
            QuantizedTensor& q = out.weights.at(layer.parameter);
            q = refineLayer(fit, q, options.effort, options.lambda, task.run);
            const at::Tensor rows = q.values().reshape({fit.weight().size(0), -1});
            if (const std::optional<std::string> bias = correctedBias(task.graph, layer))
                out.biases[*bias] = fit.bestBias(rows).to(at::kFloat);
            return out;
        };
        QuantizedModel best = refined(0);
        for (const double aim : aimsBeyondPlain(options.effort))
            if (QuantizedModel next = refined(aim); task.quicklyFalls(best, next, options.lambda))
                best = std::move(next);
        model = std::move(best);
    }
    return model;
}

bool isNarrow(const QuantizedModel& model, const Layer& layer)
{
    const auto it = model.weights.find(layer.parameter);
    return it != model.weights.end() && it->second.grid.bits <= kNarrow;
}

/// Once more from the grids that the first time found, where layers are narrow; held-out images choose.
QuantizedModel refineTwice(const BlockTask& task, const QuantizedModel& model, const ReconstructOptions& options)
{
    QuantizedModel first = refineBlock(task, model, options);
    const bool narrow = std::any_of(task.block.layers.begin(), task.block.layers.end(),
                                    [&](std::size_t l) { return isNarrow(model, task.layers[l]); });
    if (!narrow || options.effort == Effort::Fast || !task.falls(model, first, options.lambda))
        return first;
    QuantizedModel second = refineBlock(task, first, options);
    return task.falls(first, second, options.lambda) ? second : first;
}

} // namespace

ReconstructResult refineHessian(const ReconstructInput& in, const QuantizedModel& start, const ReconstructOptions& options,
                                ArtefactCache& cache, const RunControl& run)
{
    const std::string hash = Hash().add(name(options.effort)).add(options.lambda).hex();
    const std::vector<Layer> layers = in.graph->layers();
    const bool mirrored = options.effort != Effort::Fast
                          && std::any_of(layers.begin(), layers.end(), [&](const Layer& l) { return isNarrow(start, l); });
    return walkBlocks(Stage::Hessian, in, start, hash, options, cache, run,
                      [&](const BlockTask& task, const QuantizedModel& model, StageRecord&) {
                          return refineTwice(task, model, options);
                      },
                      mirrored);
}

} // namespace mprdo

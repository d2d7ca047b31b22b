// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 5.
#include "core/base/hash.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/layer_fit.h"
#include <map>

namespace mprdo {
namespace {

/// Per row the better of two roundings.
struct RowChoice {
    at::Tensor codes, scale, zeroPoint, error;

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
std::vector<double> factorsFor(Bits bits, Effort effort)
{
    if (bits >= 6)
        return {1.0, 0.95};
    if (effort == Effort::Fast)
        return {1.0, 0.9};
    if (bits >= 4)
        return {1.0, 0.85, 0.92, 1.08};
    return {1.0, 0.65, 0.75, 0.85, 0.92, 1.08, 1.17};
}

QuantizedTensor refineLayer(const LayerFit& fit, const QuantizedTensor& start, Effort effort, const RunControl& run)
{
    const std::int64_t outputs = fit.weight().size(0);
    const std::int64_t qMin = start.grid.qMin(), qMax = start.grid.qMax();
    const at::Tensor scale = start.grid.scale.expand({outputs}).contiguous();
    const at::Tensor zeroPoint = start.grid.zeroPoint.expand({outputs}).contiguous();
    RowChoice best;
    const auto attempt = [&](const at::Tensor& s, const at::Tensor& z) {
        RowChoice c{fit.round(s, z, qMin, qMax, run), s, z, {}};
        c.error = fit.error(valuesOf(c.codes, s, z));
        best.take(c);
    };
    for (const double factor : factorsFor(start.grid.bits, effort))
        attempt(storableScale(scale * factor), zeroPoint);
    if (!start.grid.symmetric && start.grid.bits <= 4)
        for (const double shift : {-1.0, 1.0}) // narrow affine grids: where zero lies matters
            attempt(best.scale, (best.zeroPoint + shift).clamp(0, double(qMax)));
    for (int round = 0; round < 3; ++round) { // codes for the scale, then the scale for the codes
        RowChoice c = best;
        c.codes = fit.descend(c.codes, c.scale, c.zeroPoint, qMin, qMax, run);
        c.error = fit.error(valuesOf(c.codes, c.scale, c.zeroPoint));
        best.take(c);
        c = best;
        c.scale = fit.bestScale(c.codes, c.scale, c.zeroPoint);
        c.error = fit.error(valuesOf(c.codes, c.scale, c.zeroPoint));
        best.take(c);
    }
    QuantizedTensor out = start;
    out.grid.scale = best.scale;
    out.grid.zeroPoint = best.zeroPoint;
    out.codes = best.codes.reshape(start.codes.sizes());
    return out;
}

using Moments = std::map<std::size_t, LayerMoments>; ///< by layer

/// known: moments that do not depend on the aim, found and added to.
QuantizedModel refineBlock(const BlockTask& task, const QuantizedModel& start, double aim, const ReconstructOptions& options,
                           Moments& known)
{
    QuantizedModel model = start;
    for (const std::size_t l : task.block.layers) {
        const Layer& layer = task.layers[l];
        const auto weight = model.weights.find(layer.parameter);
        if (weight == model.weights.end())
            continue;
        LayerMoments moments;
        if (const auto it = known.find(l); it != known.end()) {
            moments = it->second;
        } else {
            moments = layerMoments(task, model, layer, options.effort);
            if (readsBlockInput(task, layer))
                known.emplace(l, moments);
        }
        const LayerFit fit(task.graph, layer, moments, {}, aim, task.run);
        weight->second = refineLayer(fit, weight->second, options.effort, task.run);
        const at::Tensor rows = weight->second.values().reshape({fit.weight().size(0), -1});
        for (const std::string& bias : biasNames(task.graph, layer))
            model.biases[bias] = fit.bestBias(rows).to(at::kFloat);
    }
    return model;
}

} // namespace

ReconstructResult refineHessian(const ReconstructInput& in, const QuantizedModel& start, const ReconstructOptions& options,
                                ArtefactCache& cache, const RunControl& run)
{
    const std::string hash = Hash().add(name(options.effort)).hex();
    return walkBlocks(Stage::Hessian, in, start, hash, options, cache, run,
                      [&](const BlockTask& task, const QuantizedModel& model, StageRecord&) {
                          // Making up for the prefix's error can fit the calibration images too closely: the held-out
                          // images choose between both aims.
                          Moments known;
                          const QuantizedModel plain = refineBlock(task, model, 0, options, known);
                          const QuantizedModel making = refineBlock(task, model, 1, options, known);
                          return task.holdOutError(making) < task.holdOutError(plain) ? making : plain;
                      });
}

} // namespace mprdo

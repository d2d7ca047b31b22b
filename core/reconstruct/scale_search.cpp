// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 4.
#include "core/base/hash.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/layer_fit.h"
#include <map>

namespace mprdo {
namespace {

constexpr int kSweeps = 8;
constexpr double kLeastGain = 1e-3;

QuantizedTensor nearest(const at::Tensor& weight, const Grid& grid) { return {grid, quantize(weight, grid)}; }

/// One pass of coordinate descent over a layer's scales and zero points, every channel moving by itself. A layer with a bias
/// is judged with the bias that is best for each candidate: the output's mean is part of the error.
/// reach: relative step of this sweep; mode: kind of the grid that the first sweep also starts from, the best one under
/// the diagonal of the quadratic form alone.
QuantizedTensor sweepLayer(const LayerFit& fit, const at::Tensor& weight, bool hasBias, const QuantizedTensor& start,
                           double reach, std::optional<GridMode> mode, const RunControl& run)
{
    const std::int64_t outputs = weight.size(0);
    Grid best = start.grid;
    best.scale = best.scale.expand({outputs}).contiguous();
    best.zeroPoint = best.zeroPoint.expand({outputs}).contiguous();
    const at::Tensor noBias = at::zeros({outputs}, at::kDouble);
    const auto errorOf = [&](const Grid& grid) {
        const at::Tensor rows = fakeQuantize(weight, grid).reshape({outputs, -1});
        return hasBias ? fit.error(rows) : fit.error(rows, noBias);
    };
    at::Tensor error = errorOf(best);
    const auto attempt = [&](const at::Tensor& scale, const at::Tensor& zeroPoint) {
        run.throwIfCancelled();
        Grid grid = best;
        grid.scale = scale;
        grid.zeroPoint = zeroPoint;
        const at::Tensor e = errorOf(grid);
        const at::Tensor better = e < error;
        best.scale = at::where(better, scale, best.scale);
        best.zeroPoint = at::where(better, zeroPoint, best.zeroPoint);
        error = at::where(better, e, error);
    };
    if (mode) {
        const Grid diagonal = mseGrid(weight, best.bits, *mode, fit.importance());
        if (diagonal.symmetric == best.symmetric)
            attempt(diagonal.scale, diagonal.zeroPoint);
    }
    for (const double factor : {1 - reach, 1 + reach, 1 - reach / 3, 1 + reach / 3})
        attempt(storableScale(best.scale * factor), best.zeroPoint);
    if (!best.symmetric)
        for (const double shift : {-1.0, 1.0})
            for (const double factor : {1.0, 1 - reach, 1 + reach}) // a moved zero often wants another step too
                attempt(storableScale(best.scale * factor), (best.zeroPoint + shift).clamp(0, double(best.qMax())));
    return nearest(weight, best);
}

double rateOf(const BlockTask& task, const QuantizedModel& model, bool coded)
{
    double bits = 0;
    for (const std::size_t l : task.block.layers)
        if (const auto it = model.weights.find(task.layers[l].parameter); it != model.weights.end())
            bits += coded ? codeInformation(it->second) : double(it->second.codes.numel()) * it->second.grid.bits;
    return bits;
}

/// Inputs of a layer inside the block depend little on the block's other scales: one fit per layer serves all sweeps.
using Fits = std::map<std::size_t, LayerFit>;

QuantizedModel sweepBlock(const BlockTask& task, const Fits& fits, QuantizedModel model, double reach,
                          std::optional<GridMode> mode)
{
    for (const auto& [l, fit] : fits) {
        const Layer& layer = task.layers[l];
        const at::Tensor& weight = task.graph.parameter(layer.parameter);
        QuantizedTensor& q = model.weights.at(layer.parameter);
        const std::optional<std::string> bias = correctedBias(task.graph, layer);
        q = sweepLayer(fit, weight, bias.has_value(), q, reach, mode, task.run);
        if (bias)
            model.biases[*bias] = fit.bestBias(q.values().reshape({weight.size(0), -1})).to(at::kFloat);
    }
    return model;
}

/// Sweeps until the true block error gains less than 0.1 %; a sweep that raised it is taken back.
QuantizedModel descendScales(const BlockTask& task, const Fits& fits, QuantizedModel model, int sweeps,
                             const ReconstructOptions& options, StageRecord* record)
{
    double error = task.quickCalibrationError(model), reach = 0.15;
    const auto note = [&](int sweep) {
        if (record)
            record->sweeps.push_back({task.block.name, sweep, error, rateOf(task, model, options.lambda > 0)});
    };
    note(0);
    for (int sweep = 1; sweep <= sweeps; ++sweep, reach *= 0.7) {
        QuantizedModel next = sweepBlock(task, fits, model, reach, sweep == 1 ? std::optional(options.grid) : std::nullopt);
        const double moved = task.quickCalibrationError(next);
        if (moved >= error)
            break;
        const double gain = (error - moved) / error;
        model = std::move(next);
        error = moved;
        note(sweep);
        if (gain < kLeastGain)
            break;
    }
    return model;
}

/// The width beside bits in the set; 0 when there is none.
Bits neighbour(const std::vector<Bits>& set, Bits bits, bool higher)
{
    Bits found = 0;
    for (const Bits b : set)
        if (higher ? b > bits && (found == 0 || b < found) : b < bits && b > found)
            found = b;
    return found;
}

/// Gives one layer of the block a higher width and another a lower one where error + slope * rate falls and the block's
/// rate does not rise.
QuantizedModel tradeWidths(const BlockTask& task, const Fits& fits, QuantizedModel model, const ReconstructOptions& options)
{
    const auto isFree = [&](std::size_t l) { return l >= options.fixedWidth.size() || !options.fixedWidth[l]; };
    const auto withWidth = [&](QuantizedModel m, std::size_t l, Bits bits) {
        const at::Tensor& weight = task.graph.parameter(task.layers[l].parameter);
        m.weights[task.layers[l].parameter] = nearest(weight, mseGrid(weight, bits, options.grid, fits.at(l).importance()));
        return m;
    };
    const bool coded = options.lambda > 0;
    const double rate = rateOf(task, model, coded);
    double bestCost = task.quickCalibrationError(model) + options.slope * rate;
    QuantizedModel best = model;
    for (const auto& [up, upFit] : fits)
        for (const auto& [down, downFit] : fits) {
            if (up == down || !isFree(up) || !isFree(down))
                continue;
            const Bits higher = neighbour(options.set, model.weights.at(task.layers[up].parameter).grid.bits, true);
            const Bits lower = neighbour(options.set, model.weights.at(task.layers[down].parameter).grid.bits, false);
            if (higher == 0 || lower == 0)
                continue;
            QuantizedModel traded = withWidth(withWidth(model, up, higher), down, lower);
            const double newRate = rateOf(task, traded, coded);
            if (newRate > rate)
                continue;
            traded = descendScales(task, fits, std::move(traded), 2, options, nullptr);
            const double newCost = task.quickCalibrationError(traded) + options.slope * newRate;
            if (newCost < bestCost) {
                bestCost = newCost;
                best = std::move(traded);
            }
        }
    return best;
}

} // namespace

ReconstructResult optimiseScales(const ReconstructInput& in, const QuantizedModel& start, const ReconstructOptions& options,
                                 ArtefactCache& cache, const RunControl& run)
{
    Hash hash;
    hash.add(name(options.effort)).add(name(options.grid)).add(options.slope).add(options.lambda);
    for (const Bits b : options.set)
        hash.add(b);
    for (const bool fixed : options.fixedWidth)
        hash.add(fixed);
    return walkBlocks(Stage::Scales, in, start, hash.hex(), options, cache, run,
                      [&](const BlockTask& task, const QuantizedModel& model, StageRecord& record) {
                          Fits fits;
                          for (const std::size_t l : task.block.layers)
                              if (model.weights.count(task.layers[l].parameter) > 0)
                                  fits.emplace(l, LayerFit(task.graph, task.layers[l],
                                                           layerMoments(task, model, task.layers[l], options.effort),
                                                           {}, task.run));
                          QuantizedModel out = descendScales(task, fits, model, kSweeps, options, &record);
                          return options.set.empty() ? out : tradeWidths(task, fits, std::move(out), options);
                      });
}

} // namespace mprdo

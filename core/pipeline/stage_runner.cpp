// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/stage_runner.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/timer.h"
#include "core/export/stored_size.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/layer_errors.h"
#include "core/pipeline/layer_records.h"
#include "core/pipeline/process_memory.h"
#include "core/quant/code_rate.h"
#include <iomanip>

namespace mprdo {
namespace {

using StageFunction = ReconstructResult (*)(const ReconstructInput&, const QuantizedModel&, const ReconstructOptions&,
                                            ArtefactCache&, const RunControl&);

StageFunction functionOf(Stage stage)
{
    switch (stage) {
    case Stage::Scales: return optimiseScales;
    case Stage::Hessian: return refineHessian;
    default: return adaptRounding;
    }
}

std::string stageKey(Stage stage, const std::string& context, const QuantizedModel& start, const ReconstructOptions& o)
{
    Hash hash;
    hash.add(name(stage)).add(context).add(modelHash(start)).add(name(o.grid)).add(name(o.effort));
    hash.add(static_cast<std::int64_t>(o.seed)).add(o.lambda);
    if (stage == Stage::Scales) {
        hash.add(o.slope);
        for (const Bits bits : o.set)
            hash.add(bits);
        for (const bool fixed : o.fixedWidth)
            hash.add(fixed);
    }
    if (stage == Stage::Rounding)
        hash.add(o.sensitiveThreshold);
    return hash.hex();
}

/// The stage's own result, from the cache where it is there.
ReconstructResult resultOf(Stage stage, const ReconstructInput& input, const QuantizedModel& start,
                           const ReconstructOptions& options, ArtefactCache& cache, const RunControl& control)
{
    const std::string key = stageKey(stage, input.contextHash, start, options);
    // The model itself lies under its own hash, where the run that ends with it finds it too.
    const auto kept = cache.find("stage-2", key);
    const auto model = kept ? cache.find("model", ByteReader(*kept).string()) : std::nullopt;
    if (model) {
        ByteReader in(*kept);
        in.string();
        StageRecord record = decodeRecord(in.string());
        for (StageRecord::Block& block : record.blocks)
            block.reused = true;
        return {decodeModel(*model, input.graph), std::move(record)};
    }
    const Timer timer;
    ReconstructResult out = functionOf(stage)(input, start, options, cache, control);
    if (options.lambda > 0)
        out.model = withDeadAtZero(std::move(out.model));
    out.record.stage = stage;
    out.record.run = true;
    out.record.seconds = timer.seconds();
    out.record.peakBytes = peakResidentBytes();
    const std::string hash = modelHash(out.model);
    cache.keep("model", hash, encodeModel(out.model));
    cache.keep("stage-2", key, ByteWriter().string(hash).string(encodeRecord(out.record)).bytes());
    return out;
}

std::string summaryOf(const StageRecord& r)
{
    std::ostringstream out;
    out << "hold-out KL ";
    if (r.holdOutAfter == r.holdOutBefore)
        out << "unchanged";
    else if (r.holdOutBefore > 0)
        out << std::fixed << std::setprecision(1) << std::showpos << 100 * (r.holdOutAfter / r.holdOutBefore - 1) << " %";
    else
        out << r.holdOutAfter;
    if (!r.accepted)
        out << " (not taken)";
    return out.str();
}

} // namespace

OptimisedModel runOptimisingStages(const ReconstructInput& input, const QuantizedModel& nearest, const StagePlan& plan,
                                   Measurer& measurer, ArtefactCache& cache, const RunControl& control)
{
    OptimisedModel out{nearest, {}, {}};
    const LayerErrors errors(input.graph, input.holdOut);
    const std::vector<double> atStart = errors.of(nearest);
    std::vector<std::map<Stage, double>> errorAfter(atStart.size());
    for (const Stage stage : {Stage::Scales, Stage::Hessian, Stage::Rounding}) {
        StageRecord record;
        record.stage = stage;
        if (plan.skip.count(stage) > 0 || stage > plan.last) {
            record.note = plan.skip.count(stage) > 0 ? "skipped" : text("the run stops after ", name(plan.last));
            out.stages.push_back(record);
            continue;
        }
        control.throwIfCancelled();
        control.emit(StageStarted{stage});
        const Losses before = measurer.losses(out.model, control);
        ReconstructResult result = resultOf(stage, input, out.model, plan.options, cache, control);
        const Losses after = measurer.losses(result.model, control);
        record = std::move(result.record);
        record.calibrationBefore = before.calibration;
        record.calibrationAfter = after.calibration;
        record.holdOutBefore = before.holdOut;
        record.holdOutAfter = after.holdOut;
        const double lambda = plan.options.lambda;
        const bool wider = lambda == 0 && result.model.averageBits() > nearest.averageBits() + 1e-9;
        record.accepted = !wider
                          && (lambda > 0 ? costFalls({before.holdOut, codeEntropyBits(out.model)}, // per weight
                                                     {after.holdOut, codeEntropyBits(result.model)}, 1, lambda)
                                         : after.holdOut <= before.holdOut);
        if (wider)
            record.note = "not taken: it needs more bits than allocated";
        else if (!record.accepted)
            record.note = lambda > 0 ? "not taken: the bits it saves are not worth the error on the hold-out images"
                                     : "not taken: it makes the network's error on the hold-out images worse";
        if (record.accepted)
            out.model = std::move(result.model);
        const std::vector<double> now = errors.of(out.model);
        for (std::size_t l = 0; l < now.size(); ++l)
            errorAfter[l][stage] = now[l];
        control.emit(StageFinished{stage, record.seconds, summaryOf(record)});
        out.stages.push_back(std::move(record));
    }
    out.layers = layerRecords(out.model);
    for (std::size_t l = 0; l < out.layers.size(); ++l) {
        out.layers[l].errorNearest = atStart[l];
        out.layers[l].errorAfter = errorAfter[l];
    }
    return out;
}

} // namespace mprdo

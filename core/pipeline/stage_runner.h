// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 4 to 6 one after the other, each behind a gate.
#pragma once
#include "core/pipeline/measurer.h"
#include "core/reconstruct/reconstruct.h"
#include <set>

namespace mprdo {

struct StagePlan {
    ReconstructOptions options;
    std::set<Stage> skip;
    Stage last = Stage::Rounding;  ///< stages after it are not run
};

struct OptimisedModel {
    QuantizedModel model;
    std::vector<StageRecord> stages; ///< scales, hessian, rounding
    std::vector<LayerRecord> layers;
};

/// A stage's result is taken when the mean KL of the whole network on the hold-out images did not rise and the average
/// width neither; else the next stage starts from what was there before. What each stage gave is kept in the cache.
/// Emits StageStarted and StageFinished. \throws as the stages; Cancelled (finished stages are kept)
OptimisedModel runOptimisingStages(const ReconstructInput&, const QuantizedModel& nearest, const StagePlan&, Measurer&,
                                   ArtefactCache&, const RunControl&);

} // namespace mprdo

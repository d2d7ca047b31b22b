// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 4 to 6: from an allocation to the integers that keep the network's output. Each stage is a value in, a value
// out; a block or layer whose held-out error did not fall keeps what it had.
#pragma once
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/base/artefact_cache.h"
#include "core/data/image_set.h"
#include "core/graph/passes.h"
#include "core/exec/quantized_model.h"

namespace mprdo {

struct ReconstructInput {
    std::shared_ptr<const Graph> graph;   ///< batch norm folded
    std::vector<Block> blocks;            ///< findBlocks(*graph)
    CalibrationSet calibration;
    HoldOutSet holdOut;
    std::string contextHash;              ///< of graph, images and versions; the stages add their options for cache keys
};

struct ReconstructOptions {
    GridMode grid = GridMode::Auto;
    Effort effort = Effort::Normal;
    std::uint64_t seed = 42;
    // Stage 4: fixed mode trades widths inside a block at the allocator's slope; coded mode counts n H(q).
    bool coded = false;
    double slope = 0;                     ///< distortion per bit at the allocation (AllocationAnswer::slope)
    std::vector<Bits> set;                ///< widths a traded layer may take; empty: widths stay
    std::vector<bool> fixedWidth;         ///< per layer: locked or manual, never traded
    // Stage 6: layers whose relative output error on calibration inputs is at or over this are sensitive.
    double sensitiveThreshold = 0.0;
};

struct ReconstructResult {
    QuantizedModel model;
    StageRecord record;                   ///< sweeps, blocks and seconds filled in; losses by the pipeline
};

/// Stage 4: block-wise rate-distortion optimized scales, coordinate descent with early stopping.
ReconstructResult optimiseScales(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                 ArtefactCache&, const RunControl&);
/// Stage 5: second-order error compensation (OBQ / GPTQ, arXiv 2208.11580, 2210.17323) and bias correction.
ReconstructResult refineHessian(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                ArtefactCache&, const RunControl&);
/// Stage 6: AdaRound (arXiv 2004.10568) per block (BRECQ, arXiv 2102.05426) of the sensitive layers.
ReconstructResult adaptRounding(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                ArtefactCache&, const RunControl&);

} // namespace mprdo

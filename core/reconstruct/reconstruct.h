// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 4 to 6: from an allocation to the integers that keep the network's output. Each stage is a value in, a value
// out; a block whose held-out error did not fall keeps what it had.
#pragma once
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/base/artefact_cache.h"
#include "core/data/image_set.h"
#include "core/graph/passes.h"
#include "core/exec/quantized_model.h"
#include "core/reconstruct/fisher_memo.h"

namespace mprdo {

struct ReconstructInput {
    std::shared_ptr<const Graph> graph;   ///< batch norm folded
    std::vector<Block> blocks;            ///< findBlocks(*graph)
    CalibrationSet calibration;
    HoldOutSet holdOut;
    std::string contextHash;              ///< of graph, images and versions; the stages add their options for cache keys
    std::shared_ptr<FisherMemo> fisher = std::make_shared<FisherMemo>(); ///< of this graph and these images
};

struct ReconstructOptions {
    GridMode grid = GridMode::Auto;
    Effort effort = Effort::Normal;
    std::uint64_t seed = 42;
    // Entropy-coded rate: error + lambda * bits is what falls, lambda in units of the high-rate slope of what is rounded
    // (a layer, a block). 0: bits are fixed by the widths, and error alone falls.
    double lambda = 0;
    // Stage 4: the search runs over (scale, width); a block may trade widths between its layers at this slope.
    double slope = 0;                     ///< KL (nats) per bit at the allocation (AllocationAnswer::slope)
    std::vector<Bits> set;                ///< widths a traded layer may take; empty: widths stay
    std::vector<bool> fixedWidth;         ///< per layer: locked or manual, never traded
    // Stage 6: layers whose relative output error is at or over this are sensitive (of power, on calibration inputs).
    double sensitiveThreshold = 0.04; ///< below it stage 5 has left nothing to gain (resources/benchmarks.md)
};

struct ReconstructResult {
    QuantizedModel model;
    StageRecord record;                   ///< sweeps, blocks and seconds filled in; losses by the pipeline
};

/// Stage 4: block-wise rate-distortion optimized scales. Coordinate descent over scales and zero points, all channels of a
/// layer at once, scored by the layer's quadratic form on inputs from the quantized prefix; the true Fisher-weighted
/// block error is taken once per sweep, and a sweep that raised it is taken back. Ends when a sweep gains < 0.1 % or
/// after 8. Then widths are traded inside the block where that lowers error + slope * rate, total rate kept.
ReconstructResult optimiseScales(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                 ArtefactCache&, const RunControl&);
/// Stage 5: second-order error compensation (OBQ / GPTQ, arXiv 2208.11580, 2210.17323) against the FP32 outputs on inputs
/// from the quantized prefix, coordinate descent over the codes, scales refitted to them, biases made best. Where layers have
/// 2 bits, calibration images count mirrored as well, and each such block is refined once more from the grids that the first
/// time found; held-out images choose (effort fast: neither).
ReconstructResult refineHessian(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                ArtefactCache&, const RunControl&);
/// Stage 6: AdaRound (arXiv 2004.10568) per block (BRECQ, arXiv 2102.05426) of the sensitive layers.
ReconstructResult adaptRounding(const ReconstructInput&, const QuantizedModel& start, const ReconstructOptions&,
                                ArtefactCache&, const RunControl&);

} // namespace mprdo

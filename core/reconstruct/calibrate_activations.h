// SPDX-License-Identifier: GPL-3.0-or-later
// Grids for the activations that layers read.
#pragma once
#include "core/api/run_control.h"
#include "core/data/image_set.h"
#include "core/exec/quantized_model.h"

namespace mprdo {

struct ActivationGrids {
    std::map<ValueId, Grid> grids; ///< QuantizedModel::activations
    RangeRule rule = RangeRule::MinMax; ///< the one that was taken
    double holdOutKl = 0;               ///< mean KL(FP32 || FP32 weights, rounded activations) on hold-out images, nats
};

/// Ranges of activationsOfLayers() on the FP32 network's calibration outputs. Narrower than 8 bits, the network's input and what
/// its last layer reads keep 8, as first and last layer do in the literature (BRECQ, arXiv 2102.05426): images are bytes.
/// rule Auto: each rule once, the one of least KL on the hold-out images (at most 512 of them) is taken.
/// \throws Error{NonFinite}; Cancelled   Cost: one forward pass over the calibration images, and one over the hold-out images a rule
ActivationGrids calibrateActivations(const Graph&, const CalibrationSet&, const HoldOutSet&, Bits, RangeRule, const RunControl&);

} // namespace mprdo

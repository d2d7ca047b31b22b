// SPDX-License-Identifier: GPL-3.0-or-later
// What a careless 8-bit conversion does.
#pragma once
#include "core/data/image_set.h"
#include "core/api/run_control.h"
#include "core/exec/quantized_model.h"
#include <set>

namespace mprdo {

struct NaiveBaseline {
    QuantizedModel weights; ///< per tensor, affine, min-max
    Overlay overlay;        ///< the weights, and every computed value rounded to its own 8-bit min-max grid
};

/// Weights and activations per tensor at 8 bits over the range seen on the calibration images, no search of any kind.
/// Values that only move data (max pooling, flattening, slices, padding) are not rounded a second time.
/// What is put on 8-bit grids: all of it in the baseline, parts of it where its loss is to be explained.
struct NaiveChoice {
    bool weights = true;
    bool perChannel = false;        ///< a grid for each output channel instead of one for the tensor
    bool activations = true;
    std::set<ValueId> leave;        ///< computed values that stay as they are
};

NaiveBaseline naiveEightBits(std::shared_ptr<const Graph>, const CalibrationSet&, const RunControl&,
                             const NaiveChoice& = {});

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The grid of an activation: one scale and one zero point for the whole tensor, from what calibration images gave.
#pragma once
#include "core/quant/grid.h"

namespace mprdo {

/// What was seen of a value on the calibration images.
struct ActivationSample {
    at::Tensor values;                ///< float32 [n], some of them
    double lowest = 0, highest = 0;   ///< of all
};

/// Affine, zero representable (padding is exact), scale and zero point of shape [1]. rule: not Auto.
/// \throws Error{Usage} a width that is not 2 to 8; Error{NonFinite} a value that is not finite
Grid activationGrid(const ActivationSample&, Bits, RangeRule rule);

/// fakeQuantize in one pass over x (float32, any dense layout, which is kept). Where gradients are wanted, they go straight
/// through the rounding and are zero beyond the range (straight-through estimator, arXiv 1308.3432).
at::Tensor roundActivation(const at::Tensor& x, const Grid&);

} // namespace mprdo

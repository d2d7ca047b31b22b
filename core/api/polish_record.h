// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 3's error as it was predicted and as it was measured. Standard library only.
#pragma once
#include "core/api/types.h"
#include <limits>

namespace mprdo {

/// Of one allocation: mean KL(FP32 || quantized), nats; NaN where it is not known.
struct AllocationError {
    double additive = std::numeric_limits<double>::quiet_NaN();  ///< sum of D_l(b_l), calibration images
    double predicted = std::numeric_limits<double>::quiet_NaN(); ///< with the pairwise terms
    double measured = std::numeric_limits<double>::quiet_NaN();  ///< hold-out images
};

/// The allocator's own answer, and what swapping bits between layers made of it.
struct PolishRecord {
    AllocationError before, after;
    Rounding rounding = Rounding::Nearest; ///< of what was measured
    int measurements = 0;                  ///< allocations that were measured
    int taken = 0;                         ///< swaps that lowered what was measured
    std::string note;                      ///< why nothing was tried; else empty
};

} // namespace mprdo

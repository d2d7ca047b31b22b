// SPDX-License-Identifier: GPL-3.0-or-later
// The allocation problem in numbers: what core/allocate solves and core/api/what_if answers from.
#pragma once
#include "core/api/types.h"
#include <memory>

namespace mprdo {

/// One width a layer may take.
struct Choice {
    Bits bits = 0;
    std::int64_t rate = 0;     ///< bits in the file, integer, rounded up; the allocator never computes n * b itself
    double distortion = 0;     ///< >= 0
};

/// Layers in network order; a locked layer has exactly one choice. Every list is ascending in rate and not empty.
struct AllocationProblem {
    std::vector<std::vector<Choice>> layers;
};

struct AllocationAnswer {
    std::vector<std::size_t> choice; ///< index into AllocationProblem::layers[l]
    std::int64_t rate = 0;
    double distortion = 0;
    double slope = 0;                ///< lambda: distortion per bit of rate at this point, >= 0
};

/// The predicted Pareto front: ascending rate, strictly falling distortion.
struct FrontPoint {
    std::int64_t rate = 0;
    double distortion = 0;
    std::vector<std::uint8_t> choice; ///< per layer, as in AllocationAnswer
};
struct Front {
    std::vector<FrontPoint> points;
    double relativeGap = 0;          ///< at most this much above the true front between two points; 0: exact
};
using FrontPtr = std::shared_ptr<const Front>;

} // namespace mprdo

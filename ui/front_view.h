// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/what_if.h"
#include <memory>

namespace mprdo {

/// A front with what the window shows of each point, made once in a helper thread.
struct FrontView {
    AllocationProblem problem;
    FrontPtr front;
    std::vector<double> averageBits;       ///< per point
    std::vector<std::int64_t> storedBytes; ///< per point
    std::vector<double> fixedBits;         ///< likewise, as if each code took its width; empty where the rate is fixed

    /// \param sizes  layers and sizes as in WhatIf; its sensitivity gives the widths
    static std::shared_ptr<const FrontView> make(AllocationProblem, FrontPtr, const WhatIf& sizes);
    Allocation allocation(std::size_t point) const;
    /// The best point of at most that many bits on average; nullopt when there is none.
    std::optional<std::size_t> pointAt(double averageBits) const;
};
using FrontViewPtr = std::shared_ptr<const FrontView>;

} // namespace mprdo

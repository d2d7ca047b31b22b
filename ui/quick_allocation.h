// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/average_bits.h"
#include "core/api/what_if.h"

namespace mprdo {

/// A Lagrangian answer (bisection over the slope), fast enough for the GUI thread and shown until the exact front is
/// there: every free layer takes argmin D + slope * bytes over `set`. Layers without a score stay at the set's highest
/// width. \param fixed  per layer, 0 = free \return  average bits at most `averageBits`, or the lowest possible
/// Cost: O(50 * layers * widths).
Allocation quickAllocation(const WhatIf&, const std::vector<Bits>& set, const std::vector<Bits>& fixed,
                           double averageBits);

} // namespace mprdo

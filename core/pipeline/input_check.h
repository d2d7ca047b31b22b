// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with a run before its first stage, found before its first stage.
#pragma once
#include "core/api/average_bits.h"
#include "core/api/run_config.h"
#include "core/api/snapshots.h"
#include <vector>

namespace mprdo {

/// Everything that needs neither model nor data. \throws Error{Usage} naming the option and the condition.
void checkOptions(const RunConfig&);

/// Width per layer that the locks fix; 0: free. A lock names a layer or a pattern with '*' and '?'; the last one that
/// matches a layer holds.
/// \throws Error{Usage} a lock that matches no layer (names the nearest), a width outside 2..8 and 32
std::vector<Bits> lockedWidths(const std::vector<LayerInfo>&, const std::vector<std::pair<std::string, Bits>>& locks);

/// An allocation from named widths (patterns allowed); every layer must get one. \throws Error{Usage}
Allocation allocationFor(const std::vector<LayerInfo>&, const std::vector<std::pair<std::string, Bits>>& named);

/// \throws Error{BudgetInfeasible} a target in average bits below what set and locks allow (says the bound); one above it is met anyway
void checkAverageBits(double target, const std::vector<LayerInfo>&, const std::vector<Bits>& set,
                      const std::vector<Bits>& fixed);

/// The target, a usual one raised to what set and locks allow.
Target settledTarget(const Target&, const std::vector<LayerInfo>&, const std::vector<Bits>& set, const std::vector<Bits>& fixed);
/// Lowest (or highest) allocation of the set under the locks.
Allocation extremeAllocation(const std::vector<Bits>& set, const std::vector<Bits>& fixed, bool highest);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 3: bit allocation as a multiple-choice knapsack. Numbers only: no tensors, no LibTorch.
#pragma once
#include "core/api/allocation_problem.h"

namespace mprdo {

/// The allocation of least summed distortion with rate <= budget: exact (sums of doubles: to 1e-12). An expanding core
/// around the convex hull's point under the budget (Pisinger 1995), its layers merged as Pareto lists (Nemhauser and
/// Ullmann 1969) and pruned by the Lagrangian bound (Everett 1963; Shoham and Gersho 1988). The same problem has the same
/// answer; which of several equally good ones is not promised.
/// \throws Error{Usage} a layer without choices, a negative rate, a distortion that is negative or not finite
/// \throws Error{BudgetInfeasible} naming the lowest possible rate when budget lies under it
/// Cost: about a millisecond for 160 layers of 7 widths.
AllocationAnswer allocate(const AllocationProblem&, std::int64_t budget);

/// The answer on the lower convex hull at or under the budget, improved greedily: O(choices log choices), for an
/// immediate answer. Its distortion is >= allocate()'s. Errors as allocate().
AllocationAnswer lagrangian(const AllocationProblem&, std::int64_t budget);

/// The lowest rate any allocation has. Errors as allocate().
std::int64_t lowestRate(const AllocationProblem&);

/// The predicted Pareto front, for the curve: every point is an exact answer at its own rate. Small problems: the whole
/// front, thinned to at most maxPoints. Larger ones: the convex hull's points joined with the exact answers at 256 evenly
/// spread budgets (maxPoints when that is less). At any other budget the last point within it lies at most relativeGap
/// above the exact answer (0: the front is exact everywhere; infinite where the exact answer may be 0).
/// Errors as allocate(). Cost: up to 256 calls of allocate(), <= 300 ms for 160 layers of 7 widths.
Front paretoFront(const AllocationProblem&, std::size_t maxPoints = 400);

} // namespace mprdo

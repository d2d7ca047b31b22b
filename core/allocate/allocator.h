// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 3: bit allocation as a multiple-choice knapsack. Numbers only: no tensors, no LibTorch.
#pragma once
#include "core/api/allocation_problem.h"

namespace mprdo {

/// The allocation of least summed distortion with rate <= budget: exact. Pareto merging of the layers' choices
/// (Nemhauser and Ullmann 1969), pruned by the Lagrangian bound (Everett 1963; Shoham and Gersho 1988): a partial sum
/// whose bound exceeds the best feasible answer is dropped. Ties: lower rate, then the smaller choice in the first layer
/// that differs is not promised, but the answer is the same for the same problem.
/// \throws Error{Usage} a layer without choices, a negative rate, a distortion that is negative or not finite
/// \throws Error{BudgetInfeasible} naming the lowest possible rate when budget lies under it
/// Cost: sum over layers of (surviving partial sums x choices); a few milliseconds for 60 layers of 7 widths.
AllocationAnswer allocate(const AllocationProblem&, std::int64_t budget);

/// The answer on the lower convex hull at or under the budget, improved greedily: O(choices log choices), for an
/// immediate answer. Its distortion is >= allocate()'s. Errors as allocate().
AllocationAnswer lagrangian(const AllocationProblem&, std::int64_t budget);

/// The lowest rate any allocation has. Errors as allocate().
std::int64_t lowestRate(const AllocationProblem&);

/// The predicted Pareto front, for the curve: every point is reached by an allocation, and at any budget the last point
/// within it is within relativeGap of the exact answer (0: the front is exact). Thinned to at most maxPoints with points
/// kept where the curve bends; exact at no fewer than 200 budgets spread over the range.
/// Errors as allocate(). Cost: <= 300 ms for 160 layers of 7 widths.
Front paretoFront(const AllocationProblem&, std::size_t maxPoints = 400);

} // namespace mprdo

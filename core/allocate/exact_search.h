// SPDX-License-Identifier: GPL-3.0-or-later
// The exact answer at one budget, near the break point of the convex hull.
#pragma once
#include "core/allocate/lower_hull.h"

namespace mprdo {

/// Multiple-choice knapsack by an expanding core (Pisinger 1995): around the hull's point under the budget every other
/// choice has a reduced cost; layers are taken in ascending order of it until the next one costs more than what the best
/// answer so far lies above the Lagrangian bound. The core's layers go into two Pareto lists (Nemhauser and Ullmann 1969)
/// that are joined in linear time after each layer, so that ties - equal slopes everywhere - are filled up at once.
/// Prepared once per problem; solve() may be called from several threads.
class ExactSearch {
public:
    /// Keeps a reference to the problem. Errors as LowerHull.
    explicit ExactSearch(const AllocationProblem&);

    const LowerHull& hull() const { return m_hull; }
    /// Hull point, then every later step that still fits. \throws Error{BudgetInfeasible}
    AllocationAnswer greedy(std::int64_t budget) const;
    /// Least distortion, exact but for 1e-12 of it (sums of doubles). \throws Error{BudgetInfeasible}
    AllocationAnswer solve(std::int64_t budget) const;

private:
    const AllocationProblem& m_problem;
    LowerHull m_hull;
};

} // namespace mprdo

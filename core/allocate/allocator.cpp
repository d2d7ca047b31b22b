// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/allocate/exact_search.h"

namespace mprdo {

std::int64_t lowestRate(const AllocationProblem& problem) { return LowerHull(problem).lowestRate(); }

AllocationAnswer lagrangian(const AllocationProblem& problem, std::int64_t budget)
{
    return ExactSearch(problem).greedy(budget);
}

AllocationAnswer allocate(const AllocationProblem& problem, std::int64_t budget)
{
    return ExactSearch(problem).solve(budget);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The lower convex hull of all allocations, as a sorted list of single-layer steps.
#pragma once
#include "core/api/allocation_problem.h"

namespace mprdo {

/// One move along a layer's lower convex hull: from a choice to the next dearer one.
struct HullStep {
    std::size_t layer = 0, to = 0;
    std::int64_t rate = 0;
    double slope = 0; ///< distortion saved per bit, > 0
};

/// Every prefix of the steps is an allocation on the hull, and exact at its own rate (Everett 1963; Shoham and Gersho
/// 1988).
class LowerHull {
public:
    /// \throws Error{Usage} a layer without choices or with more than 255, a negative rate, a distortion that is negative
    /// or not finite. Cost: O(choices log choices).
    explicit LowerHull(const AllocationProblem&);

    const std::vector<std::size_t>& cheapest() const { return m_cheapest; } ///< per layer; the hull's first point
    std::int64_t lowestRate() const { return m_lowestRate; }
    const std::vector<HullStep>& steps() const { return m_steps; }          ///< steepest first
    std::int64_t rateAfter(std::size_t steps) const { return m_rate[steps]; }
    double distortionAfter(std::size_t steps) const { return m_distortion[steps]; }
    /// How many steps fit. \throws Error{BudgetInfeasible} naming the lowest rate.
    std::size_t stepsWithin(std::int64_t budget) const;
    std::vector<std::size_t> choiceAfter(std::size_t steps) const;
    /// The hull's own value at a budget: no allocation within it has less distortion.
    double lowerBound(std::int64_t budget) const;

private:
    std::vector<std::size_t> m_cheapest;
    std::vector<HullStep> m_steps;
    std::vector<std::int64_t> m_rate; ///< after 0, 1, ... steps
    std::vector<double> m_distortion;
    std::int64_t m_lowestRate = 0;
};

} // namespace mprdo

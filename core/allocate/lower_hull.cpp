// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/lower_hull.h"
#include "core/base/error.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mprdo {
namespace {

void validate(const AllocationProblem& problem)
{
    constexpr std::int64_t largestSum = std::numeric_limits<std::int64_t>::max() / 4; // room for differences of sums
    std::int64_t sum = 0;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        const auto& choices = problem.layers[l];
        check(!choices.empty(), ErrorCode::Usage, "allocation: layer ", l, " has no choice");
        check(choices.size() <= 255, ErrorCode::Usage, "allocation: layer ", l, " has ", choices.size(),
              " choices, more than 255");
        std::int64_t dearest = 0;
        for (const Choice& c : choices) {
            check(c.rate >= 0, ErrorCode::Usage, "allocation: layer ", l, " has the rate ", c.rate, " at ", c.bits, " bits");
            check(std::isfinite(c.distortion) && c.distortion >= 0, ErrorCode::Usage, "allocation: layer ", l,
                  " has the distortion ", c.distortion, " at ", c.bits, " bits");
            dearest = std::max(dearest, c.rate);
        }
        check(dearest <= largestSum - sum, ErrorCode::Usage, "allocation: the rates up to layer ", l,
              " add up to more than 64 bits can hold");
        sum += dearest;
    }
}

/// Cheapest choice of a layer; among equal rates the one of least distortion.
std::size_t cheapestOf(const std::vector<Choice>& choices)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < choices.size(); ++i)
        if (choices[i].rate < choices[best].rate
            || (choices[i].rate == choices[best].rate && choices[i].distortion < choices[best].distortion))
            best = i;
    return best;
}

void addSteps(const std::vector<Choice>& choices, std::size_t layer, std::vector<HullStep>& steps)
{
    std::size_t at = cheapestOf(choices);
    double previous = std::numeric_limits<double>::infinity();
    for (;;) { // the steepest next choice: a gift-wrapped hull, at most seven choices long
        std::size_t next = choices.size();
        double steepest = 0;
        for (std::size_t i = 0; i < choices.size(); ++i) {
            if (choices[i].rate <= choices[at].rate)
                continue;
            const double slope
                = (choices[at].distortion - choices[i].distortion) / double(choices[i].rate - choices[at].rate);
            if (slope > steepest || (slope == steepest && slope > 0 && next < choices.size()
                                     && choices[i].rate < choices[next].rate)) {
                steepest = slope;
                next = i;
            }
        }
        if (next == choices.size())
            return;
        // Equal slopes may come out a rounding apart: a layer's steps must still sort in their own order.
        steps.push_back({layer, next, choices[next].rate - choices[at].rate, std::min(steepest, previous)});
        previous = steps.back().slope;
        at = next;
    }
}

} // namespace

LowerHull::LowerHull(const AllocationProblem& problem)
{
    validate(problem);
    double distortion = 0;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        m_cheapest.push_back(cheapestOf(problem.layers[l]));
        m_lowestRate += problem.layers[l][m_cheapest[l]].rate;
        distortion += problem.layers[l][m_cheapest[l]].distortion;
        addSteps(problem.layers[l], l, m_steps);
    }
    std::stable_sort(m_steps.begin(), m_steps.end(),
                     [](const HullStep& a, const HullStep& b) { return a.slope > b.slope; });
    m_rate.push_back(m_lowestRate);
    m_distortion.push_back(distortion);
    std::vector<std::size_t> at = m_cheapest;
    for (const HullStep& step : m_steps) {
        const auto& choices = problem.layers[step.layer];
        m_rate.push_back(m_rate.back() + step.rate);
        m_distortion.push_back(
            std::max(0.0, m_distortion.back() - choices[at[step.layer]].distortion + choices[step.to].distortion));
        at[step.layer] = step.to;
    }
}

std::size_t LowerHull::stepsWithin(std::int64_t budget) const
{
    check(m_lowestRate <= budget, ErrorCode::BudgetInfeasible, "a budget of ", budget,
          " bits is below the lowest possible, ", m_lowestRate, " bits");
    return static_cast<std::size_t>(std::upper_bound(m_rate.begin(), m_rate.end(), budget) - m_rate.begin()) - 1;
}

std::vector<std::size_t> LowerHull::choiceAfter(std::size_t steps) const
{
    std::vector<std::size_t> choice = m_cheapest;
    for (std::size_t k = 0; k < steps; ++k)
        choice[m_steps[k].layer] = m_steps[k].to;
    return choice;
}

double LowerHull::lowerBound(std::int64_t budget) const
{
    const std::size_t k = stepsWithin(budget);
    const double slope = k < m_steps.size() ? m_steps[k].slope : 0;
    return std::max(0.0, m_distortion[k] - slope * double(budget - m_rate[k]));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/base/error.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mprdo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void validate(const AllocationProblem& problem)
{
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        check(!problem.layers[l].empty(), ErrorCode::Usage, "allocation: layer ", l, " has no choice");
        for (const Choice& c : problem.layers[l]) {
            check(c.rate >= 0, ErrorCode::Usage, "allocation: layer ", l, " has the rate ", c.rate, " at ", c.bits, " bits");
            check(std::isfinite(c.distortion) && c.distortion >= 0, ErrorCode::Usage, "allocation: layer ", l,
                  " has the distortion ", c.distortion, " at ", c.bits, " bits");
        }
    }
}

/// One move along a layer's lower convex hull: from a choice to the next dearer one.
struct HullStep {
    std::size_t layer, to;
    std::int64_t rate;
    double slope; // distortion saved per bit
};

/// Cheapest choice of a layer; among equal rates the one of least distortion.
std::size_t cheapest(const std::vector<Choice>& choices)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < choices.size(); ++i)
        if (choices[i].rate < choices[best].rate
            || (choices[i].rate == choices[best].rate && choices[i].distortion < choices[best].distortion))
            best = i;
    return best;
}

void addHullSteps(const std::vector<Choice>& choices, std::size_t layer, std::vector<HullStep>& steps)
{
    std::size_t at = cheapest(choices);
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
        steps.push_back({layer, next, choices[next].rate - choices[at].rate, steepest});
        at = next;
    }
}

struct State {
    std::int64_t rate;
    double distortion;
    std::uint32_t parent;
    std::uint8_t choice;
};

/// Ascending in rate, strictly falling in distortion.
void keepPareto(std::vector<State>& states)
{
    std::sort(states.begin(), states.end(), [](const State& a, const State& b) {
        if (a.rate != b.rate)
            return a.rate < b.rate;
        if (a.distortion != b.distortion)
            return a.distortion < b.distortion;
        return a.parent != b.parent ? a.parent < b.parent : a.choice < b.choice;
    });
    double best = kInfinity;
    std::size_t kept = 0;
    for (const State& s : states)
        if (s.distortion < best) {
            best = s.distortion;
            states[kept++] = s;
        }
    states.resize(kept);
}

AllocationAnswer answerFor(const AllocationProblem& problem, std::vector<std::size_t> choice, double slope)
{
    AllocationAnswer out;
    out.choice = std::move(choice);
    out.slope = slope;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        out.rate += problem.layers[l][out.choice[l]].rate;
        out.distortion += problem.layers[l][out.choice[l]].distortion;
    }
    return out;
}

} // namespace

std::int64_t lowestRate(const AllocationProblem& problem)
{
    validate(problem);
    std::int64_t rate = 0;
    for (const auto& choices : problem.layers)
        rate += choices[cheapest(choices)].rate;
    return rate;
}

AllocationAnswer lagrangian(const AllocationProblem& problem, std::int64_t budget)
{
    const std::int64_t lowest = lowestRate(problem);
    check(lowest <= budget, ErrorCode::BudgetInfeasible, "a budget of ", budget, " bits is below the lowest possible, ",
          lowest, " bits");
    std::vector<HullStep> steps;
    std::vector<std::size_t> choice;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        choice.push_back(cheapest(problem.layers[l]));
        addHullSteps(problem.layers[l], l, steps);
    }
    std::stable_sort(steps.begin(), steps.end(), [](const HullStep& a, const HullStep& b) { return a.slope > b.slope; });
    std::int64_t rate = lowest;
    double slope = 0;
    std::vector<char> stopped(problem.layers.size(), 0); // a step that did not fit ends its layer's hull walk
    for (const HullStep& step : steps) {
        if (stopped[step.layer])
            continue;
        if (rate + step.rate > budget) {
            stopped[step.layer] = 1;
            if (slope == 0)
                slope = step.slope; // the first step the budget refuses is the price of a bit
            continue;
        }
        rate += step.rate;
        choice[step.layer] = step.to;
    }
    return answerFor(problem, std::move(choice), slope);
}

AllocationAnswer allocate(const AllocationProblem& problem, std::int64_t budget)
{
    const AllocationAnswer feasible = lagrangian(problem, budget); // checks the problem; an upper bound
    const double lambda = feasible.slope;
    const std::size_t n = problem.layers.size();
    std::vector<std::int64_t> restRate(n + 1, 0); // of the layers not merged yet: lowest rate, lowest D + lambda R
    std::vector<double> restBound(n + 1, 0);
    for (std::size_t l = n; l-- > 0;) {
        double bound = kInfinity;
        for (const Choice& c : problem.layers[l])
            bound = std::min(bound, c.distortion + lambda * double(c.rate));
        restRate[l] = restRate[l + 1] + problem.layers[l][cheapest(problem.layers[l])].rate;
        restBound[l] = restBound[l + 1] + bound;
    }
    // Sums are rounded differently along different paths: allow for that before calling a bound exceeded.
    const double slack = 1e-9 * (feasible.distortion + lambda * double(budget)) + 1e-300;
    std::vector<std::vector<State>> levels{{{0, 0, 0, 0}}};
    for (std::size_t l = 0; l < n; ++l) {
        std::vector<State> next;
        for (std::uint32_t p = 0; p < levels[l].size(); ++p)
            for (std::size_t i = 0; i < problem.layers[l].size(); ++i) {
                const Choice& c = problem.layers[l][i];
                const State s{levels[l][p].rate + c.rate, levels[l][p].distortion + c.distortion, p,
                              static_cast<std::uint8_t>(i)};
                if (s.rate + restRate[l + 1] > budget)
                    continue;
                const double bound = s.distortion + restBound[l + 1] - lambda * double(budget - s.rate);
                if (bound <= feasible.distortion + slack)
                    next.push_back(s);
            }
        keepPareto(next);
        levels.push_back(std::move(next));
    }
    std::vector<std::size_t> choice(n);
    auto at = static_cast<std::uint32_t>(levels[n].size() - 1); // the dearest survivor has the least distortion
    for (std::size_t l = n; l-- > 0;) {
        choice[l] = levels[l + 1][at].choice;
        at = levels[l + 1][at].parent;
    }
    return answerFor(problem, std::move(choice), lambda);
}

} // namespace mprdo

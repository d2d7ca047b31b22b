// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/allocate/exact_search.h"
#include "core/allocate/pareto_list.h"
#include <algorithm>
#include <cmath>
#include <optional>

namespace mprdo {
namespace {

constexpr std::size_t kBudgets = 256;          // evenly spread ones at which the curve is exact
constexpr std::size_t kMostWholeStates = 2048; // up to here the whole front is merged

struct Point {
    std::int64_t rate = 0;
    double distortion = 0;
};

std::vector<std::int64_t> evenBudgets(std::int64_t low, std::int64_t high, std::size_t count)
{
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < count; ++i) // in long double: the product would overflow an integer
        out.push_back(low + static_cast<std::int64_t>(std::floor(static_cast<long double>(high - low)
                                                                 * static_cast<long double>(i)
                                                                 / static_cast<long double>(count - 1))));
    out.back() = high;
    return out;
}

/// Index of the last point within the budget; points ascend and the first is within it.
std::size_t within(const std::vector<Point>& points, std::int64_t budget)
{
    const auto after = std::upper_bound(points.begin(), points.end(), budget,
                                        [](std::int64_t b, const Point& p) { return b < p.rate; });
    return static_cast<std::size_t>(after - points.begin()) - 1;
}

/// Both ends, what answers the even budgets, and then points evenly spread along the curve's length in (rate, log
/// distortion): more of them where it is steep.
std::vector<std::size_t> thin(const std::vector<Point>& points, const std::vector<std::int64_t>& budgets,
                              std::size_t maxPoints)
{
    std::vector<char> keep(points.size(), points.size() <= maxPoints);
    keep.front() = keep.back() = 1;
    for (const std::int64_t b : budgets)
        keep[within(points, b)] = 1;
    const auto kept = static_cast<std::size_t>(std::count(keep.begin(), keep.end(), 1));
    if (kept < points.size() && kept < maxPoints) {
        double smallest = points.front().distortion;
        for (const Point& p : points)
            if (p.distortion > 0)
                smallest = std::min(smallest, p.distortion);
        const auto height = [&](const Point& p) { return std::log(std::max(p.distortion, smallest)); };
        const double width = double(points.back().rate - points.front().rate);
        const double depth = std::max(height(points.front()) - height(points.back()), 1e-300);
        std::vector<double> length{0};
        for (std::size_t i = 1; i < points.size(); ++i)
            length.push_back(length.back()
                             + std::hypot(double(points[i].rate - points[i - 1].rate) / width,
                                          (height(points[i - 1]) - height(points[i])) / depth));
        const std::size_t free = maxPoints - kept;
        for (std::size_t k = 1; k <= free; ++k) {
            const double at = length.back() * double(k) / double(free + 1);
            keep[static_cast<std::size_t>(std::lower_bound(length.begin(), length.end(), at) - length.begin())] = 1;
        }
    }
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (keep[i])
            out.push_back(i);
    return out;
}

/// Every point of the front, or nothing when merging grows beyond kMostWholeStates.
std::optional<ParetoList> wholeFront(const AllocationProblem& problem)
{
    ParetoList list;
    for (const auto& choices : problem.layers) {
        std::vector<ParetoMove> moves;
        for (std::size_t i = 0; i < choices.size(); ++i)
            moves.push_back({choices[i].rate, choices[i].distortion, static_cast<std::uint8_t>(i)});
        keepUseful(moves, 0);
        if (list.size() * moves.size() > 4 * kMostWholeStates)
            return std::nullopt;
        list.merge(moves, 0);
        if (list.size() > kMostWholeStates)
            return std::nullopt;
    }
    return list;
}

Front fromWhole(const ParetoList& list, std::size_t maxPoints)
{
    std::vector<Point> points;
    for (const ParetoState& s : list.states())
        points.push_back({s.rate, s.cost});
    const std::vector<std::int64_t> budgets
        = evenBudgets(points.front().rate, points.back().rate, std::min(kBudgets, maxPoints));
    Front out;
    std::size_t previous = 0;
    for (const std::size_t i : thin(points, budgets, maxPoints)) {
        if (i > previous + 1)
            out.relativeGap
                = std::max(out.relativeGap, points[previous].distortion / points[i - 1].distortion - 1);
        previous = i;
        out.points.push_back({points[i].rate, points[i].distortion, list.choices(i)});
    }
    return out;
}

/// Hull points, exact at their own rates, joined with the exact answers at the even budgets.
Front fromAnswers(const AllocationProblem& problem, const ExactSearch& search, std::size_t maxPoints)
{
    const LowerHull& hull = search.hull();
    const std::size_t last = hull.steps().size();
    const std::vector<std::int64_t> budgets
        = evenBudgets(hull.rateAfter(0), hull.rateAfter(last), std::min(kBudgets, maxPoints));
    std::vector<FrontPoint> found;
    for (const std::int64_t budget : budgets) {
        const AllocationAnswer a = search.solve(budget);
        found.push_back({a.rate, a.distortion, {a.choice.begin(), a.choice.end()}});
    }
    std::vector<std::size_t> at = hull.cheapest();
    for (std::size_t k = 0; k <= last; ++k) {
        if (k > 0)
            at[hull.steps()[k - 1].layer] = hull.steps()[k - 1].to;
        FrontPoint p{hull.rateAfter(k), 0, {at.begin(), at.end()}};
        for (std::size_t l = 0; l < at.size(); ++l)
            p.distortion += problem.layers[l][at[l]].distortion;
        found.push_back(std::move(p));
    }
    std::stable_sort(found.begin(), found.end(), [](const FrontPoint& a, const FrontPoint& b) {
        return a.rate != b.rate ? a.rate < b.rate : a.distortion < b.distortion;
    });
    std::vector<FrontPoint> falling; // the same point found twice, or a rounding apart
    for (FrontPoint& p : found)
        if (falling.empty() || p.distortion < falling.back().distortion)
            falling.push_back(std::move(p));
    std::vector<Point> points;
    for (const FrontPoint& p : falling)
        points.push_back({p.rate, p.distortion});
    Front out;
    for (const std::size_t i : thin(points, budgets, maxPoints)) {
        if (!out.points.empty()) {
            const FrontPoint& before = out.points.back();
            const std::int64_t top = points[i].rate - 1; // the largest budget that the point before answers
            const auto proved = std::upper_bound(budgets.begin(), budgets.end(), top);
            const bool exact = proved != budgets.begin() && proved[-1] == top;
            if (!exact && top > before.rate)
                out.relativeGap = std::max(
                    out.relativeGap, before.distortion / std::max(hull.lowerBound(top), points[i].distortion) - 1);
        }
        out.points.push_back(std::move(falling[i]));
    }
    return out;
}

} // namespace

Front paretoFront(const AllocationProblem& problem, std::size_t maxPoints)
{
    const ExactSearch search(problem);
    maxPoints = std::max<std::size_t>(maxPoints, 2);
    if (problem.layers.empty())
        return {{{0, 0, {}}}, 0};
    if (const auto whole = wholeFront(problem))
        return fromWhole(*whole, maxPoints);
    return fromAnswers(problem, search, maxPoints);
}

} // namespace mprdo

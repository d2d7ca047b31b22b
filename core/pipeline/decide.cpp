// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/decide.h"
#include "core/allocate/allocator.h"
#include "core/api/average_bits.h"
#include "core/base/error.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

double distortionAt(const std::vector<double>& measured, const std::vector<Bits>& widths, Bits bits)
{
    if (bits == kKeepFp32)
        return 0;
    std::size_t nearest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (std::isfinite(measured[i])
            && (nearest == widths.size() || std::abs(widths[i] - bits) < std::abs(widths[nearest] - bits)))
            nearest = i;
    check(nearest < widths.size(), ErrorCode::Usage, "no width of this layer has been measured yet");
    return std::max(0.0, measured[nearest]) * std::pow(4.0, widths[nearest] - bits);
}

/// Bits of the layer's codes in the file.
std::int64_t rateAt(const LayerInfo& layer, const SensitivityTable& table, std::size_t l, Bits bits)
{
    const auto width = std::find(table.widths.begin(), table.widths.end(), bits);
    if (table.codedBits.empty() || width == table.widths.end())
        return layer.weights * bits;
    return std::int64_t(std::ceil(table.codedBits.at(l).at(std::size_t(width - table.widths.begin()))));
}

/// The widths at a choice of indices, of whatever integer type.
template <class Index>
Allocation chosen(const AllocationProblem& problem, const std::vector<Index>& choice)
{
    Allocation out;
    for (std::size_t l = 0; l < problem.layers.size(); ++l)
        out.bits.push_back(problem.layers[l].at(choice.at(l)).bits);
    return out;
}

} // namespace

AllocationProblem problemFrom(const std::vector<LayerInfo>& layers, const SensitivityTable& table,
                              const std::vector<Bits>& set, Metric metric, const std::vector<Bits>& fixed)
{
    check(!set.empty(), ErrorCode::Usage, "bits: the set of widths is empty");
    check(fixed.size() == layers.size(), ErrorCode::Usage, fixed.size(), " fixed widths for ", layers.size(), " layers");
    const auto values = table.distortion.find(metric);
    check(values != table.distortion.end() && values->second.size() == layers.size(), ErrorCode::Usage, "the metric ",
          name(metric), " has not been measured");
    AllocationProblem out;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        for (std::size_t w = 0; w < table.widths.size(); ++w)
            check(!std::isinf(values->second[l].at(w)), ErrorCode::NonFinite, layers[l].name, " at ", table.widths[w], " bits: the ",
                  name(metric), " distortion is not finite, so it cannot decide; another metric can");
        std::vector<Choice> choices;
        for (const Bits bits : fixed[l] != 0 ? std::vector<Bits>{fixed[l]} : set)
            choices.push_back({bits, rateAt(layers[l], table, l, bits), distortionAt(values->second[l], table.widths, bits)});
        std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) { return a.rate < b.rate; });
        out.layers.push_back(std::move(choices));
    }
    return out;
}

Allocation allocationOf(const AllocationProblem& problem, const std::vector<std::uint8_t>& choice)
{
    return chosen(problem, choice);
}

Allocation allocationOf(const AllocationProblem& problem, const std::vector<std::size_t>& choice)
{
    return chosen(problem, choice);
}

Allocation allocationOf(const AllocationProblem& problem, const AllocationAnswer& answer)
{
    return chosen(problem, answer.choice);
}

double ratePerWeight(const AllocationProblem& problem, const Allocation& allocation, const std::vector<LayerInfo>& layers)
{
    double rate = 0;
    for (std::size_t l = 0; l < layers.size(); ++l)
        for (const Choice& choice : problem.layers[l])
            if (choice.bits == allocation.bits.at(l))
                rate += double(choice.rate);
    const auto weights = double(weightCount(layers));
    return weights > 0 ? rate / weights : 0;
}

Decision decideByBits(const AllocationProblem& problem, const std::vector<LayerInfo>& layers, double averageBits)
{
    // A target given in decimals must not lose a bit to its binary form.
    const auto budget = static_cast<std::int64_t>(std::floor(averageBits * double(weightCount(layers)) + 1e-6));
    const AllocationAnswer answer = allocate(problem, budget);
    return {allocationOf(problem, answer), answer.slope, answer.distortion, budget, {}};
}

Decision decideByBytes(const AllocationProblem& problem, std::int64_t target,
                       const std::function<std::int64_t(const Allocation&)>& fileBytes, const RunControl& control)
{
    const std::int64_t lowest = lowestRate(problem);
    const AllocationAnswer smallest = allocate(problem, lowest);
    const std::int64_t smallestFile = fileBytes(allocationOf(problem, smallest));
    check(smallestFile <= target, ErrorCode::BudgetInfeasible, "target bytes: ", target,
          " is below the lowest possible with this set and these locks, ", smallestFile);
    // What the file holds beside codes hardly depends on the widths.
    std::int64_t budget = lowest + (target - smallestFile) * 8;
    while (budget > lowest) {
        control.throwIfCancelled();
        const AllocationAnswer answer = allocate(problem, budget);
        const std::int64_t bytes = fileBytes(allocationOf(problem, answer));
        if (bytes <= target)
            return {allocationOf(problem, answer), answer.slope, answer.distortion, budget, {}};
        budget = std::min(answer.rate - 1, budget - (bytes - target) * 8);
    }
    return {allocationOf(problem, smallest), smallest.slope, smallest.distortion, lowest, {}};
}

Decision decideByDrop(const AllocationProblem& problem, const Front& front, double points,
                      const std::function<double(const Allocation&)>& drop, const RunControl& control)
{
    check(!front.points.empty(), ErrorCode::Internal, "an empty front");
    std::size_t low = 0, high = front.points.size(); // the first point that holds lies in [low, high]
    while (low < high) {
        control.throwIfCancelled();
        const std::size_t middle = low + (high - low) / 2;
        if (drop(allocationOf(problem, front.points[middle].choice)) <= points)
            high = middle;
        else
            low = middle + 1;
    }
    Decision out;
    if (low == front.points.size()) {
        --low;
        out.note = text("No allocation of the set keeps the drop on the hold-out images within ", points,
                        " points; the widest one is taken.");
    }
    const FrontPoint& point = front.points[low];
    out.allocation = allocationOf(problem, point.choice);
    out.distortion = point.distortion;
    out.budget = point.rate;
    out.slope = allocate(problem, point.rate).slope;
    return out;
}

} // namespace mprdo

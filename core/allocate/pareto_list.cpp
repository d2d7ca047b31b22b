// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/pareto_list.h"
#include "core/base/error.h"
#include <algorithm>
#include <limits>

namespace mprdo {
namespace {

/// Drops what has no less distortion than something before it; the list ascends in rate.
template <class T>
void dropDominated(std::vector<T>& sorted, double lambda)
{
    double best = std::numeric_limits<double>::infinity();
    std::size_t kept = 0;
    for (const T& s : sorted) {
        const double distortion = s.cost - lambda * double(s.rate);
        if (distortion < best) {
            best = distortion;
            if (kept > 0 && sorted[kept - 1].rate == s.rate)
                --kept; // the same rate for less
            sorted[kept++] = s;
        }
    }
    sorted.resize(kept);
}

} // namespace

void keepUseful(std::vector<ParetoMove>& moves, double lambda)
{
    std::stable_sort(moves.begin(), moves.end(), [](const ParetoMove& a, const ParetoMove& b) {
        return a.rate != b.rate ? a.rate < b.rate : a.cost < b.cost;
    });
    dropDominated(moves, lambda);
}

ParetoList::ParetoList()
    : m_levels{{ParetoState{}}}
{
}

void ParetoList::merge(const std::vector<ParetoMove>& moves, double lambda)
{
    constexpr std::size_t most = 40'000'000; // about 1 GB
    const std::vector<ParetoState>& from = m_levels.back();
    check(m_total + from.size() * moves.size() <= most, ErrorCode::OutOfMemory,
          "allocation: more than ", most, " partial sums would have to be kept");
    const auto byRate = [](const ParetoState& a, const ParetoState& b) { return a.rate < b.rate; };
    std::vector<ParetoState> all, shifted(from.size()), merged;
    for (const ParetoMove& m : moves) { // each move's list is sorted already: merge them one by one
        for (std::size_t p = 0; p < from.size(); ++p)
            shifted[p] = {from[p].rate + m.rate, from[p].cost + m.cost, static_cast<std::uint32_t>(p), m.choice};
        merged.resize(all.size() + shifted.size());
        std::merge(all.begin(), all.end(), shifted.begin(), shifted.end(), merged.begin(), byRate);
        dropDominated(merged, lambda);
        all.swap(merged);
    }
    all.shrink_to_fit();
    m_total += all.size();
    m_levels.push_back(std::move(all));
}

std::vector<std::uint8_t> ParetoList::choices(std::size_t state) const
{
    std::vector<std::uint8_t> out(m_levels.size() - 1);
    for (std::size_t level = m_levels.size(); level-- > 1;) {
        const ParetoState& s = m_levels[level][state];
        out[level - 1] = s.choice;
        state = s.parent;
    }
    return out;
}

} // namespace mprdo

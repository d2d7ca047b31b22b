// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/what_if.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

/// Pool adjacent violators: pairs ascending in distortion become pools of equal drop, each standing at the mean log
/// distortion of its members; drops are then bounded from below by 0, which is the isotonic fit through (0, 0).
std::vector<DropFit::Pair> pooled(const std::vector<DropFit::Pair>& ascending)
{
    struct Pool {
        double logSum, dropSum;
        int count;
        double drop() const { return dropSum / count; }
    };
    std::vector<Pool> pools;
    double last = 0;
    for (const DropFit::Pair& pair : ascending) {
        Pool pool{std::log(pair.distortion), pair.drop, 1};
        const bool sameDistortion = !pools.empty() && pair.distortion == last;
        last = pair.distortion;
        if (sameDistortion) { // one distortion has one drop
            pool = {pools.back().logSum + pool.logSum, pools.back().dropSum + pool.dropSum, pools.back().count + 1};
            pools.pop_back();
        }
        while (!pools.empty() && pools.back().drop() >= pool.drop()) {
            pool = {pools.back().logSum + pool.logSum, pools.back().dropSum + pool.dropSum, pools.back().count + pool.count};
            pools.pop_back();
        }
        pools.push_back(pool);
    }
    std::vector<DropFit::Pair> out;
    for (const Pool& pool : pools)
        out.push_back({std::exp(pool.logSum / pool.count), std::max(0.0, pool.drop())});
    return out;
}

/// Linear in log distortion between fitted pairs; a straight line from (0, 0) to the first; the last one's drop beyond.
double interpolated(const std::vector<DropFit::Pair>& fitted, double distortion)
{
    if (fitted.empty() || !(distortion > 0))
        return 0;
    const auto after = std::upper_bound(fitted.begin(), fitted.end(), distortion,
                                        [](double d, const DropFit::Pair& pair) { return d < pair.distortion; });
    if (after == fitted.begin())
        return after->drop * distortion / after->distortion;
    const DropFit::Pair& before = after[-1];
    if (after == fitted.end())
        return before.drop;
    const double t = std::log(distortion / before.distortion) / std::log(after->distortion / before.distortion);
    return before.drop + t * (after->drop - before.drop);
}

/// Pairs within this factor of distortion (as a logarithm) are of one kind: how far the worst of them was missed is how far the
/// next one may be.
const double kNear = std::log(2.0);

} // namespace

DropFit::DropFit(std::vector<Pair> pairs)
{
    // A distortion of 0 is FP32 itself, which the fit passes through anyway.
    std::erase_if(pairs, [](const Pair& p) {
        return !std::isfinite(p.distortion) || !std::isfinite(p.drop) || p.distortion <= 0;
    });
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.distortion < b.distortion; });
    m_known = pairs.size() >= 3;
    if (!m_known)
        return;
    m_lowest = pairs.front().distortion;
    m_highest = pairs.back().distortion;
    m_pairs = pooled(pairs);
    std::vector<double> missed;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        std::vector<Pair> others = pairs;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        missed.push_back(std::abs(interpolated(pooled(others), pairs[i].distortion) - pairs[i].drop));
    }
    for (const Pair& pair : pairs) {
        m_errors.push_back({pair.distortion, 0});
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (std::abs(std::log(pairs[i].distortion / pair.distortion)) <= kNear)
                m_errors.back().drop = std::max(m_errors.back().drop, missed[i]);
    }
}

double DropFit::drop(double distortion) const { return interpolated(m_pairs, distortion); }

double DropFit::leaveOneOutError(double distortion) const
{
    return m_errors.empty() ? 0 : interpolated(m_errors, std::max(distortion, m_errors.front().distortion));
}

bool DropFit::extrapolates(double distortion) const { return distortion < m_lowest || distortion > m_highest; }

double WhatIf::layerBits(std::size_t layer, Bits bits) const
{
    const double fixed = double(layers[layer].weights) * bits;
    if (rate == RateKind::Fixed || !sensitivity || sensitivity->codedBits.empty())
        return fixed;
    const auto& widths = sensitivity->widths;
    const auto at = std::find(widths.begin(), widths.end(), bits);
    return at == widths.end() ? fixed : sensitivity->codedBits.at(layer).at(std::size_t(at - widths.begin()));
}

double WhatIf::averageBits(const Allocation& allocation) const
{
    double bits = 0, weights = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        weights += double(layers[l].weights);
        bits += layerBits(l, l < allocation.bits.size() ? allocation.bits[l] : kKeepFp32);
    }
    return weights > 0 ? bits / weights : 0;
}

Estimate WhatIf::estimate(const Allocation& allocation) const
{
    Estimate out;
    double live = 0, liveBits = 0;
    out.averageBits = averageBits(allocation);
    out.storedBytes = otherBytes;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const Bits b = l < allocation.bits.size() ? allocation.bits[l] : kKeepFp32;
        const double nLive = double(layers[l].weights - layers[l].deadWeights);
        live += nLive;
        liveBits += rate == RateKind::Fixed ? nLive * b : layerBits(l, b); // coded, dead weights cost nothing
        if (b == kKeepFp32) {
            out.storedBytes += layerBytesFp32.at(l);
            continue;
        }
        if (!sensitivity) {
            ++out.missing;
            continue;
        }
        const auto& widths = sensitivity->widths;
        const auto at = static_cast<std::size_t>(std::find(widths.begin(), widths.end(), b) - widths.begin());
        if (at < widths.size())
            out.storedBytes += layerBytes.at(l).at(at);
        const auto table = sensitivity->distortion.find(metric);
        const double d = at < widths.size() && table != sensitivity->distortion.end() ? table->second.at(l).at(at) : NAN;
        if (!std::isfinite(d))
            ++out.missing;
        else
            out.distortion += d;
    }
    out.averageLiveBits = live > 0 ? liveBits / live : 0;
    if (fit.known()) {
        out.drop = fit.drop(out.distortion);
        out.dropError = fit.leaveOneOutError(out.distortion);
        out.extrapolated = fit.extrapolates(out.distortion);
    }
    return out;
}

std::optional<std::size_t> WhatIf::pointAtRate(std::int64_t rate) const
{
    if (!front)
        return std::nullopt;
    const auto& points = front->points;
    const auto after = std::upper_bound(points.begin(), points.end(), rate,
                                        [](std::int64_t r, const FrontPoint& p) { return r < p.rate; });
    if (after == points.begin())
        return std::nullopt;
    return static_cast<std::size_t>(after - points.begin()) - 1;
}

} // namespace mprdo

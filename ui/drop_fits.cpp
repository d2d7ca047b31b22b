// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/drop_fits.h"
#include "ui/run_context.h"
#include <cmath>
#include <cstdio>

namespace mprdo {

DropFits DropFits::make(const SessionModel& session, const WhatIf& whatIf, const PairedDrops& drops)
{
    std::vector<DropPrediction::Pair> nearest, optimised;
    const std::size_t layers = whatIf.layers.size();
    const auto add = [&](std::vector<DropPrediction::Pair>& pairs, const Allocation& allocation, const MethodRow& row) {
        const Estimate e = whatIf.estimate(allocation);
        if (allocation.bits.size() != layers || e.missing > 0 || !(e.distortion > 0) || !std::isfinite(e.distortion))
            return;
        const auto paired = drops.of(row);
        pairs.push_back({e.distortion, row.dropPoints, paired ? std::optional(paired->flips) : std::nullopt});
    };
    if (layers > 0) {
        for (const MethodRow& row : session.rows())
            if (const auto bits = uniformWidth(row))
                add(nearest, Allocation{std::vector<Bits>(layers, *bits)}, row);
        for (const RunPtr& run : session.runs())
            if (run->rounding != Rounding::ClosedForm && !outOfDate(*run, session))
                add(run->rounding == Rounding::Optimised ? optimised : nearest, run->allocation, run->row);
    }
    const std::int64_t images = session.data().evaluation;
    return {DropPrediction(std::move(nearest), images), DropPrediction(std::move(optimised), images)};
}

std::optional<Bits> uniformWidth(const MethodRow& row)
{
    int bits = 0;
    return std::sscanf(row.method.c_str(), "Uniform %d-bit", &bits) == 1 ? std::optional<Bits>(bits) : std::nullopt;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/gains.h"
#include <algorithm>
#include <cstdio>

namespace mprdo {
namespace {

const MethodRow* row(const std::vector<MethodRow>& rows, const char* method)
{
    const auto it = std::find_if(rows.begin(), rows.end(), [&](const MethodRow& r) { return r.method == method; });
    return it == rows.end() ? nullptr : &*it;
}

template <class... Values>
std::string printed(const char* format, Values... values)
{
    char buffer[160];
    std::snprintf(buffer, sizeof buffer, format, values...);
    return buffer;
}

} // namespace

std::optional<Gains> gainsOverUniform8(const std::vector<MethodRow>& rows)
{
    const MethodRow* uniform = row(rows, "Uniform 8-bit PTQ");
    const MethodRow* ours = row(rows, "MPRDO-PTQ");
    if (!uniform || !ours)
        return std::nullopt;
    Gains gains;
    gains.points = ours->evaluation.accuracyPercent() - uniform->evaluation.accuracyPercent();
    if (ours->averageBits > 0)
        gains.compressionFactor = uniform->averageBits / ours->averageBits;
    if (ours->storedBytes > 0)
        gains.storedFactor = double(uniform->storedBytes) / double(ours->storedBytes);
    if (uniform->dropPoints > 0)
        gains.shareOfDropRemoved = 100 * (uniform->dropPoints - ours->dropPoints) / uniform->dropPoints;
    return gains;
}

std::string gainsText(const Gains& gains)
{
    return printed("gains over uniform 8-bit: %+.2f points, %.2fx fewer bits, ", gains.points, gains.compressionFactor)
           + (!gains.shareOfDropRemoved       ? std::string("no drop to remove")
              : *gains.shareOfDropRemoved < 0 ? std::string("nothing of the drop removed")
                                              : printed("%.1f %% of the drop removed", *gains.shareOfDropRemoved));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What MPRDO-PTQ gains over uniform 8-bit: the lines under the table. Standard library only.
#pragma once
#include "core/api/snapshots.h"
#include <optional>
#include <string>
#include <vector>

namespace mprdo {

struct Gains {
    double points = 0;                       ///< accuracy of MPRDO-PTQ minus uniform 8-bit's, percentage points
    double compressionFactor = 1;            ///< uniform 8-bit's average bits / MPRDO-PTQ's
    double storedFactor = 1;                 ///< uniform 8-bit's stored bytes / MPRDO-PTQ's
    std::optional<double> shareOfDropRemoved; ///< percent; empty: uniform 8-bit lost nothing ("no drop to remove")
};

/// Empty when the rows hold no "Uniform 8-bit PTQ" or no "MPRDO-PTQ".
std::optional<Gains> gainsOverUniform8(const std::vector<MethodRow>& rows);

/// "gains over uniform 8-bit: +0.12 points, 1.91x fewer bits, 80.0 % of the drop removed".
std::string gainsText(const Gains&);

} // namespace mprdo

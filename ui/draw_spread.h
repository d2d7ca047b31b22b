// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include <vector>

namespace mprdo {

/// How much of a sensitivity is the choice of calibration images: several draws of them, at one width.
struct DrawSpread {
    std::vector<double> mean, deviation; ///< per layer; the sample's standard deviation; NaN where a draw has no value
    double rankCorrelation = 0;          ///< Spearman over the layers, mean over pairs of draws; NaN below two draws
    double lowestCorrelation = 0;        ///< of the pairs
    double relative = 0;                 ///< median over the layers of deviation / mean; NaN: no layer has both

    /// \param width  index into the tables' widths
    static DrawSpread of(const std::vector<SensitivityPtr>& draws, std::size_t width);
};

} // namespace mprdo

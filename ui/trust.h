// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include <QString>
#include <vector>

namespace mprdo {

/// A measurement and what the session's other measurements of that rounding would have predicted for it.
struct TrustPoint {
    QString name;
    double predicted = 0, measured = 0; ///< drop, points
    double low = 0, high = 0;           ///< paired 95 % interval of the measured one; equal to it where answers were not kept
    bool extrapolated = false;          ///< outside what the others span: the fit knows nothing there
};

/// How far predictions are to be trusted: each measurement is left out and predicted from the others.
struct Trust {
    std::vector<TrustPoint> points;
    double medianError = 0;     ///< |predicted - measured| of those between the others, points; NaN: none is
    double rankCorrelation = 0; ///< Spearman, of the same; NaN below two
    int counted = 0;

    /// Of one kind of rounding; runs out of date have no say. Cost: O(measurements^2).
    static Trust of(Rounding, const SessionModel&, const WhatIfModel&);
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/front_view.h"
#include <QVector>

namespace mprdo {

/// What more room would buy along the front.
struct NextStep {
    std::int64_t bytes = 0;        ///< more than now
    double distortionShare = 0;    ///< relative change of the summed distortion, negative
    double distortionBefore = 0, distortionAfter = 0;
    QVector<int> layers;           ///< that would change, ascending
};

/// From the best point of at most that many bits on average to the first that is at least moreBytes larger (the last point
/// where none is). Below its first point that one
/// counts, which is what the solver gives then. Nothing at the end of the front.
std::optional<NextStep> nextStep(const FrontView&, double averageBits, std::int64_t moreBytes);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that were measured under other conditions than one made now would be.
#pragma once
#include "core/api/snapshots.h"
#include <QString>
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

class SessionModel;

/// Is the run of another context than the open session? No while either context is not known.
bool outOfDate(const RunRecord&, const SessionModel&);

/// What differs, a line each: "256 calibration images; now 512", "seed 7; now 42", "other weights". Nothing is left out:
/// where no pair differs, "other settings".
QString contextDifference(const std::vector<std::pair<std::string, std::string>>& then,
                          const std::vector<std::pair<std::string, std::string>>& now);

} // namespace mprdo

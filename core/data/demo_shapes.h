// SPDX-License-Identifier: GPL-3.0-or-later
// The ten shapes of the built-in demo as signed distances.
#pragma once
#include "core/import/demo_classes.h"

namespace mprdo {

inline constexpr int kDemoClasses = static_cast<int>(kDemoClassNames.size());

/// Signed distance (negative inside, exact or a lower bound of its size) of a point to the shape of a class (index in kDemoClassNames), in units of
/// the shape's radius; the shape lies in the unit disc around the origin. Only + - * / and the square root: correctly
/// rounded everywhere.
double demoShapeDistance(int shape, double u, double v);

} // namespace mprdo

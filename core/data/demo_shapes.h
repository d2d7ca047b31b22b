// SPDX-License-Identifier: GPL-3.0-or-later
// The ten shapes of the built-in demo as signed distances.
#pragma once
#include <array>

namespace mprdo {

inline constexpr int kDemoClasses = 10;
inline constexpr std::array<const char*, kDemoClasses> kDemoClassNames{
    "disc", "hexagon", "square", "triangle", "star", "cross", "ring", "frame", "crescent", "half disc"};

/// Signed distance (negative inside, exact or a lower bound of its size) of a point to the shape of a class, in units of
/// the shape's radius; the shape lies in the unit disc around the origin. Only + - * / and the square root: correctly
/// rounded everywhere.
double demoShapeDistance(int shape, double u, double v);

} // namespace mprdo

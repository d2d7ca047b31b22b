// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/demo_shapes.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

double length(double u, double v) { return std::sqrt(u * u + v * v); }

double box(double u, double v, double halfWidth, double halfHeight)
{
    return std::max(std::abs(u) - halfWidth, std::abs(v) - halfHeight);
}

/// Pentagram: inside at least four of the five half planes, so the second largest distance decides.
double star(double u, double v)
{
    constexpr double cosines[5] = {1.0, 0.30901699437494745, -0.8090169943749475, -0.8090169943749475, 0.30901699437494745};
    constexpr double sines[5] = {0.0, 0.9510565162951535, 0.5877852522924731, -0.5877852522924731, -0.9510565162951535};
    double largest = -2, second = -2;
    for (int i = 0; i < 5; ++i) {
        const double d = cosines[i] * u + sines[i] * v - 0.34;
        second = std::max(second, std::min(largest, d));
        largest = std::max(largest, d);
    }
    return second;
}

double triangle(double u, double v)
{
    constexpr double cos30 = 0.8660254037844386;
    return std::max({v, cos30 * u - 0.5 * v, -cos30 * u - 0.5 * v}) - 0.52;
}

double hexagon(double u, double v)
{
    constexpr double cos30 = 0.8660254037844386;
    return std::max({std::abs(v), std::abs(cos30 * u + 0.5 * v), std::abs(cos30 * u - 0.5 * v)}) - 0.8;
}

} // namespace

double demoShapeDistance(int shape, double u, double v)
{
    switch (shape) {
    case 0: return length(u, v) - 0.86;
    case 1: return hexagon(u, v);
    case 2: return box(u, v, 0.74, 0.74);
    case 3: return triangle(u, v);
    case 4: return star(u, v);
    case 5: return std::min(box(u, v, 0.28, 0.96), box(u, v, 0.96, 0.28));
    case 6: return std::abs(length(u, v) - 0.7) - 0.2;
    case 7: return std::abs(std::max(std::abs(u), std::abs(v)) - 0.6) - 0.19;
    case 8: return std::max(length(u, v) - 0.95, 0.78 - length(u - 0.42, v));
    default: return std::max(length(u, v + 0.35) - 0.98, -(v + 0.35));
    }
}

} // namespace mprdo

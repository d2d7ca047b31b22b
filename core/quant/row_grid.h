// SPDX-License-Identifier: GPL-3.0-or-later
// The grid of each row of a weight as the row kernels of compensated rounding read it.
#pragma once
#include "core/quant/code_rate.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

/// Everything is float32, row-major, on the CPU.
struct RowGrid {
    const float* scale;
    const float* zeroPoint;
    float qMin, qMax;
    const CodeRate* rate = nullptr;

    float code(std::int64_t row, float value) const
    {
        return std::clamp(std::nearbyintf(value / scale[row]) + zeroPoint[row], qMin, qMax);
    }
    float value(std::int64_t row, float code) const { return scale[row] * (code - zeroPoint[row]); }
    float cost(std::int64_t row, float code) const { return rate ? rate->cost(code - zeroPoint[row]) : 0; }

    /// The code of least curvature (its value - wanted)^2 + cost among the nearest, its neighbour towards zero and zero.
    float best(std::int64_t row, float wanted, float curvature) const
    {
        const float near = code(row, wanted), zero = zeroPoint[row];
        if (!rate || near == zero)
            return near;
        const auto total = [&](float c) {
            const float d = value(row, c) - wanted;
            return curvature * d * d + rate->cost(c - zero);
        };
        float found = near, least = total(near);
        for (const float other : {near > zero ? near - 1 : near + 1, zero})
            if (const float t = total(other); t < least) {
                least = t;
                found = other;
            }
        return found;
    }
};

} // namespace mprdo

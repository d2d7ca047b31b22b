// SPDX-License-Identifier: GPL-3.0-or-later
// How the codes of one weight lie and which values they can have: what the decoder knows before the first bit.
#pragma once
#include <cstdint>
#include <vector>

namespace mprdo {

/// Rows are output channels, columns input channels x kernel positions; codes row-major, without their channel's zero point.
struct CodeShape {
    std::int64_t rows = 0, columns = 0;
    std::int64_t taps = 1;  ///< kernel positions, kH * kW; divides columns
    std::int64_t width = 1; ///< kW; divides taps
    int bits = 8;           ///< 1..8
    std::vector<int> least; ///< [rows]: codes of a row lie in [least, least + 2^bits - 1], which holds zero

    int largest(std::int64_t row) const { return least[static_cast<std::size_t>(row)] + (1 << bits) - 1; }
    std::int64_t count() const { return rows * columns; }
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// From the codes around a place to the contexts in which the code at that place is predicted.
#pragma once
#include "core/code/code_shape.h"
#include <array>
#include <cstddef>

namespace mprdo {

/// Four numbers for zero and magnitude, four for the sign; each below its kSizes.
struct CodeContexts {
    static constexpr std::size_t kCount = 4;
    static constexpr std::array<std::size_t, kCount> kMagnitudeSizes{12 * 16, 16 * 16, 6 * 6 * 6, 1};
    static constexpr std::array<std::size_t, kCount> kSignSizes{3 * 3 * 16, 7 * 7 * 7, 5 * 5 * 5 * 5, 32 * 16};
    std::array<std::size_t, kCount> magnitude{}, sign{};
};

/// Walks one weight. Filters are smooth: signs and magnitudes go with those to the left, above and on the diagonals within the
/// kernel (where there is no kernel, within the matrix). Channels differ: magnitudes go with the mean of their column.
/// Which contexts: by measurement on codes of 2 to 4 bits of ResNet-20 and ResNet-18 (resources/formats.md has the sizes).
class CodeWalk {
public:
    /// codes: [shape.count()], as far as they are known; both outlive the walk.
    CodeWalk(const CodeShape& shape, const std::vector<std::int16_t>& codes);

    void beginRow(std::int64_t row);
    /// Contexts of the code at (the row begun, column). Constant time.
    CodeContexts at(std::int64_t column) const;
    /// The code at that place is known now; columns come in increasing order, dead ones are passed over.
    void add(std::int64_t column, int code);
    void endRow() { ++m_rowsKnown; }

private:
    /// Logarithm of a magnitude (x 16) against the width, in thirds of an octave: 0..18.
    int level(std::int64_t sixteenths) const;
    int clipped(int code, int limit) const;

    const CodeShape& m_shape;
    int m_shift; ///< magnitudes are looked at as if of 4 bits
    const std::int16_t* m_codes;
    const std::int16_t *m_row = nullptr, *m_rowAbove = nullptr, *m_rowAbove2 = nullptr;
    std::int64_t m_rowsKnown = 0, m_rowSum = 0, m_rowCount = 0;
    std::vector<std::int32_t> m_columnMean; ///< of magnitudes, x 65536
    std::vector<std::uint8_t> m_place;      ///< [taps]: class of the kernel position, 0..15
};

} // namespace mprdo

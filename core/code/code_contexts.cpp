// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/code_contexts.h"
#include <algorithm>
#include <cstdlib>

namespace mprdo {
namespace {

constexpr std::int64_t kPlaces = 16;
constexpr std::size_t kLevels = 1024;
constexpr std::int64_t kLeastColumnRate = 65536 / 32; ///< the column's mean forgets after 32 rows

/// floor(3 log2(t / 16 + 1)), in integers.
constexpr std::array<std::uint8_t, kLevels> kLevel = [] {
    std::array<std::uint8_t, kLevels> out{};
    std::uint64_t level = 0;
    for (std::uint64_t t = 0; t < kLevels; ++t) {
        while ((t + 16) * (t + 16) * (t + 16) >= std::uint64_t(4096) << (level + 1))
            ++level;
        out[t] = static_cast<std::uint8_t>(level);
    }
    return out;
}();

std::size_t signOf(int code) { return static_cast<std::size_t>((code > 0) - (code < 0) + 1); }

} // namespace

CodeWalk::CodeWalk(const CodeShape& shape, const std::vector<std::int16_t>& codes)
    : m_shape(shape)
    , m_shift(std::max(0, shape.bits - 4))
    , m_codes(codes.data())
    , m_columnMean(static_cast<std::size_t>(shape.columns))
{
    const std::int64_t height = shape.taps / shape.width;
    for (std::int64_t tap = 0; tap < shape.taps; ++tap)
        m_place.push_back(static_cast<std::uint8_t>(
            shape.taps <= kPlaces ? tap : tap % shape.width * 4 / shape.width + tap / shape.width * 4 / height * 4));
}

void CodeWalk::beginRow(std::int64_t row)
{
    m_row = m_codes + row * m_shape.columns;
    m_rowAbove = row > 0 ? m_row - m_shape.columns : nullptr;
    m_rowAbove2 = row > 1 ? m_row - 2 * m_shape.columns : nullptr;
    m_rowSum = m_rowCount = 0;
}

int CodeWalk::level(std::int64_t sixteenths) const
{
    return kLevel[static_cast<std::size_t>(std::min<std::int64_t>((sixteenths << 5) >> m_shape.bits, kLevels - 1))];
}

int CodeWalk::clipped(int code, int limit) const
{
    const int magnitude = std::min((std::abs(code) + (1 << m_shift) - 1) >> m_shift, limit);
    return code < 0 ? limit - magnitude : limit + magnitude;
}

CodeContexts CodeWalk::at(std::int64_t column) const
{
    // Codes around this one; those outside or not yet known count as zero.
    int left = 0, left2 = 0, above = 0, above2 = 0, diagonal = 0, diagonalRight = 0;
    std::size_t place = 0;
    bool hasLeft = false, hasAbove = false;
    if (m_shape.taps > 1) {
        const std::int64_t tap = column % m_shape.taps, width = m_shape.width, x = tap % width, y = tap / width;
        const std::int16_t* here = m_row + column;
        place = m_place[static_cast<std::size_t>(tap)];
        hasLeft = x > 0;
        hasAbove = y > 0;
        left = x > 0 ? here[-1] : 0;
        left2 = x > 1 ? here[-2] : 0;
        above = y > 0 ? here[-width] : 0;
        above2 = y > 1 ? here[-2 * width] : 0;
        diagonal = x > 0 && y > 0 ? here[-width - 1] : 0;
        diagonalRight = y > 0 && x + 1 < width ? here[-width + 1] : 0;
    } else {
        hasLeft = column > 0;
        hasAbove = m_rowAbove != nullptr;
        left = column > 0 ? m_row[column - 1] : 0;
        left2 = column > 1 ? m_row[column - 2] : 0;
        above = m_rowAbove ? m_rowAbove[column] : 0;
        above2 = m_rowAbove2 ? m_rowAbove2[column] : 0;
        diagonal = hasLeft && m_rowAbove ? m_rowAbove[column - 1] : 0;
        diagonalRight = m_rowAbove && column + 1 < m_shape.columns ? m_rowAbove[column + 1] : 0;
    }
    const int l = std::abs(left), a = std::abs(above), d = std::abs(diagonal), e = std::abs(diagonalRight);
    const std::int64_t mean = m_rowsKnown > 0 ? m_columnMean[static_cast<std::size_t>(column)] >> 12
        : m_rowCount > 0                      ? 16 * m_rowSum / m_rowCount
                                              : std::int64_t(1) << m_shape.bits;
    const auto capped = [&](int magnitude) { return static_cast<std::size_t>(std::min(magnitude >> m_shift, 5)); };
    const auto three = [&](int code) { return static_cast<std::size_t>(clipped(code, 3)); };
    const auto two = [&](int code) { return static_cast<std::size_t>(clipped(code, 2)); };

    CodeContexts out;
    out.magnitude[0] = static_cast<std::size_t>(std::min(level(8 * (l + a)), 11)) * kPlaces + place;
    out.magnitude[1]
        = static_cast<std::size_t>(std::min(level(4 * (2 * l + 2 * a + d + e)), 15) * 16 + std::min(level(mean), 15));
    out.magnitude[2] = (capped(l) * 6 + capped(a)) * 6 + capped(d);
    out.sign[0] = (signOf(left) * 3 + signOf(above)) * kPlaces + place;
    out.sign[1] = (three(left) * 7 + three(above)) * 7 + three(diagonal);
    out.sign[2] = ((two(left) * 5 + two(left2)) * 5 + two(above)) * 5 + two(above2);
    // The plane through the three neighbours, continued.
    const int plane = hasLeft && hasAbove ? left + above - diagonal : hasLeft ? left : above;
    out.sign[3] = static_cast<std::size_t>(std::clamp((plane * 32 >> m_shape.bits) + 16, 0, 31)) * kPlaces + place;
    return out;
}

void CodeWalk::add(std::int64_t column, int code)
{
    const std::int64_t magnitude = std::abs(code);
    std::int32_t& mean = m_columnMean[static_cast<std::size_t>(column)];
    const std::int64_t rate = std::max(65536 / (m_rowsKnown + 1), kLeastColumnRate);
    mean += static_cast<std::int32_t>(((magnitude << 16) - mean) * rate >> 16);
    m_rowSum += magnitude;
    ++m_rowCount;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// BMP bytes, written down from the format's description.
#pragma once
#include <QByteArray>
#include <cstdint>
#include <functional>

namespace mprdo::test {

struct BmpKind {
    int bits = 24, headBytes = 40;
    int compression = 0;
    bool topDown = false;
    QByteArray palette{};            ///< blue, green, red and, but for the head of 12 bytes, a spare byte each
    std::uint32_t masks[3] = {0, 0, 0};
    int coloursSaid = 0;
    int gap = 0;                     ///< bytes between palette and pixels
};

inline QByteArray littleEndian(std::uint64_t value, int bytes)
{
    QByteArray out;
    for (int i = 0; i < bytes; ++i)
        out += char(value >> (8 * i) & 255);
    return out;
}

/// \param pixels  as they lie in the file
inline QByteArray bmpOf(int height, int width, const BmpKind& kind, const QByteArray& pixels)
{
    QByteArray head = littleEndian(std::uint64_t(kind.headBytes), 4);
    if (kind.headBytes == 12) {
        head += littleEndian(std::uint64_t(width), 2) + littleEndian(std::uint64_t(height), 2) + littleEndian(1, 2) + littleEndian(std::uint64_t(kind.bits), 2);
    } else {
        head += littleEndian(std::uint32_t(width), 4) + littleEndian(std::uint32_t(kind.topDown ? -height : height), 4) + littleEndian(1, 2)
            + littleEndian(std::uint64_t(kind.bits), 2) + littleEndian(std::uint64_t(kind.compression), 4) + littleEndian(std::uint64_t(pixels.size()), 4)
            + littleEndian(2835, 4) + littleEndian(2835, 4) + littleEndian(std::uint64_t(kind.coloursSaid), 4) + littleEndian(0, 4);
        if (kind.compression == 3 || kind.headBytes >= 52)
            for (const std::uint32_t mask : kind.masks)
                head += littleEndian(mask, 4);
        if (head.size() < kind.headBytes)
            head += QByteArray(kind.headBytes - head.size(), '\0');
    }
    head += kind.palette + QByteArray(kind.gap, '\7');
    return "BM" + littleEndian(std::uint64_t(14 + head.size() + pixels.size()), 4) + littleEndian(0, 4) + littleEndian(std::uint64_t(14 + head.size()), 4) + head + pixels;
}

/// Rows of so many bits a pixel, highest bits first below 8, in the order of the kind, filled up to 4 bytes.
inline QByteArray bmpRows(int height, int width, const BmpKind& kind, const std::function<std::uint32_t(int, int)>& value)
{
    QByteArray out;
    for (int lying = 0; lying < height; ++lying) {
        const int r = kind.topDown ? lying : height - 1 - lying;
        QByteArray row((width * kind.bits + 31) / 32 * 4, '\0');
        for (int c = 0; c < width; ++c) {
            if (kind.bits < 8) {
                const int at = c * kind.bits / 8;
                row[at] = char(row[at] | int(value(r, c)) << (8 - kind.bits - c * kind.bits % 8));
            } else {
                row.replace(c * kind.bits / 8, kind.bits / 8, littleEndian(value(r, c), kind.bits / 8));
            }
        }
        out += row;
    }
    return out;
}

} // namespace mprdo::test

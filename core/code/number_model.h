// SPDX-License-Identifier: GPL-3.0-or-later
// Scales, zero points and biases: few numbers, whose sizes are alike and whose last digits are noise.
#pragma once
#include "core/code/adaptive_bit.h"
#include <array>
#include <cstddef>
#include <map>
#include <string>

namespace mprdo {

/// Of every number the most significant byte (of a floating-point number sign and exponent) is coded bit by bit, each bit after those
/// above it in the byte; the other bytes are written as they are.
class NumberModel {
public:
    /// \param coder as CodeModel's, and coder.byte(value) for a byte as it is   \param bytes little-endian, size each
    template <class Coder>
    void walk(Coder& coder, std::string& bytes, int size)
    {
        const auto step = static_cast<std::size_t>(size);
        for (std::size_t i = 0; i < bytes.size(); i += step) {
            for (std::size_t low = 0; low + 1 < step; ++low)
                bytes[i + low] = static_cast<char>(coder.byte(static_cast<std::uint8_t>(bytes[i + low])));
            const auto top = static_cast<unsigned>(static_cast<unsigned char>(bytes[i + step - 1]));
            std::size_t tree = 1; // a one in front of the bits known so far
            for (int bit = 7; bit >= 0; --bit) {
                const bool known = coder.code((top >> bit & 1) != 0, m_top[tree].probabilityOfOne());
                m_top[tree].update(known);
                tree = 2 * tree + (known ? 1 : 0);
            }
            bytes[i + step - 1] = static_cast<char>(tree & 0xff);
        }
    }

private:
    std::array<AdaptiveBit, 256> m_top;
};

/// One model for each size in bytes: scales do not teach biases.
class NumberModels {
public:
    NumberModel& of(int size) { return m_models[size]; }

private:
    std::map<int, NumberModel> m_models;
};

} // namespace mprdo

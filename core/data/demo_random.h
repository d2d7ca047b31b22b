// SPDX-License-Identifier: GPL-3.0-or-later
// The demo's own generator: the same numbers with every compiler and library.
#pragma once
#include <cstdint>

namespace mprdo {

/// splitmix64 (Steele, Lea, Flood 2014).
class DemoRandom {
public:
    explicit DemoRandom(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t bits()
    {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15ull;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    /// In [low, high), a multiple of 2^-32 of the span.
    double between(double low, double high) { return low + (high - low) * (double(bits() >> 32) * 0x1p-32); }
    /// 0 .. count - 1.
    int below(int count) { return static_cast<int>(((bits() >> 32) * static_cast<std::uint64_t>(count)) >> 32); }

private:
    std::uint64_t m_state;
};

} // namespace mprdo

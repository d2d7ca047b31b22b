// SPDX-License-Identifier: GPL-3.0-or-later
// Several opinions on one binary decision made into one probability.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace mprdo {

inline constexpr int kLargestStretch = 2047;

/// 65536 / (1 + exp(-i / 4)), i = 0..32, rounded.
inline constexpr std::array<std::int32_t, 33> kLogistic{32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724,
                                                        59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357, 64614,
                                                        64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438,
                                                        65459, 65476, 65489, 65500, 65508, 65514};

/// 1 / (1 + exp(-x / 256)) of 65536, x cut to [-2047, 2047]; squash(-x) = 65536 - squash(x). Integers alone (fixed points
/// and straight lines between them), so that every machine has the same.
constexpr std::uint32_t squash(std::int64_t x)
{
    const auto size = static_cast<std::int32_t>(std::min<std::int64_t>(x < 0 ? -x : x, kLargestStretch));
    const auto i = static_cast<std::size_t>(size >> 6);
    const std::int32_t between = size & 63;
    const std::int32_t up = (kLogistic[i] * (64 - between) + kLogistic[i + 1] * between + 32) >> 6;
    return static_cast<std::uint32_t>(x < 0 ? 65536 - up : up);
}

/// Inverse of squash, by the upper 12 bits of the probability: the x whose squash reaches the middle of that step.
inline constexpr std::array<std::int16_t, 4096> kStretch = [] {
    std::array<std::int16_t, 4096> out{};
    int x = -kLargestStretch;
    for (std::size_t i = 0; i < out.size(); ++i) {
        while (x < kLargestStretch && squash(x) < i * 16 + 8)
            ++x;
        out[i] = static_cast<std::int16_t>(x);
    }
    return out;
}();

/// ln(p / (1 - p)) x 256, to within a step of 1/4096 in probability. \param probability of 65536, below 65536
inline int stretch(std::uint32_t probability) { return kStretch[probability >> 4]; }

/// Logistic mixing: squash(sum_i weight_i stretch(p_i)); after each decision the weights follow the gradient of its cost
/// (M. Mahoney, "Adaptive weighing of context models for lossless data compression", Florida Tech CS-2005-16).
class BitMixer {
public:
    static constexpr std::size_t kInputs = 4;
    using Inputs = std::array<int, kInputs>; ///< stretched probabilities

    /// The probability of 1, in [22, 65514] of 65536.
    std::uint32_t mix(const Inputs& inputs) const
    {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < kInputs; ++i)
            sum += std::int64_t(m_weights[i]) * inputs[i];
        return squash(sum >> 16);
    }
    /// \param mixed what mix(inputs) said   \param rate step of 65536
    void learn(const Inputs& inputs, std::uint32_t mixed, bool bit, int rate)
    {
        const int error = (bit ? 65536 : 0) - int(mixed);
        for (std::size_t i = 0; i < kInputs; ++i)
            m_weights[i] = static_cast<std::int32_t>(
                std::clamp<std::int64_t>(m_weights[i] + ((std::int64_t(error) * inputs[i] / 256 * rate) >> 16),
                                         -kLargestWeight, kLargestWeight));
    }

private:
    static constexpr std::int64_t kLargestWeight = 16 * 65536;
    /// 0.28 each: more than an average, as opinions that agree are worth more than one (measured on ResNet-20's codes).
    std::array<std::int32_t, kInputs> m_weights{18350, 18350, 18350, 18350};
};

} // namespace mprdo

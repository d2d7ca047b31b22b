// SPDX-License-Identifier: GPL-3.0-or-later
// What has been seen of one kind of decision, as a probability for the next.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

namespace mprdo {

/// The mean of two estimators, one quick, one slow, as CABAC has it in VVC (H. Schwarz et al., "Quantization and entropy
/// coding in the versatile video coding (VVC) standard", 2021) and DeepCABAC in NNR (arXiv 1907.11900; ISO/IEC 15938-17).
/// Both begin as plain averages of what came and become windows of 32 and 512 decisions: layers are short, so the first few
/// count. The probability stays within [32, 65504] of 65536: a decision costs at least 0.0007 bits.
class AdaptiveBit {
public:
    std::uint32_t probabilityOfOne() const
    {
        return std::clamp((std::uint32_t(m_fast) + (m_slow >> 16)) / 2, kLeast, 65536 - kLeast);
    }
    void update(bool bit)
    {
        const std::int64_t rate = kRates[m_count];
        m_count = static_cast<std::uint16_t>(std::min<std::size_t>(m_count + 1u, kRates.size() - 1));
        const std::int64_t quick = std::max<std::int64_t>(rate, 65536 / 32);
        m_fast = static_cast<std::uint16_t>(m_fast + (((bit ? 65535 : 0) - std::int64_t(m_fast)) * quick >> 16));
        m_slow = static_cast<std::uint32_t>(m_slow + (((bit ? 0xffffffff : 0) - std::int64_t(m_slow)) * rate >> 16));
    }

private:
    static constexpr std::uint32_t kLeast = 32;
    /// Of 65536: 1/2 for the first decision, then 1 / (n + 0.6).
    static constexpr std::array<std::uint16_t, 512> kRates = [] {
        std::array<std::uint16_t, 512> out{32768};
        for (unsigned n = 2; n <= out.size(); ++n)
            out[n - 1] = static_cast<std::uint16_t>(655360 / (10 * n + 6));
        return out;
    }();

    std::uint16_t m_fast = 32768, m_count = 0;
    std::uint32_t m_slow
        = 0x80000000; ///< 16 bits and 16 more behind them: at 1/512, 16 bits alone would stand still at 1/128
};

} // namespace mprdo

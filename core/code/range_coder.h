// SPDX-License-Identifier: GPL-3.0-or-later
// A binary range coder: decisions and their probabilities to bytes and back, without loss.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

/// Probabilities are 16-bit integers, of 65536, so that every machine decodes the same.
inline constexpr std::uint32_t kProbabilityOne = 65536;

/// Range coding (G. N. N. Martin, "Range encoding", 1979) with a 32-bit range; a carry runs back over the bytes that wait
/// (M. Schindler; in the form that LZMA uses). A decision of probability p costs -log2 p bits to within 2^-8 relative to
/// its range, a stream at most 2 bytes more than the sum. Cost: one multiplication a decision.
class RangeEncoder {
public:
    /// \param one probability that bit is 1, in [1, 65535]
    void encode(bool bit, std::uint32_t one);
    /// Eight decisions that nothing is known of, in one step: 8 bits.
    void encodeByte(std::uint8_t byte);
    /// The stream; the encoder starts anew. Zeros that end the last four bytes are left out: the decoder puts them back.
    std::string finish();

private:
    void shift();

    std::string m_bytes;
    std::uint64_t m_low = 0; ///< 33 bits: bit 32 is a carry
    std::uint32_t m_range = 0xffffffff;
    std::int64_t m_waiting = -1; ///< bytes 0xff after m_held that a carry would turn; -1: nothing held yet
    std::uint8_t m_held = 0;
};

/// The inverse: the same probabilities in the same order give the same decisions. Never reads past the end of its bytes.
class RangeDecoder {
public:
    /// bytes outlive the decoder. \throws Error{BadFile} when no encoder can have begun so.
    explicit RangeDecoder(std::string_view bytes);
    /// \throws Error{BadFile} when the stream is at an end (more than the four zeros that may be left out are needed).
    bool decode(std::uint32_t one);
    /// \throws Error{BadFile} likewise, or when no encoder can have written this.
    std::uint8_t decodeByte();
    /// \throws Error{BadFile} when there are bytes that no decision needed.
    void finish() const;

private:
    std::uint32_t next();

    std::string_view m_bytes;
    std::size_t m_at = 0; ///< may be up to four beyond the end
    std::uint32_t m_range = 0xffffffff, m_value = 0;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/range_coder.h"
#include "core/base/error.h"
#include <utility>

namespace mprdo {
namespace {

constexpr std::uint32_t kLeastRange = 1u << 24;
constexpr std::size_t kWindow = 4; ///< bytes of the value that the decoder sees at once

std::uint32_t share(std::uint32_t range, std::uint32_t one)
{
    return static_cast<std::uint32_t>((std::uint64_t(range) * one) >> 16);
}

} // namespace

void RangeEncoder::shift()
{
    const auto carry = static_cast<std::uint8_t>(m_low >> 32);
    const auto top = static_cast<std::uint32_t>(m_low) >> 24;
    if (carry != 0 || top != 0xff) { // whether a 0xff stands is known when a later byte is
        if (m_waiting >= 0)
            m_bytes.push_back(static_cast<char>(m_held + carry));
        for (; m_waiting > 0; --m_waiting)
            m_bytes.push_back(static_cast<char>(0xff + carry));
        m_waiting = 0;
        m_held = static_cast<std::uint8_t>(top);
    } else {
        // The very first byte may be 0xff as well: nothing before it can be carried into, as the value stays below 1.
        m_waiting < 0 ? (m_held = 0xff, m_waiting = 0) : ++m_waiting;
    }
    m_low = (m_low & 0x00ffffff) << 8;
}

void RangeEncoder::encode(bool bit, std::uint32_t one)
{
    const std::uint32_t part = share(m_range, one);
    if (bit) {
        m_range = part;
    } else {
        m_low += part;
        m_range -= part;
    }
    for (; m_range < kLeastRange; m_range <<= 8)
        shift();
}

void RangeEncoder::encodeByte(std::uint8_t byte)
{
    m_range >>= 8;
    m_low += std::uint64_t(m_range) * byte;
    for (; m_range < kLeastRange; m_range <<= 8)
        shift();
}

std::string RangeEncoder::finish()
{
    // Any value of [low, low + range) will do: the one that ends in most zeros, which need not be written.
    const std::uint64_t last = m_low + m_range - 1;
    for (const int zeros : {32, 24, 16, 8}) {
        const std::uint64_t mask = (std::uint64_t(1) << zeros) - 1, value = (m_low + mask) & ~mask;
        if (value <= last) {
            m_low = value;
            break;
        }
    }
    for (std::size_t i = 0; i <= kWindow; ++i) // the held byte and those of low
        shift();
    std::string out = std::exchange(m_bytes, {});
    for (std::size_t i = 0; i < kWindow && !out.empty() && out.back() == '\0'; ++i)
        out.pop_back();
    *this = {};
    return out;
}

RangeDecoder::RangeDecoder(std::string_view bytes)
    : m_bytes(bytes)
{
    for (std::size_t i = 0; i < kWindow; ++i)
        m_value = m_value << 8 | next();
    check(m_value < m_range, ErrorCode::BadFile, "coded stream: its first four bytes are impossible");
}

std::uint32_t RangeDecoder::next()
{
    check(m_at < m_bytes.size() + kWindow, ErrorCode::BadFile, "coded stream: it ends after ", m_bytes.size(),
          " bytes, before all codes are read");
    const std::size_t at = m_at++;
    return at < m_bytes.size() ? static_cast<unsigned char>(m_bytes[at]) : 0;
}

bool RangeDecoder::decode(std::uint32_t one)
{
    const std::uint32_t part = share(m_range, one);
    const bool bit = m_value < part;
    if (bit) {
        m_range = part;
    } else {
        m_value -= part;
        m_range -= part;
    }
    for (; m_range < kLeastRange; m_range <<= 8)
        m_value = m_value << 8 | next();
    return bit;
}

std::uint8_t RangeDecoder::decodeByte()
{
    m_range >>= 8;
    const std::uint32_t byte = m_value / m_range;
    check(byte <= 0xff, ErrorCode::BadFile, "coded stream: impossible at byte ", m_at);
    m_value -= m_range * byte;
    for (; m_range < kLeastRange; m_range <<= 8)
        m_value = m_value << 8 | next();
    return static_cast<std::uint8_t>(byte);
}

void RangeDecoder::finish() const
{
    check(m_at >= m_bytes.size(), ErrorCode::BadFile, "coded stream: all codes are read after ", m_at, " of ",
          m_bytes.size(), " bytes");
}

} // namespace mprdo

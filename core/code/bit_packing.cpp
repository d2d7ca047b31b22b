// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/bit_packing.h"
#include "core/base/error.h"

namespace mprdo {

std::int64_t packedBytes(std::int64_t count, int bits)
{
    check(bits >= 1 && bits <= 8, ErrorCode::Usage, "packing: codes of ", bits, " bits; only 1 to 8 are possible");
    check(count >= 0 && count <= (std::int64_t(1) << 56), ErrorCode::BadFile, "packing: ", count, " codes");
    return (count * bits + 7) / 8;
}

std::string packBits(const std::vector<std::uint8_t>& codes, int bits)
{
    std::string out;
    out.reserve(static_cast<std::size_t>(packedBytes(static_cast<std::int64_t>(codes.size()), bits)));
    unsigned waiting = 0;
    int have = 0;
    for (const std::uint8_t code : codes) {
        check(code >> bits == 0, ErrorCode::Internal, "packing: code ", int(code), " does not fit ", bits, " bits");
        waiting |= unsigned(code) << have;
        for (have += bits; have >= 8; have -= 8, waiting >>= 8)
            out.push_back(static_cast<char>(waiting & 0xff));
    }
    if (have > 0)
        out.push_back(static_cast<char>(waiting));
    return out;
}

std::vector<std::uint8_t> unpackBits(std::string_view packed, std::int64_t count, int bits)
{
    const std::int64_t expected = packedBytes(count, bits);
    check(static_cast<std::int64_t>(packed.size()) == expected, ErrorCode::BadFile, "packed codes: ", count, " codes of ",
          bits, " bits take ", expected, " bytes, there are ", packed.size());
    std::vector<std::uint8_t> out;
    out.reserve(static_cast<std::size_t>(count));
    unsigned waiting = 0;
    int have = 0;
    std::size_t at = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        if (have < bits) {
            waiting |= unsigned(static_cast<unsigned char>(packed[at++])) << have;
            have += 8;
        }
        out.push_back(static_cast<std::uint8_t>(waiting & ((1u << bits) - 1)));
        waiting >>= bits;
        have -= bits;
    }
    check(waiting == 0, ErrorCode::BadFile, "packed codes: the filling of the last byte is not zero");
    return out;
}

} // namespace mprdo

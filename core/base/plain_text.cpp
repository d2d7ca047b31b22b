// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/plain_text.h"
#include <cstdint>

namespace mprdo {
namespace {

/// Of the first character: its bytes (0: no valid UTF-8) and its number.
struct Character {
    std::size_t bytes = 0;
    std::uint32_t code = 0;
};

Character first(std::string_view text)
{
    if (text.empty())
        return {};
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t bytes = at(0) < 0x80 ? 1 : at(0) >> 5 == 6 ? 2 : at(0) >> 4 == 14 ? 3 : at(0) >> 3 == 30 ? 4 : 0;
    if (bytes == 0 || bytes > text.size())
        return {};
    std::uint32_t code = bytes == 1 ? at(0) : at(0) & (0x7fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if (at(i) >> 6 != 2)
            return {};
        code = code << 6 | (at(i) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; // what fits into fewer bytes must stand in fewer
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < least[bytes] || code > 0x10ffff || surrogate)
        return {};
    return {bytes, code};
}

template <class Take>
bool each(std::string_view text, Take bytesOf)
{
    while (!text.empty()) {
        const std::size_t bytes = bytesOf(text);
        if (bytes == 0)
            return false;
        text.remove_prefix(bytes);
    }
    return true;
}

} // namespace

std::size_t plainCharacter(std::string_view text)
{
    const Character c = first(text);
    const bool control = c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0) || c.code == 0x2028 || c.code == 0x2029;
    return control ? 0 : c.bytes;
}

bool isPlainText(std::string_view text) { return each(text, plainCharacter); }
bool isUtf8(std::string_view text)
{
    return each(text, [](std::string_view t) { return first(t).bytes; });
}

} // namespace mprdo

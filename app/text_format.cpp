// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/text_format.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mprdo::app {

std::string fixed(double value, int decimals)
{
    if (!std::isfinite(value))
        return "n/a";
    std::array<char, 400> buffer; // 309 digits, a sign, a point and the decimals
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
    std::string out(buffer.data(), end.ptr);
    if (out.find_first_not_of("-0.") == std::string::npos && out.front() == '-')
        out.erase(0, 1); // no "-0.00"
    return out;
}

std::string grouped(std::int64_t value)
{
    std::string out = std::to_string(value);
    const std::size_t first = out.front() == '-' ? 1 : 0;
    for (std::size_t at = out.size(); at > first + 3;) {
        at -= 3;
        out.insert(at, 1, ',');
    }
    return out;
}

std::string clockTime(double seconds)
{
    const auto all = std::int64_t(std::ceil(std::max(0.0, std::min(seconds, 359999.0))));
    const auto two = [](std::int64_t n) { return std::string{char('0' + n / 10), char('0' + n % 10)}; };
    const std::int64_t h = all / 3600, m = all / 60 % 60, s = all % 60;
    return h > 0 ? std::to_string(h) + ":" + two(m) + ":" + two(s) : std::to_string(m) + ":" + two(s);
}

std::string duration(double seconds)
{
    if (seconds < 60)
        return fixed(seconds, 1) + " s";
    const auto all = std::int64_t(std::llround(seconds));
    return std::to_string(all / 60) + " min " + std::to_string(all % 60) + " s";
}

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        // U+0080 to U+009F, the second set of controls, are C2 80 to C2 9F in UTF-8
        const bool second = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (second)
            ++i;
        out += c < 0x20 || c == 0x7F || second ? '?' : text[i];
    }
    return out;
}

std::size_t columns(std::string_view text)
{
    std::size_t n = 0;
    for (const char c : text)
        n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
}

} // namespace mprdo::app

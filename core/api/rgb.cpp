// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/rgb.h"
#include <charconv>
#include <cmath>
#include <vector>

namespace mprdo {
namespace {

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> atCommas(const std::string& text)
{
    std::vector<std::string> out;
    std::size_t from = 0;
    for (std::size_t comma; (comma = text.find(',', from)) != std::string::npos; from = comma + 1)
        out.push_back(trimmed(text.substr(from, comma - from)));
    out.push_back(trimmed(text.substr(from)));
    return out;
}

std::string quoted(const std::string& text)
{
    return '"' + (text.size() > 60 ? text.substr(0, 57) + "..." : text) + '"';
}

Failure wrong(std::string condition) { return Failure{ErrorCode::Usage, std::move(condition), {}}; }

} // namespace

Outcome<Rgb> rgbFrom(const std::string& text, bool positive)
{
    const auto parts = atCommas(text);
    Rgb out{};
    if ((parts.size() != out.size() && parts.size() != 1) || text.find_first_not_of(' ') == std::string::npos)
        return wrong(quoted(text) + " is not three numbers r,g,b, or one for all channels");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const char* end = parts[i].data() + parts[i].size();
        const auto result = std::from_chars(parts[i].data(), end, out[i]);
        if (result.ec != std::errc() || result.ptr != end || !std::isfinite(out[i]))
            return wrong(quoted(parts[i]) + " is not a finite number");
        if (positive && out[i] <= 0)
            return wrong(parts[i] + " is not above 0");
    }
    if (parts.size() == 1)
        out.fill(out[0]);
    return out;
}

} // namespace mprdo

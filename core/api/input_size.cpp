// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/input_size.h"
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace mprdo {
namespace {

constexpr std::size_t kMostDigits = 9;

/// Digits alone; no sign, no blanks.
std::optional<std::int64_t> wholeFrom(const std::string& text)
{
    if (text.empty() || text.size() > kMostDigits || text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    std::int64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

Failure wrong(std::string condition) { return Failure{ErrorCode::Usage, std::move(condition), {}}; }

} // namespace

Outcome<InputSize> inputSizeFrom(const std::string& text)
{
    std::vector<std::int64_t> numbers;
    bool readable = true;
    for (std::size_t from = 0; readable && from <= text.size();) {
        const std::size_t end = std::min(text.find('x', from), text.size());
        const auto number = wholeFrom(text.substr(from, end - from));
        readable = number.has_value() && numbers.size() < 3;
        if (readable)
            numbers.push_back(*number);
        from = end + 1;
    }
    const std::string quoted = '"' + (text.size() > 60 ? text.substr(0, 57) + "..." : text) + '"';
    if (!readable || (numbers.size() != 1 && numbers.size() != 3))
        return wrong(quoted + " is not 3xHEIGHTxWIDTH, such as 3x224x224, nor 1xHEIGHTxWIDTH for grey images");
    InputSize out{numbers.back(), numbers.back()};
    if (numbers.size() == 3) {
        const auto channels = [](std::int64_t n) { return n == 1 || n == 3; };
        if (!channels(numbers[0]) && channels(numbers[2])) // written as height, width, channels
            numbers = {numbers[2], numbers[0], numbers[1]};
        if (!channels(numbers[0]))
            return wrong(quoted + " has " + std::to_string(numbers[0]) + " channels; images are read as 3 (RGB) or 1 (grey)");
        out = {numbers[1], numbers[2], numbers[0]};
    }
    for (const std::int64_t side : {out.height, out.width})
        if (side < 1 || side > kLargestInputSide)
            return wrong(quoted + " has a side that is not from 1 to " + std::to_string(kLargestInputSide));
    return out;
}

std::string inputSizeText(const InputSize& size)
{
    if (size.channels == 0 && size.height == size.width)
        return std::to_string(size.height);
    return std::to_string(size.channels == 0 ? 3 : size.channels) + "x" + std::to_string(size.height) + "x"
           + std::to_string(size.width);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/option_values.h"
#include "app/nearest_name.h"
#include "app/text_format.h"
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace mprdo::app {
namespace {

template <class T>
std::optional<T> wholeOf(const std::string& text)
{
    T value{};
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? std::optional<T>(value) : std::nullopt;
}

/// A wrong value as it is quoted in a sentence: no control characters, not endless.
std::string quoted(const std::string& text)
{
    const std::string safe = printable(text);
    return '"' + (safe.size() > 60 ? safe.substr(0, 57) + "..." : safe) + '"';
}

bool allDigits(const std::string& text)
{
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    return text.size() > first && text.find_first_not_of("0123456789", first) == std::string::npos;
}

std::string plain(double value)
{
    std::array<char, 40> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

} // namespace

std::optional<std::int64_t> integerFrom(const std::string& text) { return wholeOf<std::int64_t>(text); }

std::optional<double> numberFrom(const std::string& text)
{
    const auto value = wholeOf<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::vector<std::string> splitAtCommas(const std::string& text)
{
    std::vector<std::string> out(1);
    for (const char c : text)
        if (c == ',')
            out.emplace_back();
        else
            out.back() += c;
    return out;
}

void OptionValues::fail(const std::string& option, const std::string& condition)
{
    if (!m_error)
        m_error = UsageError{option + ": " + condition};
}

void OptionValues::failNamed(const std::string& option, const std::string& text, const std::vector<std::string>& names)
{
    std::string all;
    for (const std::string& n : names)
        all += (all.empty() ? "" : ", ") + n;
    fail(option, quoted(text) + " is not one of " + all + "; did you mean " + nearestName(text, names) + "?");
}

void OptionValues::text(const std::string& option, std::string& out)
{
    if (m_given.has(option))
        out = m_given.value(option);
}

void OptionValues::integer(const std::string& option, std::int64_t lowest, std::int64_t highest, std::int64_t& out)
{
    if (!m_given.has(option))
        return;
    const std::string& text = m_given.value(option);
    const auto value = integerFrom(text);
    if (!value && !allDigits(text))
        return fail(option, quoted(text) + " is not a whole number");
    if (!value)
        return fail(option, quoted(text) + (text.front() == '-' ? " is below " + std::to_string(lowest)
                                                               : " is above " + std::to_string(highest)));
    if (*value < lowest)
        return fail(option, text + " is below " + std::to_string(lowest));
    if (*value > highest)
        return fail(option, text + " is above " + std::to_string(highest));
    out = *value;
}

void OptionValues::number(const std::string& option, double lowest, double highest, double& out)
{
    if (!m_given.has(option))
        return;
    const std::string& text = m_given.value(option);
    const auto value = numberFrom(text);
    if (!value)
        return fail(option, quoted(text) + " is not a finite number");
    if (*value < lowest)
        return fail(option, text + " is below " + plain(lowest));
    if (*value > highest)
        return fail(option, text + " is above " + plain(highest));
    out = *value;
}

void OptionValues::seed(const std::string& option, std::uint64_t& out)
{
    if (!m_given.has(option))
        return;
    const std::string& text = m_given.value(option);
    const auto value = wholeOf<std::uint64_t>(text);
    if (!value)
        return fail(option, quoted(text) + " is not a whole number from 0 to "
                                + std::to_string(std::numeric_limits<std::uint64_t>::max()));
    out = *value;
}

void OptionValues::triple(const std::string& option, bool positive, std::optional<Rgb>& out)
{
    if (!m_given.has(option))
        return;
    const Outcome<Rgb> read = rgbFrom(m_given.value(option), positive);
    if (const auto* failure = std::get_if<Failure>(&read))
        return fail(option, printable(failure->message));
    out = std::get<Rgb>(read);
}

void OptionValues::inputSize(const std::string& option, std::optional<InputSize>& out)
{
    if (!m_given.has(option))
        return;
    const Outcome<InputSize> read = inputSizeFrom(m_given.value(option));
    if (const auto* failure = std::get_if<Failure>(&read))
        return fail(option, printable(failure->message));
    out = std::get<InputSize>(read);
}

template <class E, class All>
void OptionValues::namedOrEmpty(const std::string& option, const All& all, std::optional<E> (*fromName)(std::string_view), std::optional<E>& out)
{
    if (!m_given.has(option))
        return;
    out = fromName(m_given.value(option));
    if (out)
        return;
    std::vector<std::string> names;
    for (const E e : all)
        names.emplace_back(name(e));
    failNamed(option, m_given.value(option), names);
}

void OptionValues::inputFormat(InputFormat& out)
{
    namedOrEmpty("--channel-order", kChannelOrders, channelOrderFromName, out.channelOrder);
    namedOrEmpty("--range", kPixelRanges, pixelRangeFromName, out.range);
    namedOrEmpty("--layout", kLayouts, layoutFromName, out.layout);
}

void OptionValues::widths(const std::string& option, std::vector<Bits>& out)
{
    if (!m_given.has(option))
        return;
    std::vector<Bits> values;
    for (const std::string& part : splitAtCommas(m_given.value(option))) {
        const auto value = integerFrom(part);
        if (!value)
            return fail(option, quoted(part) + " is not a width in bits");
        if (*value < kMinBits || *value > kMaxBits)
            return fail(option, part + " is not a width of 2 to 8 bits");
        if (!values.empty() && *value == values.back())
            return fail(option, "the width " + part + " stands twice");
        if (!values.empty() && *value < values.back())
            return fail(option, "the widths must ascend, but " + part + " follows " + std::to_string(values.back()));
        values.push_back(Bits(*value));
    }
    out = std::move(values);
}

void OptionValues::list(const std::string& option, std::vector<std::string>& out)
{
    if (!m_given.has(option))
        return;
    out = splitAtCommas(m_given.value(option));
    for (const std::string& part : out)
        if (part.empty())
            return fail(option, quoted(m_given.value(option)) + " has an empty name");
}

void OptionValues::locks(const std::string& option, std::vector<std::pair<std::string, Bits>>& out)
{
    if (!m_given.has(option))
        return;
    std::vector<std::pair<std::string, Bits>> all;
    for (const std::string& text : m_given.values.at(option)) {
        const std::size_t equals = text.rfind('=');
        if (equals == std::string::npos || equals == 0)
            return fail(option, quoted(text) + " is not LAYER=BITS");
        const std::string layer = text.substr(0, equals), width = text.substr(equals + 1);
        const auto bits = integerFrom(width);
        if (!bits || ((*bits < kMinBits || *bits > kMaxBits) && *bits != kKeepFp32))
            return fail(option, quoted(width) + " is not a width of 2 to 8 bits, or 32, for " + printable(layer));
        for (const auto& earlier : all)
            if (earlier.first == layer)
                return fail(option, printable(layer) + " is locked twice");
        all.emplace_back(layer, Bits(*bits));
    }
    out = std::move(all);
}

void OptionValues::kept(const std::string& option, std::vector<std::pair<std::string, Bits>>& locks)
{
    if (!m_given.has(option))
        return;
    for (const std::string& layer : m_given.values.at(option)) {
        for (const auto& earlier : locks)
            if (earlier.first == layer)
                return fail(option, printable(layer) + " is locked already, at " + std::to_string(earlier.second) + " bits");
        locks.emplace_back(layer, kKeepFp32);
    }
}

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
// From an option's text to its value. The first error sticks: read everything, then ask once.
#pragma once
#include "app/option_table.h"
#include "core/api/input_size.h"
#include "core/api/network_input.h"
#include "core/api/rgb.h"
#include "core/api/types.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mprdo::app {

/// Reads typed values out of GivenOptions. An option that was not given leaves its target as it is; a wrong one is told by
/// error() as "--option: sentence".
class OptionValues {
public:
    explicit OptionValues(const GivenOptions& given)
        : m_given(given)
    {
    }

    const std::optional<UsageError>& error() const { return m_error; }
    /// Notes an error unless there is one already.
    void fail(const std::string& option, const std::string& condition);

    void text(const std::string& option, std::string& out);
    void integer(const std::string& option, std::int64_t lowest, std::int64_t highest, std::int64_t& out);
    /// A finite number in [lowest, highest].
    void number(const std::string& option, double lowest, double highest, double& out);
    void seed(const std::string& option, std::uint64_t& out);
    /// "r,g,b", or one number; with positive each must be above 0.
    void triple(const std::string& option, bool positive, std::optional<Rgb>& out);
    /// "3x224x224", "1x28x28", or "224".
    void inputSize(const std::string& option, std::optional<InputSize>& out);
    /// --channel-order, --range and --layout.
    void inputFormat(InputFormat& out);
    /// "4,6,8": ascending widths of 2 to 8 bits, at least one.
    void widths(const std::string& option, std::vector<Bits>& out);
    /// "a,b,c", none of them empty.
    void list(const std::string& option, std::vector<std::string>& out);
    /// "LAYER=BITS", each time the option was given; a layer named twice is an error.
    void locks(const std::string& option, std::vector<std::pair<std::string, Bits>>& out);
    /// Layers and patterns that stay in FP32: further locks, none of them named before.
    void kept(const std::string& option, std::vector<std::pair<std::string, Bits>>& locks);
    /// A name of a closed set; a wrong one is answered with the nearest.
    template <class E>
    void named(const std::string& option, const std::vector<E>& all, E& out)
    {
        if (!m_given.has(option))
            return;
        if (const auto value = oneOf(option, m_given.value(option), all))
            out = *value;
    }
    template <class E>
    std::optional<E> oneOf(const std::string& option, const std::string& text, const std::vector<E>& all)
    {
        std::vector<std::string> names;
        for (const E e : all) {
            if (name(e) == text)
                return e;
            names.emplace_back(name(e));
        }
        failNamed(option, text, names);
        return std::nullopt;
    }

private:
    template <class E, class All>
    void namedOrEmpty(const std::string& option, const All& all, std::optional<E> (*fromName)(std::string_view), std::optional<E>& out);
    void failNamed(const std::string& option, const std::string& text, const std::vector<std::string>& names);

    const GivenOptions& m_given;
    std::optional<UsageError> m_error;
};

/// The whole of text as an integer or a finite number, independent of the locale.
std::optional<std::int64_t> integerFrom(const std::string& text);
std::optional<double> numberFrom(const std::string& text);
/// "a,b,,c" -> {"a", "b", "", "c"}
std::vector<std::string> splitAtCommas(const std::string& text);

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and names as the command line prints them, whatever the locale.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo::app {

/// value with so many decimals and a point; "n/a" when it is not finite.
std::string fixed(double value, int decimals);
/// "11,181,642"
std::string grouped(std::int64_t value);
/// "0:07", "12:34", "1:02:03"; seconds are rounded up.
std::string clockTime(double seconds);
/// "3.2 s", "4 min 10 s"
std::string duration(double seconds);
/// text without control characters (each becomes '?'), so that no name read from a file can steer the terminal.
std::string printable(std::string_view text);
/// Columns a UTF-8 text takes on a terminal, wide characters aside.
std::size_t columns(std::string_view text);

} // namespace mprdo::app

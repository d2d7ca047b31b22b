// SPDX-License-Identifier: GPL-3.0-or-later
// Names from files: which of them can stand in messages, reports and JSON as they are.
#pragma once
#include <cstddef>
#include <string_view>

namespace mprdo {

/// Bytes of text's first character, 1 to 4, where it is valid UTF-8 (RFC 3629) and neither a control character nor a line separator; else 0.
std::size_t plainCharacter(std::string_view text);

/// Nothing but such characters. Empty: true.
bool isPlainText(std::string_view text);
/// Valid UTF-8, control characters included.
bool isUtf8(std::string_view text);

} // namespace mprdo

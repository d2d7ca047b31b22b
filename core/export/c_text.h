// SPDX-License-Identifier: GPL-3.0-or-later
// Names, numbers and comments as C spells them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo::c {

/// Letters, digits and underscores, what stood between them as "_"; at most 100 of them.
std::string identifierPart(std::string_view text);
/// Is it one that a program may define: no keyword, no leading underscore or digit?
bool isIdentifier(std::string_view text);
/// "0x1.8p+1f", exactly; INFINITY and NAN where it is one.
std::string literal(float value);
/// Fit to stand in a comment.
std::string comment(std::string_view text);
/// A quoted string of ASCII.
std::string stringLiteral(std::string_view utf8);

} // namespace mprdo::c

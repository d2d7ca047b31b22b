// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody who mistyped a name most likely meant.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mprdo::app {

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) that turn a into b.
/// Cost: a.size() * b.size(); both are cut at 64 characters.
std::size_t editDistance(std::string_view a, std::string_view b);

/// The candidate of least distance, where word being the beginning of a candidate counts as near; the first among equals.
/// Empty when there are no candidates.
std::string nearestName(std::string_view word, const std::vector<std::string>& candidates);

} // namespace mprdo::app

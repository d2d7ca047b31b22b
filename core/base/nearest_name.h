// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody who mistyped a name most likely meant.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// The candidate of least Levenshtein distance, the first among equals; empty when there are none.
/// Cost: the product of the lengths for each candidate; all are cut at 64 characters.
std::string nearestName(std::string_view word, const std::vector<std::string>& candidates);

} // namespace mprdo

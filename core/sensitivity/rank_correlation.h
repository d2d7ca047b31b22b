// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

namespace mprdo {

/// Spearman's rank correlation; ties get their mean rank. Pairs with a NaN are left out. NaN when fewer than two pairs
/// are left or one side is constant.
double spearman(const std::vector<double>& a, const std::vector<double>& b);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Intervals and paired tests for counts of correct answers. Standard library only.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace mprdo {

/// 95 % Wilson score interval of correct/total, in percent (Wilson 1927).
std::pair<double, double> wilsonInterval(std::int64_t correct, std::int64_t total);
/// 95 % interval of the difference of two paired shares, in percentage points: won and lost are the discordant counts of n
/// pairs, the difference is won - lost (Agresti and Min 2005: Wald with half an observation added to each of four cells).
std::pair<double, double> pairedInterval(std::int64_t won, std::int64_t lost, std::int64_t n);
/// Exact two-sided McNemar test: b and c are the discordant counts (McNemar 1947; binomial form).
double mcnemarExact(std::int64_t b, std::int64_t c);
/// Spearman's rank correlation with average ranks for ties. Pairs with a NaN are left out; NaN for lists of different
/// length, fewer than two pairs, or a constant side.
double spearman(const std::vector<double>& a, const std::vector<double>& b);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/statistics.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mprdo {
namespace {

constexpr double kZ = 1.959963984540054; // 97.5 % quantile of the normal distribution

/// 1-based ranks, ties averaged.
std::vector<double> ranks(const std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> out(values.size());
    for (std::size_t i = 0; i < order.size();) {
        std::size_t j = i;
        while (j < order.size() && values[order[j]] == values[order[i]])
            ++j;
        for (std::size_t k = i; k < j; ++k)
            out[order[k]] = 0.5 * double(i + j + 1);
        i = j;
    }
    return out;
}

} // namespace

std::pair<double, double> wilsonInterval(std::int64_t correct, std::int64_t total)
{
    if (total <= 0)
        return {0, 100};
    const double n = double(total), p = double(correct) / n;
    const double centre = p + kZ * kZ / (2 * n), reach = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
    const double scale = 1 + kZ * kZ / n;
    return {100 * std::max(0.0, (centre - reach) / scale), 100 * std::min(1.0, (centre + reach) / scale)};
}

std::pair<double, double> pairedInterval(std::int64_t won, std::int64_t lost, std::int64_t n)
{
    if (n <= 0)
        return {-100, 100};
    const double pairs = double(n) + 2, sum = double(won + lost) + 1, difference = double(won - lost);
    const double reach = kZ * std::sqrt(sum - difference * difference / pairs);
    return {std::max(-100.0, 100 * (difference - reach) / pairs), std::min(100.0, 100 * (difference + reach) / pairs)};
}

double mcnemarExact(std::int64_t b, std::int64_t c)
{
    const std::int64_t n = b + c, k = std::min(b, c);
    double sum = 0; // P(X <= k) for X ~ Binomial(n, 1/2), term by term in logarithms
    for (std::int64_t i = 0; i <= k; ++i)
        sum += std::exp(std::lgamma(double(n) + 1) - std::lgamma(double(i) + 1) - std::lgamma(double(n - i) + 1)
                        - double(n) * std::log(2.0));
    return std::min(1.0, 2 * sum);
}

double spearman(const std::vector<double>& a, const std::vector<double>& b)
{
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    if (a.size() != b.size())
        return undefined;
    std::vector<double> x, y;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::isfinite(a[i]) && std::isfinite(b[i])) {
            x.push_back(a[i]);
            y.push_back(b[i]);
        }
    const auto ra = ranks(x), rb = ranks(y);
    const double mean = 0.5 * double(x.size() + 1);
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < ra.size(); ++i) {
        ab += (ra[i] - mean) * (rb[i] - mean);
        aa += (ra[i] - mean) * (ra[i] - mean);
        bb += (rb[i] - mean) * (rb[i] - mean);
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : undefined;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/nearest_name.h"
#include <algorithm>
#include <numeric>

namespace mprdo {
namespace {

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string nearestName(std::string_view word, const std::vector<std::string>& candidates)
{
    constexpr std::size_t kLongest = 64;
    std::string best;
    std::size_t least = kLongest + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t d = distance(word.substr(0, kLongest), std::string_view(candidate).substr(0, kLongest));
        if (d < least) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/draw_spread.h"
#include "core/api/statistics.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {

/// KL of every layer in one draw; NaN where it was not measured.
std::vector<double> column(const SensitivityTable& table, std::size_t width)
{
    std::vector<double> out;
    const auto known = table.distortion.find(Metric::Kl);
    for (std::size_t l = 0; l < table.layers.size(); ++l) {
        const bool there
            = known != table.distortion.end() && l < known->second.size() && width < known->second[l].size();
        out.push_back(there ? known->second[l][width] : NAN);
    }
    return out;
}

} // namespace

DrawSpread DrawSpread::of(const std::vector<SensitivityPtr>& draws, std::size_t width)
{
    DrawSpread out;
    std::vector<std::vector<double>> columns;
    for (const SensitivityPtr& draw : draws)
        columns.push_back(column(*draw, width));
    const std::size_t layers = columns.empty() ? 0 : columns.front().size();
    std::vector<double> shares;
    for (std::size_t l = 0; l < layers; ++l) {
        double sum = 0, squares = 0;
        for (const auto& values : columns)
            sum += values.size() == layers ? values[l] : NAN;
        const double mean = sum / double(columns.size());
        for (const auto& values : columns)
            squares += (values[l] - mean) * (values[l] - mean);
        out.mean.push_back(mean);
        out.deviation.push_back(std::sqrt(squares / double(columns.size() - 1))); // NaN for a single draw
        if (mean > 0 && std::isfinite(out.deviation.back()))
            shares.push_back(out.deviation.back() / mean);
    }
    std::sort(shares.begin(), shares.end());
    out.relative = shares.empty() ? NAN : shares[shares.size() / 2];
    double sum = 0;
    int pairs = 0;
    out.lowestCorrelation = NAN;
    for (std::size_t a = 0; a < columns.size(); ++a)
        for (std::size_t b = a + 1; b < columns.size(); ++b) {
            const double correlation = spearman(columns[a], columns[b]);
            sum += correlation;
            ++pairs;
            out.lowestCorrelation = std::fmin(out.lowestCorrelation, correlation);
        }
    out.rankCorrelation = pairs > 0 ? sum / pairs : NAN;
    return out;
}

} // namespace mprdo

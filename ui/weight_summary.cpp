// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/weight_summary.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

WeightSummary summarize(const LayerWeights& weights, std::int64_t channel, std::size_t bins)
{
    WeightSummary out;
    if (!weights.values || weights.count <= 0 || weights.channels <= 0 || channel >= weights.channels || bins == 0)
        return out;
    const std::int64_t each = weights.count / weights.channels;
    const float* first = weights.values.get() + (channel < 0 ? 0 : channel * each);
    const float* last = first + (channel < 0 ? weights.count : each);
    if (first == last)
        return out;
    const auto [least, most] = std::minmax_element(first, last);
    out.low = *least;
    out.high = *most;
    out.counts.assign(bins, 0);
    const double width = (out.high - out.low) / double(bins);
    double sum = 0, squares = 0;
    for (const float* w = first; w != last; ++w) {
        const auto bin = width > 0 ? std::size_t((double(*w) - out.low) / width) : 0;
        ++out.counts[std::min(bin, bins - 1)];
        sum += *w;
        squares += double(*w) * *w;
    }
    const double n = double(last - first);
    out.mean = sum / n;
    out.deviation = std::sqrt(std::max(0.0, squares / n - out.mean * out.mean));
    return out;
}

std::vector<double> gridLevels(const LayerRecord& layer, std::int64_t channel)
{
    std::vector<double> out;
    if (layer.bits < kMinBits || layer.bits > kMaxBits || layer.scales.empty() || (channel < 0 && layer.scales.size() > 1))
        return out;
    const std::size_t c = layer.scales.size() > 1 ? std::size_t(channel) : 0;
    if (c >= layer.scales.size() || layer.zeroPoints.size() != layer.scales.size())
        return out;
    const int codes = 1 << layer.bits, lowest = layer.symmetric ? -codes / 2 : 0;
    for (int q = lowest; q < lowest + codes; ++q)
        out.push_back(double(layer.scales[c]) * (q - double(layer.zeroPoints[c])));
    return out;
}

} // namespace mprdo

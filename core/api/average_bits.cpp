// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/average_bits.h"
#include <algorithm>

namespace mprdo {

TargetBits usualTarget(const std::vector<Bits>& widths)
{
    return {std::min(1.0475 * widths.front(), double(widths.back())), true};
}

std::int64_t weightCount(const std::vector<LayerInfo>& layers)
{
    std::int64_t out = 0;
    for (const LayerInfo& layer : layers)
        out += layer.weights;
    return out;
}

double averageBits(const std::vector<LayerInfo>& layers, const Allocation& allocation)
{
    double bits = 0, weights = 0;
    for (std::size_t l = 0; l < layers.size() && l < allocation.bits.size(); ++l) {
        bits += double(layers[l].weights) * allocation.bits[l];
        weights += double(layers[l].weights);
    }
    return weights > 0 ? bits / weights : kKeepFp32;
}

double averageLiveBits(const std::vector<LayerInfo>& layers, const Allocation& allocation)
{
    double bits = 0, weights = 0;
    for (std::size_t l = 0; l < layers.size() && l < allocation.bits.size(); ++l) {
        const double live = double(layers[l].weights - layers[l].deadWeights);
        bits += live * allocation.bits[l];
        weights += live;
    }
    return weights > 0 ? bits / weights : kKeepFp32;
}

} // namespace mprdo

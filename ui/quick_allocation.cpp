// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quick_allocation.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {

const std::vector<std::vector<double>>* valuesOf(const WhatIf& w)
{
    if (!w.sensitivity)
        return nullptr;
    const auto at = w.sensitivity->distortion.find(w.metric);
    return at == w.sensitivity->distortion.end() ? nullptr : &at->second;
}

double distortionAt(const WhatIf& w, std::size_t layer, Bits bits)
{
    const auto* values = valuesOf(w);
    if (!values || layer >= values->size())
        return NAN;
    const auto& widths = w.sensitivity->widths;
    const auto at = std::find(widths.begin(), widths.end(), bits);
    const auto index = std::size_t(at - widths.begin());
    return at == widths.end() || index >= (*values)[layer].size() ? NAN : (*values)[layer][index];
}

Bits bestAtSlope(const WhatIf& w, std::size_t layer, const std::vector<Bits>& set, double slope)
{
    Bits best = set.back();
    double bestCost = INFINITY;
    for (const Bits bits : set) {
        const double cost = distortionAt(w, layer, bits) + slope * w.layerBits(layer, bits);
        if (cost < bestCost) { // false for NaN
            bestCost = cost;
            best = bits;
        }
    }
    return best;
}

Allocation atSlope(const WhatIf& w, const std::vector<Bits>& set, const std::vector<Bits>& fixed, double slope)
{
    Allocation out;
    for (std::size_t l = 0; l < w.layers.size(); ++l)
        out.bits.push_back(l < fixed.size() && fixed[l] != 0 ? fixed[l] : bestAtSlope(w, l, set, slope));
    return out;
}

} // namespace

Allocation quickAllocation(const WhatIf& w, const std::vector<Bits>& set, const std::vector<Bits>& fixed, double target)
{
    if (set.empty())
        return {};
    double low = -40, high = 40; // log2 of the slope: far outside what doubles of any network's distortions need
    Allocation best = atSlope(w, set, fixed, std::exp2(high));
    for (int i = 0; i < 50; ++i) {
        const double middle = (low + high) / 2;
        const Allocation candidate = atSlope(w, set, fixed, std::exp2(middle));
        if (w.averageBits(candidate) <= target + 1e-9) {
            best = candidate;
            high = middle;
        } else {
            low = middle;
        }
    }
    return best;
}

} // namespace mprdo

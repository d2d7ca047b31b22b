// SPDX-License-Identifier: GPL-3.0-or-later
// What the inspector draws of a layer's weights. Standard library only; any thread.
#pragma once
#include "core/api/snapshots.h"

namespace mprdo {

struct WeightSummary {
    double low = 0, high = 0;           ///< of the weights
    std::vector<std::int64_t> counts;   ///< equal bins from low to high; the last holds high itself
    double mean = 0, deviation = 0;
};

/// \param channel  of the layer's output channels; -1: all. Empty for a layer without weights or one that is not there.
WeightSummary summarize(const LayerWeights&, std::int64_t channel, std::size_t bins = 120);

/// The values that the channel's weights may take, ascending; empty where the layer is not quantized, or the scales differ
/// and no channel is given.
std::vector<double> gridLevels(const LayerRecord&, std::int64_t channel);

} // namespace mprdo

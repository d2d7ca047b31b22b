// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"

namespace mprdo {

/// sum(n): all quantizable weights.
std::int64_t weightCount(const std::vector<LayerInfo>&);
/// sum(n b) / sum(n) over the quantizable weights; a layer left in FP32 counts 32.
double averageBits(const std::vector<LayerInfo>&, const Allocation&);
/// The same over live weights: those that meet an image.
double averageLiveBits(const std::vector<LayerInfo>&, const Allocation&);

} // namespace mprdo

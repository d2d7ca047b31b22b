// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_config.h"
#include "core/api/snapshots.h"

namespace mprdo {

/// The budget where none is asked for: 1.0475 times the lowest width of the set (4.19 for 4), at most the highest. widths: ascending, one at least.
TargetBits usualTarget(const std::vector<Bits>& widths);
/// sum(n): all quantizable weights.
std::int64_t weightCount(const std::vector<LayerInfo>&);
/// sum(n b) / sum(n) over the quantizable weights; a layer left in FP32 counts 32.
double averageBits(const std::vector<LayerInfo>&, const Allocation&);
/// The same over live weights: those that meet an image.
double averageLiveBits(const std::vector<LayerInfo>&, const Allocation&);

} // namespace mprdo

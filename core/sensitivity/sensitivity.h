// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 2: how much each layer bears, per candidate width and metric.
#pragma once
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/base/artefact_cache.h"
#include "core/data/image_set.h"
#include "core/graph/graph.h"
#include <memory>

namespace mprdo {

struct SensitivityOptions {
    std::vector<Bits> widths{4, 6, 8};
    std::vector<Metric> metrics{kMetrics.begin(), kMetrics.end()};
    Rounding rounding = Rounding::Nearest;   ///< or ClosedForm
    GridMode grid = GridMode::Auto;
    std::uint64_t seed = 42;
    int probes = 16;                         ///< Hutchinson probes for the Gauss-Newton trace
    std::string contextHash;                 ///< of graph and images; part of the cache keys
};

/// One layer quantized at a time, the rest FP32; only the suffix of the graph behind the layer is executed again, from
/// cached activations. Lowest width of every layer first. Emits LayerScored as each (layer, width) is done; finished
/// ones come from the cache when they are there. All D >= 0; see contract "Sensitivity" for the exact definitions.
/// \throws Error{NonFinite} naming the layer; Cancelled (finished scores are in the cache).
SensitivityPtr measureSensitivity(std::shared_ptr<const Graph> folded, const CalibrationSet&, const SensitivityOptions&,
                                  ArtefactCache&, const RunControl&);

} // namespace mprdo

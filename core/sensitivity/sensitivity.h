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
/// cached activations. Lowest width of every layer first. All D >= 0:
/// kl: mean KL(p_fp32 || p_quantized) of the softmax outputs, nats; loss: max(0, increase of mean cross-entropy), NaN
/// without labels; sqnr: noise power / signal power of the layer's output; hessian: 0.5 tr/n ||W - W_hat||^2 with the trace
/// of the Gauss-Newton matrix (HAWQ-V2); fisher: 0.5 sum_i F_ii (w_i - w_hat_i)^2, F_ii the mean of squared per-image
/// gradients (labels, or the network's own predictions). Spearman: over layers, mean over widths.
/// Widths of 5 bits and more, but for the lowest of the set, are executed on the first half of the images (256 at least); their
/// kl is corrected by the ratio that the widest of the others has between all images and those.
/// With kl come the inner products of the output errors (core/sensitivity/error_rows.h), at no further execution.
/// Emits LayerScored as each (layer, width) is executed, and once more, complete, when hessian or fisher are known; what
/// was not asked for is NaN. Finished ones come from the cache when they are there.
/// A distortion that is not finite is infinity in the table.
/// \throws Error{NonFinite} naming a layer whose weights are not, or FP32 logits that are not; Error{Usage} for widths that do not ascend or lie outside 2 to 8, no images,
/// a label beyond the outputs; Cancelled (finished scores are in the cache).
/// Cost: one suffix run per layer, width and image, and two forward passes; hessian 1 + 2 probes passes, fisher about 3.
SensitivityPtr measureSensitivity(std::shared_ptr<const Graph> folded, const CalibrationSet&, const SensitivityOptions&,
                                  ArtefactCache&, const RunControl&);

} // namespace mprdo

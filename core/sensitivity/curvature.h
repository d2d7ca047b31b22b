// SPDX-License-Identifier: GPL-3.0-or-later
// Second-order measures of the loss in each layer's weights, from backward passes through the FP32 network.
#pragma once
#include "core/api/run_control.h"
#include "core/data/image_set.h"
#include "core/graph/graph.h"
#include <functional>

namespace mprdo {

/// Called with the number of forward-pass equivalents (times images) done since the last call.
using Tick = std::function<void(double passes, std::int64_t images)>;

struct TraceEstimate {
    std::vector<double> trace;         ///< per layer, >= 0
    std::vector<double> standardError; ///< of the mean over probes
};

/// Trace of the Gauss-Newton matrix of softmax cross-entropy, mean over images of J^T (diag(p) - p p^T) J, per layer's
/// weight (Schraudolph 2002; as a sensitivity: HAWQ-V2, arXiv 1911.03852). Hutchinson's estimate with the square root
/// L = diag(sqrt p) - p sqrt(p)^T, L L^T = diag(p) - p p^T: for v standard normal, independent per image, the squared norm
/// of the gradient of sum_n logits_n . (L_n v_n) has the trace's expectation - cross terms between images vanish - and is
/// never negative. One backward pass gives all layers; labels play no part.
/// \param probes  >= 2, each over all images   \throws Cancelled, polled once a probe and batch
/// Cost: 1 + 2 probes forward-pass equivalents.
TraceEstimate gaussNewtonTraces(const Graph&, const ImageSet&, int probes, std::uint64_t seed, std::int64_t batch,
                                const RunControl&, const Tick&);

/// Diagonal of the empirical Fisher matrix: the mean over images of the SQUARED per-image gradient of cross-entropy,
/// float32 in the shape of each layer's weight. Labels: the set's, or the network's own predictions where it has none.
/// Per-image gradients are products of unfolded inputs and output gradients, made for many images at once.
/// Cost: three forward-pass equivalents and one pass over (weights x images) numbers. \throws Cancelled
std::vector<at::Tensor> fisherDiagonals(const Graph&, const ImageSet&, std::int64_t batch, const RunControl&, const Tick&);

} // namespace mprdo

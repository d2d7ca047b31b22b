// SPDX-License-Identifier: GPL-3.0-or-later
// Weights that only ever meet padding: at small inputs whole kernel positions never see a pixel.
#pragma once
#include "core/graph/graph.h"

namespace mprdo {

/// For a convolution's weight: bool [1, 1, kH, kW], true where some output position of some node that uses the layer
/// reads a real input pixel through that kernel position. For a linear layer: bool [1, 1], true.
at::Tensor liveMask(const Graph&, const Layer&);

/// Weights of the layer whose mask is false.
std::int64_t deadWeights(const Graph&, const Layer&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A block's quantized layers as bytes: what the cache keeps of it.
#pragma once
#include "core/base/bytes.h"
#include "core/exec/quantized_model.h"
#include "core/graph/passes.h"

namespace mprdo {

/// Codes, grids and biases of the block's layers.
std::string encodeBlock(const Block&, const std::vector<Layer>&, const QuantizedModel&);
/// The model with the block's layers replaced by what the bytes hold. \throws Error{BadFile}
QuantizedModel decodeBlock(const Block&, const std::vector<Layer>&, const QuantizedModel&, std::string_view bytes);
/// Names of the bias parameters of a layer's nodes.
std::vector<std::string> biasNames(const Graph&, const Layer&);
/// The one that bias correction may move: the layer's only one, however many nodes share it. Where nodes share a weight but have biases
/// of their own, one mean does not tell what each of them lacks.
std::optional<std::string> correctedBias(const Graph&, const Layer&);

} // namespace mprdo

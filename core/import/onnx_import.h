// SPDX-License-Identifier: GPL-3.0-or-later
// From an ONNX model to the one graph: constants are folded, shapes inferred anew, weights on integer grids kept as such.
#pragma once
#include "core/graph/graph.h"
#include "core/import/onnx_file.h"
#include "core/quant/grid.h"
#include <optional>

namespace mprdo {

struct OnnxImportOptions {
    /// The first dimension of the input is a batch of any size, whatever number the file has for it; and then only what keeps images
    /// apart can be read. Off: shapes as the file has them.
    bool freeBatch = true;
    /// [C, H, W], where the file leaves a dimension free.
    std::vector<std::int64_t> inputShape;
};

struct ImportedOnnx {
    Graph graph;                                    ///< architecture "onnx"; parameters named as the file does, or by the node that uses them
    std::map<std::string, QuantizedTensor> weights; ///< those that came as DequantizeLinear of integers, by parameter name
    std::map<ValueId, Grid> activations;            ///< values that pass through QuantizeLinear and DequantizeLinear
};

/// \throws Error{Unsupported} naming the op, its node and what to do: an op that is not known, a shape or weight that is computed while
/// the network runs, images that are not kept apart; Error{BadFile | ShapeMismatch} an attribute or shape that is impossible
ImportedOnnx importOnnx(const OnnxFile&, const OnnxImportOptions& = {});

/// The ops that importOnnx knows, in alphabetical order.
std::vector<std::string> onnxOps();

} // namespace mprdo

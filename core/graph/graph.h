// SPDX-License-Identifier: GPL-3.0-or-later
// The one graph between import and export: static single assignment, topological order, a closed set of ops.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mprdo {

using ValueId = std::int32_t;

/// The closed set of operations; core/graph/op_table.h has one row for each.
enum class Op {
    Conv2d, Conv1d, ConvTranspose2d, ConvTranspose1d, Linear, MatMul, BatchNorm, LayerNorm,
    Relu, LeakyRelu, PRelu, Clamp, Sigmoid, HardSigmoid, HardSwish, Silu, Tanh, Gelu, Erf, Sqrt, Softmax,
    Add, Sub, Mul, Div, Pow,
    MaxPool2d, MaxPool1d, AvgPool2d, AvgPool1d, AdaptiveAvgPool2d, Mean,
    Concat, Slice, Gather, Flatten, Reshape, Transpose, Pad, Resize, Identity, Constant
};

using Attribute = std::variant<std::int64_t, double, std::vector<std::int64_t>, std::vector<double>, std::string>;

/// An SSA value. The leading dimension of shape is the free batch dimension, written -1; a Constant's value has none.
struct Value {
    std::string name;
    at::ScalarType dtype = at::kFloat;
    std::vector<std::int64_t> shape;
};

/// One operation. Parameters are named by role: {"weight": "layer1.0.conv1.weight", "bias": ...}.
struct Node {
    Op op = Op::Identity;
    std::string name;                             ///< "layer1.0.conv1"
    std::vector<ValueId> inputs, outputs;
    std::map<std::string, std::string> parameters; ///< role -> name in Graph::parameters
    std::map<std::string, Attribute> attributes;   ///< "stride", "padding", ...

    std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
    double number(const std::string& key, double otherwise) const;
    std::vector<std::int64_t> integers(const std::string& key, std::vector<std::int64_t> otherwise) const;
    std::vector<double> numbers(const std::string& key, std::vector<double> otherwise) const;
    std::string word(const std::string& key, const std::string& otherwise) const;
    /// One number for each of count axes: written as one for all or as a list. \throws Error{ShapeMismatch} another count
    std::vector<std::int64_t> perAxis(const std::string& key, std::int64_t otherwise, std::size_t count) const;
};

/// A weight tensor that can be quantized: its output axis, groups, and the nodes that use it.
struct Layer {
    std::string name;       ///< parameter name without ".weight"
    std::string parameter;  ///< name in Graph::parameters
    std::int64_t axis = 0;  ///< output-channel axis
    std::int64_t groups = 1;
    std::vector<std::size_t> nodes;
};

/// What was cut off behind the logits, and what stands there instead (asLogits in core/graph/passes.h).
struct OutputEnding {
    std::vector<Node> nodes;   ///< Softmax, LogSoftmax or Sigmoid and what only shapes; ids of Graph::values, no parameters
    std::size_t adapters = 0;  ///< so many nodes at the end of Graph::nodes are not the file's: they bring the logits into their form
    ValueId output = 0;        ///< the file's own
};

/// Values and nodes; built by GraphBuilder or a pass, then not changed. Copying shares the tensors.
struct Graph {
    std::string architecture;
    std::vector<Value> values;
    std::vector<Node> nodes;                     ///< topological order
    std::vector<ValueId> inputs, outputs;
    std::map<std::string, at::Tensor> parameters; ///< float32, contiguous; never written to
    std::optional<OutputEnding> ending;          ///< set by asLogits where the file's own output is another value

    /// Weight tensors of convolutions and linear layers, in network order.
    std::vector<Layer> layers() const;
    const at::Tensor& parameter(const std::string& name) const; ///< \throws Error{Internal} unknown
    /// \throws Error{Internal} naming what is wrong: order, single assignment, unknown parameter, arity.
    void validate() const;
};

} // namespace mprdo

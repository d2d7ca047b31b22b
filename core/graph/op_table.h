// SPDX-License-Identifier: GPL-3.0-or-later
// One row per op: its name, shape rule, how LibTorch executes it, and what importers and exporters call it.
// Adding an op touches the enum in graph.h and one row here.
#pragma once
#include "core/graph/graph.h"
#include <functional>
#include <optional>
#include <string_view>

namespace mprdo {

/// What a row's functions see of a node: parameters already resolved (an overlay may have replaced them).
struct OpContext {
    const Node& node;
    const std::vector<at::Tensor>& inputs;
    std::function<at::Tensor(const std::string& role)> parameter; ///< undefined tensor when the role is absent
    bool training = false;
};

using Shape = std::vector<std::int64_t>;
using ShapeOf = std::function<Shape(const std::string& role)>;  ///< of a parameter; empty when absent

struct OpRow {
    Op op;
    std::string_view name;      ///< "conv2d"
    int minInputs, maxInputs;
    /// Output shape for input shapes (batch first, -1 = free). \throws Error{ShapeMismatch}
    Shape (*shape)(const Node&, const std::vector<Shape>& inputs, const ShapeOf& parameter);
    at::Tensor (*execute)(const OpContext&);
    /// Its output holds values of its input (or zeros) and no others: what is on a grid stays on it. See movesValues(Node).
    bool movesValues = false;
    /// Multiplies its input by a weight that can be quantized, role "weight", output channels first: [O, I / groups, kernel...] or
    /// [O, I]. A transposed convolution's too: its kernel is the one that a sum over inputs sees, not yet mirrored.
    bool weighted = false;
};

const OpRow& opRow(Op);
/// All of them, in the order of Op.
const std::vector<OpRow>& opRows();
/// The row's, but for padding with anything but zeros.
bool movesValues(const Node&);
std::string_view name(Op);
std::optional<Op> opFromName(std::string_view);

} // namespace mprdo

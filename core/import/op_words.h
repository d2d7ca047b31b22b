// SPDX-License-Identifier: GPL-3.0-or-later
// What a description may say of an op: its attributes with their kinds and bounds, and the tensors that it takes.
#pragma once
#include "core/graph/graph.h"
#include <string_view>

namespace mprdo {

/// PerAxis: one integer for all axes, or a list.
enum class AttributeKind { Integer, Number, Integers, PerAxis, Numbers, Word };

struct AttributeWord {
    Op op;
    std::string_view name;
    AttributeKind kind;
    double least, most; ///< of each number
};
/// In the order of the table; empty for an op that has none.
std::vector<AttributeWord> attributesOf(Op);

struct ParameterWord {
    Op op;
    std::string_view role;   ///< "variance"
    std::string_view suffix; ///< of the tensor's name behind the node's: ".running_var"
    bool required;
};
std::vector<ParameterWord> parametersOf(Op);

} // namespace mprdo

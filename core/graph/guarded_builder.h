// SPDX-License-Identifier: GPL-3.0-or-later
// A GraphBuilder for graphs that were written by others.
#pragma once
#include "core/graph/graph_builder.h"

namespace mprdo {

/// Sizes are bounded before anything is run, and every node is run once on blank inputs before the graph is handed over,
/// so that what comes out can be executed. The first node's input is value 0; the k-th node makes value k.
class GuardedBuilder {
public:
    static constexpr std::size_t kMaxNodes = 1 << 16;
    static constexpr std::int64_t kMaxAttribute = std::int64_t(1) << 20;    ///< strides, paddings, kernels, ...
    static constexpr std::int64_t kMaxElements = std::int64_t(1) << 24;     ///< of one value, an image
    static constexpr std::int64_t kMaxAllElements = std::int64_t(1) << 28;  ///< of all values together; of a list's product

    /// shape without the batch dimension, e.g. {3, 32, 32}. \throws Error{ShapeMismatch} naming the input
    ValueId input(const std::string& name, const std::vector<std::int64_t>& shape);
    void parameter(const std::string& name, const at::Tensor& value);
    /// \throws Error{ShapeMismatch} naming the node: arity, shapes, an attribute's kind, a value that is too large
    ValueId add(Op op, const std::string& name, const std::vector<ValueId>& inputs,
                const std::map<std::string, std::string>& parameters, const std::map<std::string, Attribute>& attributes);
    const std::vector<std::int64_t>& shape(ValueId) const;
    /// Cost: two images through every node. \throws Error{ShapeMismatch} naming a node that cannot be run or makes another
    /// shape than its rule says
    Graph finish(ValueId output, const std::string& architecture);

private:
    void count(const std::string& name, const std::vector<std::int64_t>& shape);

    GraphBuilder m_builder;
    std::int64_t m_elements = 0;
};

} // namespace mprdo

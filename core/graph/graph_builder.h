// SPDX-License-Identifier: GPL-3.0-or-later
// Builds a Graph node by node, with shapes inferred as it goes. Importers and tests use it.
#pragma once
#include "core/graph/graph.h"

namespace mprdo {

class GraphBuilder {
public:
    /// shape without the batch dimension, e.g. {3, 32, 32}.
    ValueId input(const std::string& name, const std::vector<std::int64_t>& shape);
    /// A value that has no batch dimension: every size as given.
    ValueId wholeInput(const std::string& name, const std::vector<std::int64_t>& shape);
    /// Takes over a parameter tensor under its name (converted to float32, contiguous).
    void parameter(const std::string& name, const at::Tensor& value);

    /// One node with one output; the shape rule of the op table infers the output's shape.
    /// \throws Error{ShapeMismatch} naming the node when shapes do not fit.
    ValueId add(Op op, const std::string& name, const std::vector<ValueId>& inputs,
                const std::map<std::string, std::string>& parameters = {},
                const std::map<std::string, Attribute>& attributes = {});

    // The everyday ones. Parameters must have been given before as name + ".weight" and so on.
    ValueId conv2d(const std::string& name, ValueId x, std::int64_t stride, std::int64_t padding, std::int64_t groups = 1);
    ValueId batchNorm(const std::string& name, ValueId x, double epsilon = 1e-5);
    ValueId relu(const std::string& name, ValueId x);
    ValueId linear(const std::string& name, ValueId x);

    const std::vector<std::int64_t>& shape(ValueId) const;
    /// Validates and hands the graph over.
    Graph finish(ValueId output, const std::string& architecture);

private:
    Graph m_graph;
};

} // namespace mprdo

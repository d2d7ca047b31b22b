// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/graph_builder.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"

namespace mprdo {

ValueId GraphBuilder::input(const std::string& name, const std::vector<std::int64_t>& shape)
{
    std::vector<std::int64_t> whole{-1};
    whole.insert(whole.end(), shape.begin(), shape.end());
    return wholeInput(name, whole);
}

ValueId GraphBuilder::wholeInput(const std::string& name, const std::vector<std::int64_t>& shape)
{
    m_graph.values.push_back({name, at::kFloat, shape});
    const auto id = static_cast<ValueId>(m_graph.values.size() - 1);
    m_graph.inputs.push_back(id);
    return id;
}

void GraphBuilder::parameter(const std::string& name, const at::Tensor& value)
{
    m_graph.parameters[name] = value.detach().to(at::kFloat).contiguous();
}

ValueId GraphBuilder::add(Op op, const std::string& name, const std::vector<ValueId>& inputs,
                          const std::map<std::string, std::string>& parameters,
                          const std::map<std::string, Attribute>& attributes)
{
    Node node;
    node.op = op;
    node.name = name;
    node.inputs = inputs;
    node.parameters = parameters;
    node.attributes = attributes;
    const OpRow& row = opRow(op);
    const int arity = static_cast<int>(inputs.size());
    check(arity >= row.minInputs && arity <= row.maxInputs, ErrorCode::Internal, name, ": ", row.name, " cannot take ", arity,
          " inputs");
    std::vector<Shape> shapes;
    for (const ValueId v : inputs)
        shapes.push_back(shape(v));
    const auto shapeOf = [&](const std::string& role) -> Shape {
        const auto it = node.parameters.find(role);
        return it == node.parameters.end() ? Shape{} : m_graph.parameter(it->second).sizes().vec();
    };
    Value value{name, at::kFloat, row.shape(node, shapes, shapeOf)};
    m_graph.values.push_back(std::move(value));
    const auto id = static_cast<ValueId>(m_graph.values.size() - 1);
    node.outputs = {id};
    m_graph.nodes.push_back(std::move(node));
    return id;
}

ValueId GraphBuilder::conv2d(const std::string& name, ValueId x, std::int64_t stride, std::int64_t padding,
                             std::int64_t groups)
{
    std::map<std::string, std::string> parameters{{"weight", name + ".weight"}};
    if (m_graph.parameters.count(name + ".bias"))
        parameters["bias"] = name + ".bias";
    return add(Op::Conv2d, name, {x}, parameters, {{"stride", stride}, {"padding", padding}, {"groups", groups}});
}

ValueId GraphBuilder::batchNorm(const std::string& name, ValueId x, double epsilon)
{
    return add(Op::BatchNorm, name, {x},
               {{"weight", name + ".weight"},
                {"bias", name + ".bias"},
                {"mean", name + ".running_mean"},
                {"variance", name + ".running_var"}},
               {{"epsilon", epsilon}});
}

ValueId GraphBuilder::relu(const std::string& name, ValueId x) { return add(Op::Relu, name, {x}); }

ValueId GraphBuilder::linear(const std::string& name, ValueId x)
{
    std::map<std::string, std::string> parameters{{"weight", name + ".weight"}};
    if (m_graph.parameters.count(name + ".bias"))
        parameters["bias"] = name + ".bias";
    return add(Op::Linear, name, {x}, parameters);
}

const std::vector<std::int64_t>& GraphBuilder::shape(ValueId id) const
{
    return m_graph.values.at(static_cast<std::size_t>(id)).shape;
}

Graph GraphBuilder::finish(ValueId output, const std::string& architecture)
{
    m_graph.outputs = {output};
    m_graph.architecture = architecture;
    m_graph.validate();
    return std::move(m_graph);
}

} // namespace mprdo

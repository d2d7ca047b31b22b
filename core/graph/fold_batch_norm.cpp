// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/op_table.h"
#include "core/graph/passes.h"

namespace mprdo {
namespace {

/// The single node that reads a value, or npos when several do or the value is a graph output.
std::size_t onlyReader(const Graph& graph, ValueId value)
{
    constexpr auto none = static_cast<std::size_t>(-1);
    for (const ValueId v : graph.outputs)
        if (v == value)
            return none;
    std::size_t reader = none;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const ValueId v : graph.nodes[i].inputs)
            if (v == value) {
                if (reader != none)
                    return none;
                reader = i;
            }
    return reader;
}

int users(const Graph& graph, const std::string& parameter)
{
    int count = 0;
    for (const Node& node : graph.nodes)
        for (const auto& [role, name] : node.parameters)
            count += name == parameter;
    return count;
}

void fold(Graph& graph, Node& linear, const Node& norm)
{
    const auto wide = [&](const std::string& role) { return graph.parameter(norm.parameters.at(role)).to(at::kDouble); };
    const std::string weightName = linear.parameters.at("weight");
    const at::Tensor weight = graph.parameter(weightName).to(at::kDouble);
    const at::Tensor factor = wide("weight") / (wide("variance") + norm.number("epsilon", 1e-5)).sqrt(); // [O]
    std::vector<std::int64_t> perChannel(static_cast<std::size_t>(weight.dim()), 1);
    perChannel[0] = -1;
    at::Tensor bias = wide("bias") - wide("mean") * factor;
    if (const auto it = linear.parameters.find("bias"); it != linear.parameters.end())
        bias = bias + graph.parameter(it->second).to(at::kDouble) * factor;
    graph.parameters[weightName] = (weight * factor.reshape(perChannel)).to(at::kFloat).contiguous();
    const std::string biasName = linear.name + ".bias";
    graph.parameters[biasName] = bias.to(at::kFloat).contiguous();
    linear.parameters["bias"] = biasName;
}

} // namespace

Graph foldBatchNorm(const Graph& source)
{
    Graph graph = source;
    std::vector<char> dropped(graph.nodes.size(), 0);
    for (Node& node : graph.nodes) {
        if (!opRow(node.op).weighted || users(graph, node.parameters.at("weight")) != 1)
            continue;
        if (node.op == Op::Linear && graph.values[static_cast<std::size_t>(node.outputs[0])].shape.size() != 2)
            continue; // its channels are the last dimension, those of the norm the second
        const std::size_t reader = onlyReader(graph, node.outputs[0]);
        if (reader == static_cast<std::size_t>(-1) || graph.nodes[reader].op != Op::BatchNorm)
            continue;
        const Node& norm = graph.nodes[reader];
        fold(graph, node, norm);
        node.outputs = norm.outputs; // the folded layer makes what the batch norm made
        dropped[reader] = 1;
    }
    std::vector<Node> kept;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (!dropped[i])
            kept.push_back(graph.nodes[i]);
    std::map<std::string, at::Tensor> parameters;
    for (const Node& node : kept)
        for (const auto& [role, name] : node.parameters)
            parameters[name] = graph.parameter(name);
    graph.nodes = std::move(kept);
    graph.parameters = std::move(parameters);
    graph.validate();
    return graph;
}

} // namespace mprdo

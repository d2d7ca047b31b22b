// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include <algorithm>

namespace mprdo {
namespace {

/// The constant as one number for each output channel of the layer, or undefined where it is something else.
at::Tensor perChannel(const at::Tensor& constant, const Node& layer, std::int64_t channels, std::size_t rank)
{
    const std::size_t axis = layer.op == Op::Linear ? rank - 1 : 1;
    if (constant.numel() != channels || constant.dim() > static_cast<std::int64_t>(rank) || constant.dim() < 1)
        return {};
    const std::int64_t along = static_cast<std::int64_t>(axis) - (static_cast<std::int64_t>(rank) - constant.dim());
    return along >= 0 && constant.size(along) == channels ? constant.reshape({channels}) : at::Tensor();
}

} // namespace

Graph fuseBiases(const Graph& source)
{
    Graph graph = source;
    std::map<ValueId, std::vector<std::size_t>> readers;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const ValueId v : graph.nodes[i].inputs)
            readers[v].push_back(i);
    std::vector<char> dropped(graph.nodes.size(), 0);
    for (Node& layer : graph.nodes) {
        if (!opRow(layer.op).weighted || layer.parameters.count("bias"))
            continue;
        const ValueId made = layer.outputs[0];
        const bool isOutput = std::find(graph.outputs.begin(), graph.outputs.end(), made) != graph.outputs.end();
        if (isOutput || readers[made].size() != 1)
            continue;
        const std::size_t next = readers[made][0];
        const Node& add = graph.nodes[next];
        if (add.op != Op::Add || !add.parameters.count("constant"))
            continue;
        const std::string name = add.parameters.at("constant");
        const std::size_t rank = graph.values[static_cast<std::size_t>(made)].shape.size();
        const at::Tensor bias
            = perChannel(graph.parameter(name), layer, graph.parameter(layer.parameters.at("weight")).size(0), rank);
        if (!bias.defined())
            continue;
        const std::string own = name.ends_with(".constant") || graph.parameters.count(name + ".bias") ? layer.name + ".bias" : name;
        graph.parameters[own] = bias.contiguous();
        layer.parameters["bias"] = own;
        layer.outputs = add.outputs;
        dropped[next] = 1;
    }
    std::vector<Node> kept;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (!dropped[i])
            kept.push_back(graph.nodes[i]);
    graph.nodes = std::move(kept);
    return dropUnused(graph);
}

} // namespace mprdo

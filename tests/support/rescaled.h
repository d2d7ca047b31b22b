// SPDX-License-Identifier: GPL-3.0-or-later
// The same function with other numbers in it: a layer times a factor, the next divided by it.
#pragma once
#include "core/graph/graph.h"
#include <vector>

namespace mprdo::test {

/// Two layers, as positions in Graph::layers(): the second reads what the first makes through nothing but ReLUs, and nobody else does.
struct NeighbourLayers {
    std::size_t first = 0, second = 0;
};

inline std::vector<NeighbourLayers> neighbourLayers(const Graph& graph)
{
    const std::vector<Layer> layers = graph.layers();
    const auto onlyReader = [&](ValueId value) -> const Node* {
        const Node* found = nullptr;
        for (const Node& node : graph.nodes)
            for (const ValueId input : node.inputs)
                if (input == value) {
                    if (found)
                        return nullptr;
                    found = &node;
                }
        return found;
    };
    std::vector<NeighbourLayers> out;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (layers[l].nodes.size() != 1)
            continue;
        const Node* reader = onlyReader(graph.nodes[layers[l].nodes[0]].outputs[0]);
        while (reader && reader->op == Op::Relu)
            reader = onlyReader(reader->outputs[0]);
        for (std::size_t next = 0; reader && next < layers.size(); ++next)
            if (layers[next].nodes.size() == 1 && &graph.nodes[layers[next].nodes[0]] == reader)
                out.push_back({l, next});
    }
    return out;
}

/// Weight and bias of the first layer times the factor, the weight of the second divided by it: exact where it is a power of two.
inline Graph rescaled(Graph graph, const NeighbourLayers& pair, double factor)
{
    const std::vector<Layer> layers = graph.layers();
    const Layer &first = layers[pair.first], &second = layers[pair.second];
    graph.parameters[first.parameter] = graph.parameters.at(first.parameter) * factor;
    if (const auto bias = graph.nodes[first.nodes[0]].parameters.find("bias"); bias != graph.nodes[first.nodes[0]].parameters.end())
        graph.parameters[bias->second] = graph.parameters.at(bias->second) * factor;
    graph.parameters[second.parameter] = graph.parameters.at(second.parameter) / factor;
    return graph;
}

} // namespace mprdo::test

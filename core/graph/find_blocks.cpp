// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/passes.h"
#include <algorithm>

namespace mprdo {
namespace {

/// Positions after which a single value is alive: node i is a cut when everything later reads only its output.
std::vector<std::size_t> cuts(const Graph& graph)
{
    std::vector<std::size_t> lastUse(graph.values.size(), 0);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const ValueId v : graph.nodes[i].inputs)
            lastUse[static_cast<std::size_t>(v)] = i;
    for (const ValueId v : graph.outputs)
        lastUse[static_cast<std::size_t>(v)] = graph.nodes.size();
    std::vector<std::size_t> out;
    std::size_t reach = 0; // the furthest reader of any value made before node i
    for (const ValueId v : graph.inputs)
        reach = std::max(reach, lastUse[static_cast<std::size_t>(v)]);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (reach <= i)
            out.push_back(i);
        for (const ValueId v : graph.nodes[i].outputs)
            reach = std::max(reach, lastUse[static_cast<std::size_t>(v)]);
    }
    return out;
}

std::string commonPrefix(const std::vector<std::string>& names)
{
    std::string prefix = names.front();
    for (const std::string& name : names)
        while (name.compare(0, prefix.size(), prefix) != 0)
            prefix.pop_back();
    if (names.size() > 1)
        prefix = prefix.substr(0, prefix.rfind('.') == std::string::npos ? 0 : prefix.rfind('.'));
    return prefix.empty() ? names.front() : prefix;
}

} // namespace

std::vector<Block> findBlocks(const Graph& graph)
{
    const std::vector<Layer> layers = graph.layers();
    std::vector<Block> out;
    std::size_t begin = 0;
    ValueId input = graph.inputs.at(0);
    const auto cutAt = cuts(graph);
    for (const std::size_t cut : cutAt) {
        Block block;
        block.begin = begin;
        block.end = cut + 1;
        block.input = input;
        block.output = graph.nodes[cut].outputs[0];
        std::vector<std::string> names;
        for (std::size_t l = 0; l < layers.size(); ++l)
            if (layers[l].nodes.front() >= block.begin && layers[l].nodes.front() < block.end) {
                block.layers.push_back(l);
                names.push_back(layers[l].name);
            }
        begin = block.end;
        input = block.output;
        if (block.layers.empty() && !out.empty()) { // relu, pooling and the like belong to what stands before them
            out.back().end = block.end;
            out.back().output = block.output;
            continue;
        }
        block.name = names.empty() ? graph.nodes[block.begin].name : commonPrefix(names);
        out.push_back(std::move(block));
    }
    return out;
}

Graph dropIdentities(const Graph& source)
{
    Graph graph = source;
    std::vector<ValueId> same(graph.values.size());
    for (std::size_t i = 0; i < same.size(); ++i)
        same[i] = static_cast<ValueId>(i);
    graph.nodes.clear();
    for (Node node : source.nodes) {
        for (ValueId& v : node.inputs)
            v = same[static_cast<std::size_t>(v)];
        if (node.op == Op::Identity)
            same[static_cast<std::size_t>(node.outputs[0])] = node.inputs[0];
        else
            graph.nodes.push_back(std::move(node));
    }
    for (ValueId& v : graph.outputs)
        v = same[static_cast<std::size_t>(v)];
    graph.validate();
    return graph;
}

} // namespace mprdo

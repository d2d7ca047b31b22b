// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exec/executor.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include <algorithm>

namespace mprdo {
namespace {

/// Which nodes lead from the feeds to the fetches: walked backwards, stopping at values that are fed.
std::vector<char> neededNodes(const Graph& graph, const ValueMap& feeds, const std::vector<ValueId>& fetches)
{
    std::vector<char> wanted(graph.values.size(), 0), needed(graph.nodes.size(), 0);
    for (const ValueId v : fetches)
        wanted.at(static_cast<std::size_t>(v)) = !feeds.count(v);
    for (std::size_t i = graph.nodes.size(); i-- > 0;) {
        const Node& node = graph.nodes[i];
        for (const ValueId v : node.outputs)
            needed[i] |= wanted[static_cast<std::size_t>(v)];
        if (needed[i])
            for (const ValueId v : node.inputs)
                wanted[static_cast<std::size_t>(v)] = !feeds.count(v);
    }
    return needed;
}

} // namespace

ValueMap execute(const Graph& graph, const ValueMap& feeds, const std::vector<ValueId>& fetches, const Overlay& overlay,
                 const ExecOptions& options)
{
    const std::vector<char> needed = neededNodes(graph, feeds, fetches);
    std::vector<int> uses(graph.values.size(), 0); // remaining readers; a fetch counts as one that never ends
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (needed[i])
            for (const ValueId v : graph.nodes[i].inputs)
                ++uses[static_cast<std::size_t>(v)];
    for (const ValueId v : fetches)
        ++uses[static_cast<std::size_t>(v)];

    ValueMap live;
    for (const auto& [id, tensor] : feeds)
        if (uses.at(static_cast<std::size_t>(id)) > 0) {
            const auto hook = overlay.values.find(id);
            const bool raw = hook != overlay.values.end()
                             && std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
            live[id] = raw ? hook->second(tensor) : tensor; // other values went through theirs when they were made
        }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (!needed[i])
            continue;
        const Node& node = graph.nodes[i];
        std::vector<at::Tensor> inputs;
        for (const ValueId v : node.inputs) {
            const auto it = live.find(v);
            check(it != live.end(), ErrorCode::Internal, "execute: ", node.name, " needs the value ",
                  graph.values[static_cast<std::size_t>(v)].name, ", which is neither fed nor made");
            inputs.push_back(it->second);
        }
        std::map<std::string, at::Tensor> statistics; // of this batch, where batch norm is trained
        if (options.training && node.op == Op::BatchNorm)
            for (const char* role : {"mean", "variance"})
                statistics[role] = at::zeros_like(graph.parameter(node.parameters.at(role)));
        const auto parameter = [&](const std::string& role) -> at::Tensor {
            const auto it = node.parameters.find(role);
            if (it == node.parameters.end())
                return {};
            if (const auto own = statistics.find(role); own != statistics.end())
                return own->second;
            const auto replaced = overlay.parameters.find(it->second);
            return replaced != overlay.parameters.end() ? replaced->second : graph.parameter(it->second);
        };
        at::Tensor out = opRow(node.op).execute({node, inputs, parameter, options.training});
        if (!statistics.empty() && options.batchStatistics)
            options.batchStatistics(node, statistics.at("mean"), statistics.at("variance"));
        if (const auto hook = overlay.values.find(node.outputs[0]); hook != overlay.values.end())
            out = hook->second(out);
        inputs.clear();
        for (const ValueId v : node.inputs)
            if (--uses[static_cast<std::size_t>(v)] == 0)
                live.erase(v);
        live[node.outputs[0]] = std::move(out);
    }
    ValueMap out;
    for (const ValueId v : fetches)
        out[v] = live.at(v);
    return out;
}

at::Tensor forward(const Graph& graph, const at::Tensor& images, const Overlay& overlay)
{
    return execute(graph, {{graph.inputs.at(0), images}}, {graph.outputs.at(0)}, overlay).at(graph.outputs[0]);
}

std::vector<std::int64_t> macsPerNode(const Graph& graph)
{
    std::vector<std::int64_t> out;
    for (const Node& node : graph.nodes) {
        std::int64_t macs = 0;
        if (opRow(node.op).weighted) {
            const at::Tensor& w = graph.parameter(node.parameters.at("weight"));
            const bool transposed = node.op == Op::ConvTranspose2d || node.op == Op::ConvTranspose1d, linear = node.op == Op::Linear;
            const auto& shape = graph.values[static_cast<std::size_t>(transposed ? node.inputs[0] : node.outputs[0])].shape;
            std::int64_t positions = 1; // outputs per channel; of a transposed convolution inputs per channel
            for (std::size_t i = linear ? 1 : 2; i < shape.size() - linear; ++i)
                positions *= shape[i];
            macs = w.numel() * positions;
        }
        out.push_back(macs);
    }
    return out;
}

} // namespace mprdo

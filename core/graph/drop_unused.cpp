// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/passes.h"
#include <set>

namespace mprdo {

Graph dropUnused(const Graph& source)
{
    Graph graph = source;
    std::set<ValueId> wanted(graph.outputs.begin(), graph.outputs.end());
    std::vector<Node> kept;
    for (std::size_t i = source.nodes.size(); i-- > 0;) {
        const Node& node = source.nodes[i];
        bool used = false;
        for (const ValueId v : node.outputs)
            used = used || wanted.count(v);
        if (!used)
            continue;
        wanted.insert(node.inputs.begin(), node.inputs.end());
        kept.push_back(node);
    }
    graph.nodes.assign(kept.rbegin(), kept.rend());
    std::map<std::string, at::Tensor> parameters;
    for (const Node& node : graph.nodes)
        for (const auto& [role, name] : node.parameters)
            parameters[name] = source.parameter(name);
    graph.parameters = std::move(parameters);
    graph.validate();
    return graph;
}

} // namespace mprdo

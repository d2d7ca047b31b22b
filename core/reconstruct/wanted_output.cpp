// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/wanted_output.h"

namespace mprdo {

WantedOutput wantedOutput(const Graph& graph, const Block& block, const Node& layer)
{
    const ValueId value = layer.outputs[0];
    WantedOutput out{value};
    int readers = 0;
    for (const Node& node : graph.nodes)
        for (const ValueId v : node.inputs)
            readers += v == value;
    if (readers != 1)
        return out;
    for (std::size_t n = block.begin; n < block.end; ++n) {
        const Node& node = graph.nodes[n];
        const auto sameShape = [&] {
            const auto shape = [&](ValueId v) -> const std::vector<std::int64_t>& { return graph.values[static_cast<std::size_t>(v)].shape; };
            return shape(node.inputs[0]) == shape(node.inputs[1]);
        };
        if (node.op == Op::Add && node.inputs.size() == 2 && sameShape() && (node.inputs[0] == value || node.inputs[1] == value))
            out = {node.outputs[0], node.inputs[0] == value ? node.inputs[1] : node.inputs[0]};
    }
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/dead_weights.h"
#include "core/graph/windows.h"

namespace mprdo {
namespace {

/// Kernel positions along one axis that meet at least one of the input's size pixels at some output position.
std::vector<bool> livePositions(std::int64_t size, std::int64_t outputs, const Window& window)
{
    std::vector<bool> live(static_cast<std::size_t>(window.kernel), false);
    for (std::int64_t k = 0; k < window.kernel; ++k)
        for (std::int64_t o = 0; o < outputs && !live[static_cast<std::size_t>(k)]; ++o) {
            const std::int64_t pixel = o * window.stride - window.before + k * window.dilation;
            live[static_cast<std::size_t>(k)] = pixel >= 0 && pixel < size;
        }
    return live;
}

} // namespace

at::Tensor liveMask(const Graph& graph, const Layer& layer)
{
    const at::Tensor& weight = graph.parameter(layer.parameter);
    for (const std::size_t n : layer.nodes)
        if (graph.nodes[n].op != Op::Conv2d)
            return at::ones(std::vector<std::int64_t>(static_cast<std::size_t>(weight.dim()), 1), at::kBool);
    at::Tensor mask = at::zeros({1, 1, weight.size(2), weight.size(3)}, at::kBool);
    for (const std::size_t n : layer.nodes) {
        const Node& node = graph.nodes[n];
        const auto& in = graph.values[static_cast<std::size_t>(node.inputs[0])].shape;
        const auto& out = graph.values[static_cast<std::size_t>(node.outputs[0])].shape;
        const std::vector<Window> windows = windowsOf(node, weight.sizes());
        const auto rows = livePositions(in[2], out[2], windows[0]);
        const auto columns = livePositions(in[3], out[3], windows[1]);
        for (std::size_t y = 0; y < rows.size(); ++y)
            for (std::size_t x = 0; x < columns.size(); ++x)
                if (rows[y] && columns[x])
                    mask[0][0][static_cast<std::int64_t>(y)][static_cast<std::int64_t>(x)].fill_(true);
    }
    return mask;
}

std::int64_t deadWeights(const Graph& graph, const Layer& layer)
{
    const at::Tensor& weight = graph.parameter(layer.parameter);
    const at::Tensor mask = liveMask(graph, layer);
    const std::int64_t dead = mask.numel() - mask.sum().item<std::int64_t>();
    return weight.numel() / mask.numel() * dead;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/dead_weights.h"

namespace mprdo {
namespace {

/// Kernel positions along one axis that meet at least one of the input's size pixels at some output position.
std::vector<bool> livePositions(std::int64_t size, std::int64_t outputs, std::int64_t kernel, std::int64_t stride,
                                std::int64_t padding, std::int64_t dilation)
{
    std::vector<bool> live(static_cast<std::size_t>(kernel), false);
    for (std::int64_t k = 0; k < kernel; ++k)
        for (std::int64_t o = 0; o < outputs && !live[static_cast<std::size_t>(k)]; ++o) {
            const std::int64_t pixel = o * stride - padding + k * dilation;
            live[static_cast<std::size_t>(k)] = pixel >= 0 && pixel < size;
        }
    return live;
}

} // namespace

at::Tensor liveMask(const Graph& graph, const Layer& layer)
{
    const at::Tensor& weight = graph.parameter(layer.parameter);
    if (weight.dim() != 4)
        return at::ones({1, 1}, at::kBool);
    at::Tensor mask = at::zeros({1, 1, weight.size(2), weight.size(3)}, at::kBool);
    for (const std::size_t n : layer.nodes) {
        const Node& node = graph.nodes[n];
        const auto& in = graph.values[static_cast<std::size_t>(node.inputs[0])].shape;
        const auto& out = graph.values[static_cast<std::size_t>(node.outputs[0])].shape;
        const std::int64_t stride = node.integer("stride", 1), padding = node.integer("padding", 0);
        const std::int64_t dilation = node.integer("dilation", 1);
        const auto rows = livePositions(in[2], out[2], weight.size(2), stride, padding, dilation);
        const auto columns = livePositions(in[3], out[3], weight.size(3), stride, padding, dilation);
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

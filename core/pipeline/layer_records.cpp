// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/layer_records.h"

namespace mprdo {
namespace {

std::string gridKind(const Grid& grid)
{
    if (grid.symmetric)
        return "symmetric";
    const double middle = double(std::int64_t(1) << (grid.bits - 1));
    const std::int64_t symmetric = grid.zeroPoint.eq(middle).sum().item<std::int64_t>();
    return symmetric == grid.zeroPoint.numel() ? "symmetric" : symmetric == 0 ? "affine" : "mixed";
}

std::vector<float> listOf(const at::Tensor& values)
{
    const at::Tensor plain = values.to(at::kFloat).contiguous();
    const float* first = plain.data_ptr<float>();
    return {first, first + plain.numel()};
}

} // namespace

std::vector<LayerRecord> layerRecords(const QuantizedModel& model)
{
    const std::vector<Layer> layers = model.graph->layers();
    const std::vector<Bits> bits = model.allocation().bits;
    std::vector<LayerRecord> out(layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
        out[l].name = layers[l].name;
        out[l].bits = bits[l];
        const auto read = model.activations.find(activationOf(*model.graph, model.graph->nodes[layers[l].nodes.at(0)]));
        if (read != model.activations.end()) {
            const Grid& grid = read->second;
            const double scale = grid.scale.item<double>(), zero = grid.zeroPoint.item<double>();
            out[l].inputBits = grid.bits;
            out[l].inputLow = scale * (double(grid.qMin()) - zero);
            out[l].inputHigh = scale * (double(grid.qMax()) - zero);
        }
        const auto it = model.weights.find(layers[l].parameter);
        if (it == model.weights.end())
            continue;
        const Grid& grid = it->second.grid;
        out[l].grid = gridKind(grid);
        out[l].symmetric = grid.symmetric;
        out[l].scales = listOf(grid.scale);
        out[l].zeroPoints = listOf(grid.zeroPoint);
        out[l].scaleMin = grid.scale.min().item<double>();
        out[l].scaleMax = grid.scale.max().item<double>();
    }
    return out;
}

} // namespace mprdo

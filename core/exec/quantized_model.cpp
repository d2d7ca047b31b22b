// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exec/quantized_model.h"
#include "core/base/error.h"
#include "core/graph/dead_weights.h"

namespace mprdo {

Overlay QuantizedModel::overlay() const
{
    NoGrad noGrad;
    Overlay out;
    for (const auto& [name, weight] : weights)
        out.parameters[name] = weight.values();
    for (const auto& [name, bias] : biases)
        out.parameters[name] = bias;
    return out;
}

Allocation QuantizedModel::allocation() const
{
    Allocation out;
    for (const Layer& layer : graph->layers()) {
        const auto it = weights.find(layer.parameter);
        out.bits.push_back(it != weights.end() ? it->second.grid.bits : kKeepFp32);
    }
    return out;
}

double QuantizedModel::averageBits() const
{
    const std::vector<Bits> bits = allocation().bits;
    const std::vector<Layer> layers = graph->layers();
    double sum = 0, count = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const auto n = static_cast<double>(graph->parameter(layers[l].parameter).numel());
        sum += n * bits[l];
        count += n;
    }
    return count > 0 ? sum / count : kKeepFp32;
}

QuantizedModel withDeadAtZero(QuantizedModel model)
{
    NoGrad noGrad;
    for (const Layer& layer : model.graph->layers()) {
        const auto it = model.weights.find(layer.parameter);
        if (it == model.weights.end() || deadWeights(*model.graph, layer) == 0)
            continue;
        QuantizedTensor& q = it->second;
        q.codes = at::where(liveMask(*model.graph, layer), q.codes, q.grid.zeroPointFor(q.codes));
    }
    return model;
}

QuantizedModel quantizeNearest(std::shared_ptr<const Graph> graph, const Allocation& allocation, GridMode mode)
{
    NoGrad noGrad;
    const std::vector<Layer> layers = graph->layers();
    check(allocation.bits.size() == layers.size(), ErrorCode::Usage, "an allocation of ", allocation.bits.size(),
          " layers for a network of ", layers.size());
    QuantizedModel out;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (allocation.bits[l] == kKeepFp32)
            continue;
        const at::Tensor& w = graph->parameter(layers[l].parameter);
        const Grid grid = mseGrid(w, allocation.bits[l], mode, {}, layers[l].axis);
        out.weights[layers[l].parameter] = {grid, quantize(w, grid)};
    }
    out.graph = std::move(graph);
    return out;
}

} // namespace mprdo

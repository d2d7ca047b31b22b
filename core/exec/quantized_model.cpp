// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exec/quantized_model.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/graph/dead_weights.h"
#include "core/graph/op_table.h"
#include "core/quant/activation_grid.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

Overlay QuantizedModel::overlay() const
{
    NoGrad noGrad;
    Overlay out;
    for (const auto& [name, weight] : weights)
        out.parameters[name] = weight.values();
    for (const auto& [name, bias] : biases)
        out.parameters[name] = bias;
    for (const auto& [value, grid] : activations)
        out.values[value] = [grid = grid](const at::Tensor& x) { return roundActivation(x, grid); };
    return out;
}

Bits QuantizedModel::activationBits() const
{
    std::map<Bits, int> count;
    for (const auto& [value, grid] : activations)
        ++count[grid.bits];
    const auto most = std::max_element(count.begin(), count.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most != count.end() ? most->first : kKeepFp32;
}

std::string hashOf(const std::map<ValueId, Grid>& activations)
{
    Hash hash;
    for (const auto& [value, grid] : activations)
        hash.add(int(value)).add(grid.bits).add(grid.scale).add(grid.zeroPoint);
    return hash.hex();
}

ValueId activationOf(const Graph& graph, const Node& node)
{
    ValueId value = node.inputs.at(0);
    for (std::size_t i = graph.nodes.size(); i-- > 0;) // topological order: the maker of a value stands before its readers
        if (graph.nodes[i].outputs.at(0) == value && movesValues(graph.nodes[i]))
            value = graph.nodes[i].inputs.at(0);
    return value;
}

std::vector<ValueId> activationsOfLayers(const Graph& graph)
{
    std::vector<ValueId> out;
    for (const Layer& layer : graph.layers())
        for (const std::size_t n : layer.nodes)
            if (const ValueId v = activationOf(graph, graph.nodes[n]); std::find(out.begin(), out.end(), v) == out.end())
                out.push_back(v);
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

QuantizedModel withIntegerBiases(QuantizedModel model)
{
    NoGrad noGrad;
    std::map<std::string, int> uses;
    for (const Node& node : model.graph->nodes)
        for (const auto& [role, name] : node.parameters)
            ++uses[name];
    for (const Layer& layer : model.graph->layers()) {
        const auto weight = model.weights.find(layer.parameter);
        const Node& node = model.graph->nodes[layer.nodes.at(0)];
        const auto input = model.activations.find(activationOf(*model.graph, node));
        const auto bias = node.parameters.find("bias");
        if (weight == model.weights.end() || input == model.activations.end() || bias == node.parameters.end() || uses[bias->second] > 1)
            continue;
        const auto corrected = model.biases.find(bias->second);
        const at::Tensor b = (corrected != model.biases.end() ? corrected->second : model.graph->parameter(bias->second)).to(at::kDouble);
        const at::Tensor step = (weight->second.grid.scale.reshape({-1}) * input->second.scale).to(at::kDouble); // a float32 product, as there
        const at::Tensor steps = (b / step).round();
        model.biases[bias->second] = at::where(steps.abs() < std::exp2(31), steps * step, b).to(at::kFloat);
    }
    return model;
}

QuantizedModel quantizeNearest(std::shared_ptr<const Graph> graph, const Allocation& allocation, GridMode mode, GridMemo* grids)
{
    NoGrad noGrad;
    GridMemo own;
    const std::vector<Layer> layers = graph->layers();
    check(allocation.bits.size() == layers.size(), ErrorCode::Usage, "an allocation of ", allocation.bits.size(),
          " layers for a network of ", layers.size());
    QuantizedModel out;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (allocation.bits[l] == kKeepFp32)
            continue;
        const at::Tensor& w = graph->parameter(layers[l].parameter);
        const Grid grid = (grids ? *grids : own).of(layers[l].parameter, w, allocation.bits[l], mode, layers[l].axis);
        out.weights[layers[l].parameter] = {grid, quantize(w, grid)};
    }
    out.graph = std::move(graph);
    return out;
}

} // namespace mprdo

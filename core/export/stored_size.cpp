// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/stored_size.h"
#include "core/base/error.h"
#include "core/code/bit_packing.h"
#include "core/quant/code_rate.h"

namespace mprdo {
namespace {

constexpr std::int64_t kFloatBytes = 4;

std::int64_t scaleBytes(const at::Tensor& scale)
{
    return scale.numel() * static_cast<std::int64_t>(c10::elementSize(scaleType(scale)));
}

std::int64_t bytesOf(const QuantizedTensor& tensor)
{
    const std::int64_t scales = tensor.grid.scale.numel();
    return packedBytes(tensor.codes.numel(), tensor.grid.bits) + scaleBytes(tensor.grid.scale) + (tensor.grid.symmetric ? 0 : scales);
}

} // namespace

double codeEntropyBits(const QuantizedModel& model)
{
    double bits = 0, weights = 0;
    for (const Layer& layer : model.graph->layers()) {
        const auto n = double(model.graph->parameter(layer.parameter).numel());
        const auto quantized = model.weights.find(layer.parameter);
        weights += n;
        bits += quantized != model.weights.end() ? codeInformation(quantized->second) : n * kKeepFp32;
    }
    return weights > 0 ? bits / weights : 0;
}

std::int64_t storedBytes(const QuantizedModel& model)
{
    std::int64_t bytes = activationStoredBytes(model.activations);
    for (const auto& [name, tensor] : model.graph->parameters) {
        const auto quantized = model.weights.find(name);
        bytes += quantized != model.weights.end() ? bytesOf(quantized->second) : kFloatBytes * tensor.numel();
    }
    return bytes;
}

std::int64_t activationStoredBytes(const std::map<ValueId, Grid>& activations)
{
    std::int64_t bytes = 0;
    for (const auto& [value, grid] : activations)
        bytes += scaleBytes(grid.scale) + 1;
    return bytes;
}

std::int64_t layerStoredBytes(const Graph& graph, const Layer& layer, Bits bits, GridMode mode)
{
    const at::Tensor& weight = graph.parameter(layer.parameter);
    if (bits == kKeepFp32)
        return kFloatBytes * weight.numel();
    check(bits >= kMinBits && bits <= kMaxBits, ErrorCode::Usage, layer.name, ": a width of ", bits, " bits");
    const std::int64_t channels = weight.size(layer.axis);
    const std::int64_t zeroPoints = mode == GridMode::Symmetric ? 0 : channels;
    return packedBytes(weight.numel(), bits) + scaleBytes(minMaxGrid(weight, bits, mode == GridMode::Symmetric, layer.axis).scale) + zeroPoints;
}

std::int64_t storedBytes(const Graph& graph, const Allocation& allocation, GridMode mode)
{
    const std::vector<Layer> layers = graph.layers();
    check(allocation.bits.size() == layers.size(), ErrorCode::Internal, "an allocation of ", allocation.bits.size(),
          " widths for a network of ", layers.size(), " layers");
    std::int64_t bytes = 0;
    for (const auto& [name, tensor] : graph.parameters)
        bytes += kFloatBytes * tensor.numel();
    for (std::size_t l = 0; l < layers.size(); ++l)
        bytes += layerStoredBytes(graph, layers[l], allocation.bits[l], mode)
                 - kFloatBytes * graph.parameter(layers[l].parameter).numel();
    return bytes;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_parts.h"
#include "core/base/error.h"
#include "core/export/export_format.h"
#include "core/export/graph_text.h"
#include <algorithm>
#include <array>
#include <charconv>

namespace mprdo {
namespace {

/// Integers in [0, high] as bytes, shape kept. \throws Error{Internal} naming the tensor when one is no such integer.
at::Tensor asBytes(const at::Tensor& values, std::int64_t offset, std::int64_t high, const std::string& what)
{
    const at::Tensor shifted = values.detach().to(at::kFloat).contiguous() - double(offset);
    check(at::equal(shifted, shifted.round())
              && (shifted.numel() == 0
                  || (shifted.min().item<float>() >= 0 && shifted.max().item<float>() <= float(high))),
          ErrorCode::Internal, what, ": not all are integers of the grid");
    return shifted.to(at::kByte).contiguous();
}

std::vector<std::string> decimals(const std::vector<double>& values)
{
    std::vector<std::string> out;
    for (const double value : values) {
        std::array<char, 32> buffer;
        // The shortest that reads back equal.
        out.emplace_back(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
    }
    return out;
}

} // namespace

std::int64_t imageChannels(const ExportedModel& exported)
{
    const auto& shape = exported.inputShape;
    return shape.size() != 3 ? 3 : exported.preprocessing.layout == Layout::Nhwc ? shape[2] : shape[0];
}

std::vector<double> perChannel(const ExportedModel& exported, const std::array<double, 3>& values)
{
    return imageChannels(exported) == 1 ? std::vector{values[0]} : std::vector(values.begin(), values.end());
}

LayerPart layerPart(const Layer& layer, const QuantizedTensor& tensor)
{
    const Grid& grid = tensor.grid;
    LayerPart out{layer.name, layer.parameter, grid.bits, grid.axis, grid.symmetric, tensor.codes.sizes().vec(), {}, {},
                  {}};
    out.codes = asBytes(tensor.codes, grid.qMin(), grid.qMax() - grid.qMin(), layer.name + ": codes");
    const at::Tensor scale = grid.scale.detach().to(at::kFloat).contiguous();
    check((scale.gt(0) & scale.isfinite()).all().item<bool>(), ErrorCode::Internal, layer.name,
          ": a scale is not a positive number");
    out.scale = scale.to(scaleType(scale));
    if (!grid.symmetric)
        out.zeroPoint = asBytes(grid.zeroPoint.expand_as(scale), 0, grid.qMax(), layer.name + ": zero points");
    return out;
}

int formatVersion(const ExportParts& parts)
{
    const bool floatScales
        = std::any_of(parts.layers.begin(), parts.layers.end(), [](const LayerPart& l) { return l.scale.scalar_type() == at::kFloat; })
          || std::any_of(parts.activations.begin(), parts.activations.end(),
                         [](const ActivationPart& a) { return scaleType(at::full({1}, a.scale, at::kFloat)) == at::kFloat; });
    const auto other = [](const std::string& word, std::string_view usual) { return !word.empty() && word != usual; };
    const bool otherInput = parts.mean.size() == 1 || other(parts.channelOrder, "rgb") || other(parts.range, "0-1") || other(parts.layout, "nchw");
    return floatScales || otherInput ? format::kVersionWithForms
           : parts.activations.empty() ? format::kVersion : format::kVersionWithActivations;
}

void checkVersion(const std::string& file, std::int64_t version)
{
    check(version >= format::kVersion && version <= format::kNewestVersion, ErrorCode::Unsupported, file, ": format version ", version,
          ", this program reads ", format::kVersion, " to ", format::kNewestVersion);
}

ExportParts exportParts(const ExportedModel& exported)
{
    const QuantizedModel& model = exported.model;
    const Graph& graph = *model.graph;
    ExportParts out;
    out.architecture = graph.architecture;
    out.inputShape = exported.inputShape;
    out.mean = decimals(perChannel(exported, exported.preprocessing.mean));
    out.deviation = decimals(perChannel(exported, exported.preprocessing.std));
    out.channelOrder = name(exported.preprocessing.order);
    out.range = name(exported.preprocessing.range);
    out.layout = name(exported.preprocessing.layout);
    out.classes = exported.classes;
    for (const Layer& layer : graph.layers())
        if (const auto it = model.weights.find(layer.parameter); it != model.weights.end())
            out.layers.push_back(layerPart(layer, it->second));
    check(out.layers.size() == model.weights.size(), ErrorCode::Internal,
          "export: ", model.weights.size() - out.layers.size(), " quantized weights belong to no layer of the network");
    for (const auto& [name, tensor] : graph.parameters) {
        if (model.weights.count(name))
            continue;
        const auto corrected = model.biases.find(name);
        const at::Tensor value
            = (corrected != model.biases.end() ? corrected->second : tensor).detach().to(at::kFloat).contiguous();
        check(value.sizes() == tensor.sizes(), ErrorCode::Internal, name, ": corrected to the shape ",
              shapeText(value.sizes()), " from ", shapeText(tensor.sizes()));
        out.tensors.emplace_back(name, value);
    }
    out.graph = graphToText(graph);
    std::map<ValueId, std::int64_t> number{{graph.inputs.at(0), 0}};
    for (const Node& node : graph.nodes)
        number[node.outputs.at(0)] = static_cast<std::int64_t>(number.size());
    for (const auto& [value, grid] : model.activations)
        out.activations.push_back({number.at(value), grid.bits, grid.zeroPoint.item<std::int64_t>(), grid.scale.item<double>()});
    std::sort(out.activations.begin(), out.activations.end(),
              [](const ActivationPart& a, const ActivationPart& b) { return a.value < b.value; });
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include "core/code/bit_packing.h"
#include "core/export/export_parts.h"
#include "core/export/graph_text.h"
#include "core/graph/passes.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace mprdo {
namespace {

constexpr std::size_t kMaxDimensions = 8, kMaxClasses = 1 << 16, kMaxName = 1024;

template <class... Parts>
[[noreturn]] void bad(const std::string& file, const Parts&... parts)
{
    throw Error(ErrorCode::BadFile, text(file, ": ", parts...));
}

/// One number for each channel; the one of grey images stands three times.
std::array<double, 3> channelNumbers(const std::string& file, const std::vector<std::string>& decimals, std::int64_t channels,
                                     const std::string& what)
{
    if (static_cast<std::int64_t>(decimals.size()) != channels)
        bad(file, what, " has ", decimals.size(), " numbers, expected ", channels);
    std::array<double, 3> out{};
    for (std::size_t i = 0; i < decimals.size(); ++i) {
        const auto end = decimals[i].data() + decimals[i].size();
        const auto parsed = std::from_chars(decimals[i].data(), end, out[i]);
        if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(out[i]))
            bad(file, what, " holds a text that is not a number");
    }
    if (channels == 1)
        out.fill(out[0]);
    return out;
}

/// What a file says by name; what an old one does not say is as it was then.
template <class E>
E named(const std::string& file, const std::string& text, std::optional<E> (*fromName)(std::string_view), const char* what)
{
    if (text.empty())
        return E{};
    const std::optional<E> value = fromName(text);
    if (!value || name(*value) != text)
        bad(file, what, " is ", printable(text), ", which this program does not know");
    return *value;
}

Preprocessing preprocessingOf(const std::string& file, const ExportParts& parts)
{
    Preprocessing out;
    out.order = named(file, parts.channelOrder, channelOrderFromName, "channel_order");
    out.range = named(file, parts.range, pixelRangeFromName, "range");
    out.layout = named(file, parts.layout, layoutFromName, "layout");
    const std::vector<std::int64_t>& shape = parts.inputShape;
    const std::int64_t channels = shape.size() != 3 ? 0 : out.layout == Layout::Nhwc ? shape[2] : shape[0];
    if (channels != 3 && channels != 1)
        bad(file, "input_shape ", shapeText(shape), " is not that of images of three channels or one");
    if (channels == 1 && out.order != ChannelOrder::Rgb)
        bad(file, "channel_order is ", name(out.order), " for images of one channel");
    out.mean = channelNumbers(file, parts.mean, channels, "mean");
    out.std = channelNumbers(file, parts.deviation, channels, "std");
    for (const double deviation : out.std)
        if (deviation <= 0)
            bad(file, "std holds a number that is not positive");
    return out;
}

QuantizedTensor quantizedTensor(const LayerPart& part)
{
    Grid grid;
    grid.bits = static_cast<Bits>(part.bits);
    grid.axis = part.axis;
    grid.symmetric = part.symmetric;
    grid.scale = part.scale.to(at::kFloat);
    grid.zeroPoint = part.symmetric ? at::zeros_like(grid.scale) : part.zeroPoint.to(at::kFloat);
    return {grid, part.codes.to(at::kFloat) + double(grid.qMin())};
}

Grid activationGrid(const std::string& file, const ActivationPart& part, std::int64_t nodes)
{
    if (part.value < 0 || part.value > nodes)
        bad(file, "the activation ", part.value, " is none of the graph's ", nodes + 1, " values");
    if (part.bits < kMinBits || part.bits > kMaxBits)
        bad(file, "the activation ", part.value, ": a width of ", part.bits, " bits");
    if (!(part.scale > 0) || part.scale > std::numeric_limits<float>::max() || double(float(part.scale)) != part.scale)
        bad(file, "the activation ", part.value, ": a scale that is not a positive FP32 number");
    if (part.zeroPoint < 0 || part.zeroPoint >> part.bits != 0)
        bad(file, "the activation ", part.value, ": a zero point of ", part.zeroPoint, " in ", part.bits, " bits");
    Grid grid;
    grid.bits = static_cast<Bits>(part.bits);
    grid.scale = at::full({1}, part.scale, at::kFloat);
    grid.zeroPoint = at::full({1}, double(part.zeroPoint), at::kFloat);
    return grid;
}

std::int64_t classesIn(const std::string& file, const Graph& graph)
{
    try {
        return classesOf(asLogits(graph));
    } catch (const Error& e) {
        bad(file, e.what());
    }
}

} // namespace

std::string checkedName(const std::string& file, const std::string& name, const std::string& what)
{
    if (name.size() > kMaxName)
        bad(file, what, " is not a text of at most ", kMaxName, " bytes");
    if (!isPlainText(name))
        bad(file, what, isUtf8(name) ? " has control characters" : " is not valid UTF-8");
    return name;
}

std::vector<std::int64_t> checkedShape(const std::string& file, std::vector<std::int64_t> shape,
                                       const std::string& what)
{
    if (shape.empty() || shape.size() > kMaxDimensions)
        bad(file, what, " has ", shape.size(), " dimensions");
    for (const std::int64_t size : shape)
        if (size < 1)
            bad(file, what, " holds a size that is not a positive integer");
    elementCount(shape, 1, file + ": " + what);
    return shape;
}

void checkGrid(const std::string& file, const LayerPart& part)
{
    if (part.bits < kMinBits || part.bits > kMaxBits)
        bad(file, part.name, ": a width of ", part.bits, " bits");
    if (part.axis < 0 || part.axis >= static_cast<std::int64_t>(part.shape.size()))
        bad(file, part.name, ": axis ", part.axis, " of ", part.shape.size());
    if (part.scale.dim() != 1
        || (part.scale.numel() != 1 && part.scale.numel() != part.shape[static_cast<std::size_t>(part.axis)]))
        bad(file, part.name, ": ", part.scale.numel(), " scales for the shape ", shapeText(part.shape));
    const at::Tensor scale = part.scale.to(at::kFloat);
    if (!(scale.gt(0) & scale.isfinite()).all().item<bool>())
        bad(file, part.name, ": a scale is not a positive number");
    if (!part.symmetric
        && (part.zeroPoint.sizes() != part.scale.sizes()
            || part.zeroPoint.max().item<std::uint8_t>() >> part.bits != 0))
        bad(file, part.name, ": zero points that do not fit its scales and width");
}

at::Tensor unpackedCodes(const std::string& file, const LayerPart& part, const at::Tensor& packed)
{
    const std::int64_t count = elementCount(part.shape, 1, part.name);
    const int bits = static_cast<int>(part.bits);
    if (count > 8 * packed.numel() || packed.numel() != packedBytes(count, bits))
        bad(file, part.name, ": ", packed.numel(), " bytes of codes for ", bits, " bits and the shape ", shapeText(part.shape));
    try {
        std::vector<std::uint8_t> codes = unpackBits(
            {reinterpret_cast<const char*>(packed.data_ptr<std::uint8_t>()), static_cast<std::size_t>(packed.numel())}, count, bits);
        return at::from_blob(codes.data(), part.shape, at::kByte).clone();
    } catch (const Error& e) {
        bad(file, part.name, ": ", e.what());
    }
}

ExportedModel assembleExport(const std::string& file, ExportParts parts)
{
    ExportedModel out;
    out.inputShape = checkedShape(file, parts.inputShape, "input_shape");
    out.preprocessing = preprocessingOf(file, parts);
    if (parts.classes.size() > kMaxClasses)
        bad(file, parts.classes.size(), " classes");
    for (const std::string& name : parts.classes)
        out.classes.push_back(checkedName(file, name, "a class name"));

    std::map<std::string, at::Tensor> parameters;
    for (LayerPart& layer : parts.layers) {
        QuantizedTensor quantized = quantizedTensor(layer);
        layer.codes.reset(); // four bytes a weight take their place
        parameters[layer.parameter] = quantized.values();
        if (!out.model.weights.emplace(layer.parameter, std::move(quantized)).second)
            bad(file, printable(layer.parameter), " is stored twice");
    }
    for (const auto& [name, value] : parts.tensors) {
        check(value.isfinite().all().item<bool>(), ErrorCode::NonFinite, file, ": ", printable(name),
              " holds a value that is not finite");
        if (!parameters.emplace(name, value).second)
            bad(file, printable(name), " is stored twice");
    }

    const auto graph = std::make_shared<const Graph>(
        graphFromText(file, parts.graph, parameters, checkedName(file, parts.architecture, "architecture")));
    std::set<std::string> layerParameters;
    for (const Layer& l : graph->layers())
        layerParameters.insert(l.parameter);
    for (const auto& [parameter, quantized] : out.model.weights)
        if (!layerParameters.count(parameter))
            bad(file, printable(parameter), " is quantized, but no convolution or linear layer has it as its weight");
    const std::vector<std::int64_t>& given = graph->values.at(0).shape;
    if (std::vector<std::int64_t>(given.begin() + 1, given.end()) != out.inputShape)
        bad(file, "input_shape ", shapeText(out.inputShape), " is not the graph's, ", shapeText(std::vector(given.begin() + 1, given.end())));
    if (static_cast<std::int64_t>(out.classes.size()) > classesIn(file, *graph))
        bad(file, out.classes.size(), " classes for a network of ", classesIn(file, *graph));
    for (const ActivationPart& part : parts.activations) {
        Grid grid = activationGrid(file, part, static_cast<std::int64_t>(graph->nodes.size()));
        const ValueId value = part.value == 0 ? graph->inputs.at(0)
                                              : graph->nodes[static_cast<std::size_t>(part.value - 1)].outputs.at(0);
        if (!out.model.activations.emplace(value, std::move(grid)).second)
            bad(file, "the activation ", part.value, " is stored twice");
    }
    out.model.graph = graph;
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Networks on their grids for the tests of core/export.
#pragma once
#include "core/base/random.h"
#include "core/export/quant_export.h"
#include "core/graph/graph_builder.h"

namespace mprdo::test {

/// A CIFAR ResNet of 6 * blocks + 2 layers, batch norm folded, option A shortcuts, random weights.
inline Graph residualNetwork(int blocks, std::int64_t width)
{
    auto random = generator(11, "export fixture");
    GraphBuilder b;
    ValueId x = b.input("input", {3, 32, 32});
    const auto conv = [&](const std::string& name, ValueId in, std::int64_t channels, std::int64_t stride) {
        const std::int64_t before = b.shape(in)[1];
        b.parameter(name + ".weight", at::randn({channels, before, 3, 3}, random) * std::sqrt(2.0 / double(9 * before)));
        b.parameter(name + ".bias", at::randn({channels}, random) * 0.1);
        return b.conv2d(name, in, stride, 1);
    };
    x = b.relu("relu", conv("conv1", x, width, 1));
    for (int stage = 0; stage < 3; ++stage)
        for (int block = 0; block < blocks; ++block) {
            const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
            const std::int64_t channels = width << stage, stride = stage > 0 && block == 0 ? 2 : 1;
            ValueId y = b.relu(name + ".relu1", conv(name + ".conv1", x, channels, stride));
            y = conv(name + ".conv2", y, channels, 1);
            if (stride == 2) {
                using Ints = std::vector<std::int64_t>;
                x = b.add(Op::Slice, name + ".shortcut.slice", {x}, {},
                          {{"axes", Ints{2, 3}}, {"starts", Ints{0, 0}}, {"steps", Ints{2, 2}}});
                const std::int64_t side = channels / 4;
                x = b.add(Op::Pad, name + ".shortcut.pad", {x}, {},
                          {{"before", Ints{0, side, 0, 0}}, {"after", Ints{0, side, 0, 0}}});
            }
            x = b.relu(name + ".relu2", b.add(Op::Add, name + ".add", {y, x}));
        }
    x = b.add(Op::AdaptiveAvgPool2d, "pool", {x}, {}, {{"size", std::int64_t(1)}});
    x = b.add(Op::Flatten, "flatten", {x}, {}, {{"axis", std::int64_t(1)}});
    b.parameter("linear.weight", at::randn({10, width * 4}, random) * 0.1);
    b.parameter("linear.bias", at::randn({10}, random) * 0.1);
    return b.finish(b.linear("linear", x), "resnet" + std::to_string(6 * blocks + 2));
}

/// Rounded activations: as many different widths and ranges as there are.
inline ExportedModel withActivations(ExportedModel model)
{
    double range = 1;
    for (const ValueId value : activationsOfLayers(*model.model.graph)) {
        const auto bits = static_cast<Bits>(model.model.activations.size() % 2 == 0 ? 8 : 4);
        model.model.activations[value] = gridForRange(at::full({1}, -0.3 * range), at::full({1}, range), bits, false, 0);
        range *= 1.37;
    }
    return model;
}

/// Nearest rounding; widths by layer, repeated.
inline ExportedModel exportedModel(Graph graph, const std::vector<Bits>& widths, GridMode mode = GridMode::Auto)
{
    ExportedModel out;
    const std::vector<Layer> layers = graph.layers();
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const Bits bits = widths[l % widths.size()];
        const at::Tensor& w = graph.parameter(layers[l].parameter);
        if (bits == kKeepFp32)
            continue;
        const Grid grid = mseGrid(w, bits, mode);
        out.model.weights[layers[l].parameter] = {grid, quantize(w, grid)};
    }
    const auto& input = graph.values.at(0).shape;
    out.inputShape.assign(input.begin() + 1, input.end());
    out.model.graph = std::make_shared<const Graph>(std::move(graph));
    out.preprocessing = {{0.4914, 0.4822, 1.0 / 3}, {0.247, 0.2435, 0.2616}};
    out.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    return out;
}

/// The same function in other units: the first layer's scales and the first activation's are too small for FP16.
inline ExportedModel withFloatScales(ExportedModel model)
{
    for (auto& grid : {&model.model.weights.begin()->second.grid, &model.model.activations.begin()->second})
        grid->scale = grid->scale * std::ldexp(1.0F, -20);
    return model;
}

/// Every kind of thing at once: symmetric, affine, one scale for a tensor, FP32, corrected biases, a shared weight, attributes
/// of all types, odd code counts.
inline ExportedModel oddModel()
{
    auto random = generator(12, "odd");
    GraphBuilder b;
    const auto parameter = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
        b.parameter(name, at::randn(shape, random));
    };
    ValueId x = b.input("image", {3, 7, 5});
    parameter("a.weight", {5, 3, 3, 3});
    parameter("a.bias", {5});
    x = b.conv2d("a", x, 1, 1);
    parameter("norm.weight", {5});
    parameter("norm.bias", {5});
    parameter("norm.running_mean", {5});
    b.parameter("norm.running_var", at::rand({5}, random) + 0.5);
    x = b.batchNorm("norm", x, 1e-3);
    x = b.add(Op::Clamp, "clamp", {x}, {}, {{"min", -1.0 / 3}, {"max", std::numeric_limits<double>::infinity()}});
    parameter("shared.weight", {5, 5, 1, 1});
    const std::map<std::string, std::string> shared{{"weight", "shared.weight"}};
    const ValueId y = b.add(Op::Conv2d, "first use", {x}, shared);
    x = b.add(Op::Add, "sum", {y, b.add(Op::Conv2d, "second use", {y}, shared)});
    parameter("depthwise.weight", {5, 1, 3, 3});
    x = b.conv2d("depthwise", x, 2, 1, 5);
    x = b.add(Op::Mean, "mean", {x}, {}, {{"axes", std::vector<std::int64_t>{2, 3}}});
    parameter("head.weight", {3, 5});
    parameter("head.bias", {3});
    ExportedModel out = exportedModel(b.finish(b.linear("head", x), "odd"), {kKeepFp32});
    const auto put = [&](const std::string& name, const Grid& grid) {
        out.model.weights[name] = {grid, quantize(out.model.graph->parameter(name), grid)};
    };
    const Graph& graph = *out.model.graph;
    put("a.weight", mseGrid(graph.parameter("a.weight"), 3, GridMode::Symmetric));
    put("shared.weight", mseGrid(graph.parameter("shared.weight"), 5, GridMode::Affine));
    put("head.weight", minMaxGrid(graph.parameter("head.weight"), 7, false, -1));
    out.model.biases["a.bias"] = graph.parameter("a.bias") + 0.25;
    out.classes = {"katze", "hünd", "vogel"};
    return out;
}

/// A small network whose images are fed in a way of their own. \param channels 3 or 1
inline ExportedModel fedNetwork(ChannelOrder order, PixelRange range, Layout layout, std::int64_t channels)
{
    auto random = generator(31, "fed");
    GraphBuilder b;
    ValueId x = b.input("image", laidOut(channels, 6, 5, layout));
    if (layout == Layout::Nhwc)
        x = b.add(Op::Transpose, "first", {x}, {}, {{"axes", std::vector<std::int64_t>{0, 3, 1, 2}}});
    b.parameter("a.weight", at::randn({4, channels, 3, 3}, random));
    b.parameter("a.bias", at::randn({4}, random));
    x = b.relu("relu", b.conv2d("a", x, 1, 1));
    x = b.add(Op::Mean, "mean", {x}, {}, {{"axes", std::vector<std::int64_t>{2, 3}}});
    b.parameter("head.weight", at::randn({3, 4}, random));
    b.parameter("head.bias", at::randn({3}, random));
    ExportedModel out = exportedModel(b.finish(b.linear("head", x), "fed"), {8});
    out.classes = {"a", "b", "c"};
    const double unit = range == PixelRange::Byte ? 255 : 1;
    out.preprocessing = {{0.5 * unit, 0.25 * unit, 0.125 * unit}, {0.1 * unit, 0.2 * unit, 0.3 * unit}, order, range, layout};
    if (channels == 1) {
        out.preprocessing.mean.fill(0.375 * unit);
        out.preprocessing.std.fill(0.25 * unit);
    }
    return out;
}

/// What the model says of images.
inline at::Tensor logits(const QuantizedModel& model, const at::Tensor& images)
{
    Overlay overlay;
    for (const auto& [name, weight] : model.weights)
        overlay.parameters[name] = weight.values();
    for (const auto& [name, bias] : model.biases)
        overlay.parameters[name] = bias;
    return forward(*model.graph, images, overlay);
}

} // namespace mprdo::test

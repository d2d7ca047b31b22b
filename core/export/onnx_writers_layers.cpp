// SPDX-License-Identifier: GPL-3.0-or-later
// Weights, norms and pooling as ONNX has them.
#include "core/export/onnx_writers.h"
#include "core/base/error.h"
#include "core/graph/channel_order.h"
#include "core/graph/windows.h"
#include <algorithm>

namespace mprdo::onnx {
namespace {

using Names = OnnxBuilder::Names;

Ints each(const std::vector<Window>& windows, std::int64_t Window::*member)
{
    Ints out;
    for (const Window& w : windows)
        out.push_back(w.*member);
    return out;
}

OnnxBuilder::Attributes sliding(const std::vector<Window>& windows)
{
    Ints pads = each(windows, &Window::before);
    const Ints after = each(windows, &Window::after);
    pads.insert(pads.end(), after.begin(), after.end());
    OnnxBuilder::Attributes out;
    const auto put = [&](const char* name, const Ints& numbers, std::int64_t usual) { // what is usual needs no word
        if (std::any_of(numbers.begin(), numbers.end(), [&](std::int64_t n) { return n != usual; }))
            out[name] = numbers;
    };
    put("strides", each(windows, &Window::stride), 1);
    put("dilations", each(windows, &Window::dilation), 1);
    put("pads", pads, 0);
    return out;
}

void addBias(OnnxBuilder& b, const Node& node, Names& inputs)
{
    if (node.parameters.count("bias"))
        inputs.push_back(b.parameter(node, "bias"));
}

/// A transposed convolution's weight in ONNX's order. Its scales run along axis 1 in one group, along axis 0 depthwise; between the two
/// ONNX has no axis for them, so that the weight is dequantized in our order and turned while the network runs.
std::string turnedWeight(OnnxBuilder& b, const Node& node)
{
    const at::Tensor& w = b.parameterValue(node, "weight");
    const std::int64_t groups = node.integer("groups", 1), perGroup = w.size(0) / groups;
    const std::string name = b.nameNeeded(node, "weight");
    const QuantizedTensor* q = b.quantized(node);
    if (!q)
        return b.floats(name, channelsSwapped(w, groups));
    if (groups == 1 || perGroup == 1) {
        QuantizedTensor turned{q->grid, channelsSwapped(q->codes, groups)};
        turned.grid.axis = groups == 1 ? 1 : 0;
        return b.dequantized(name, turned);
    }
    Ints split{groups, perGroup, w.size(1)}, order{0, 2, 1}, joined{groups * w.size(1), perGroup};
    for (std::int64_t i = 2; i < w.dim(); ++i) {
        split.push_back(w.size(i));
        order.push_back(i + 1);
        joined.push_back(w.size(i));
    }
    const std::string apart = b.add("Reshape", {}, {b.dequantized(name, *q), b.integers(split)});
    const std::string turned = b.add("Transpose", {}, {apart}, {{"perm", order}});
    return b.add("Reshape", {}, {turned, b.integers(joined)});
}

} // namespace

std::string writeConv(OnnxBuilder& b, const Node& node)
{
    OnnxBuilder::Attributes attributes = sliding(windowsOf(node, b.parameterValue(node, "weight").sizes()));
    if (const std::int64_t groups = node.integer("groups", 1); groups != 1)
        attributes["group"] = groups;
    Names inputs{b.input(node), b.parameter(node, "weight")};
    addBias(b, node, inputs);
    return b.add("Conv", node.name, inputs, attributes);
}

std::string writeConvTranspose(OnnxBuilder& b, const Node& node)
{
    const std::vector<Window> windows = windowsOf(node, b.parameterValue(node, "weight").sizes());
    OnnxBuilder::Attributes attributes = sliding(windows);
    attributes["kernel_shape"] = each(windows, &Window::kernel);
    attributes["group"] = node.integer("groups", 1);
    attributes["output_padding"] = node.perAxis("output_padding", 0, windows.size());
    Names inputs{b.input(node), turnedWeight(b, node)};
    addBias(b, node, inputs);
    return b.add("ConvTranspose", node.name, inputs, attributes);
}

std::string writeLinear(OnnxBuilder& b, const Node& node)
{
    Names inputs{b.input(node), b.parameter(node, "weight")};
    if (b.shape(node.inputs.at(0)).size() == 2) {
        addBias(b, node, inputs);
        return b.add("Gemm", node.name, inputs, {{"transB", std::int64_t(1)}});
    }
    // One matrix of all rows: ONNX Runtime would make a product with 8-bit activations of MatMul behind DequantizeLinear.
    Ints back = b.shape(node.outputs.at(0));
    inputs[0] = b.add("Reshape", {}, {inputs[0], b.integers({-1, b.shape(node.inputs.at(0)).back()})});
    addBias(b, node, inputs);
    const std::string product = b.add("Gemm", node.name, inputs, {{"transB", std::int64_t(1)}});
    return b.add("Reshape", {}, {product, b.integers(back)});
}

std::string writeBatchNorm(OnnxBuilder& b, const Node& node)
{
    Names inputs{b.input(node)};
    for (const char* role : {"weight", "bias", "mean", "variance"})
        inputs.push_back(b.parameter(node, role));
    return b.add("BatchNormalization", node.name, inputs, {{"epsilon", node.number("epsilon", 1e-5)}});
}

std::string writeLayerNorm(OnnxBuilder& b, const Node& node)
{
    const Ints shape = b.shape(node.inputs.at(0));
    const auto rank = static_cast<std::int64_t>(shape.size());
    const std::int64_t given = node.integer("axis", -1), axis = given < 0 ? given + rank : given;
    const double epsilon = node.number("epsilon", 1e-5);
    const std::string x = b.input(node);
    if (b.opset() >= 17) {
        const Ints normed(shape.begin() + axis, shape.end());
        Names inputs{x, node.parameters.count("weight") ? b.parameter(node, "weight") : b.floats({}, at::ones(normed))};
        addBias(b, node, inputs);
        return b.add("LayerNormalization", node.name, inputs, {{"axis", axis}, {"epsilon", epsilon}});
    }
    Ints axes;
    for (std::int64_t i = axis; i < rank; ++i)
        axes.push_back(i);
    const OnnxBuilder::Attributes over{{"axes", axes}, {"keepdims", std::int64_t(1)}};
    const std::string mean = b.add("ReduceMean", {}, {x}, over), centred = b.add("Sub", {}, {x, mean});
    const std::string squared = b.add("Mul", {}, {centred, centred});
    const std::string variance = b.add("ReduceMean", {}, {squared}, over);
    const std::string shifted = b.add("Add", {}, {variance, b.scalar(epsilon)});
    std::string y = b.add("Div", {}, {centred, b.add("Sqrt", {}, {shifted})});
    if (node.parameters.count("weight"))
        y = b.add("Mul", {}, {y, b.parameter(node, "weight")});
    if (node.parameters.count("bias"))
        y = b.add("Add", node.name, {y, b.parameter(node, "bias")});
    return y;
}

namespace {

std::string pool(OnnxBuilder& b, const Node& node, const char* op, OnnxBuilder::Attributes attributes)
{
    const std::size_t axes = b.shape(node.inputs.at(0)).size() - 2;
    const Ints kernel = node.perAxis("kernel", 2, axes);
    attributes.merge(sliding(windowsOf(node, kernel, kernel)));
    attributes["kernel_shape"] = kernel;
    if (node.integer("ceil", 0))
        attributes["ceil_mode"] = std::int64_t(1);
    return b.add(op, node.name, {b.input(node)}, attributes);
}

} // namespace

std::string writeMaxPool(OnnxBuilder& b, const Node& node) { return pool(b, node, "MaxPool", {}); }

std::string writeAvgPool(OnnxBuilder& b, const Node& node)
{
    return pool(b, node, "AveragePool", {{"count_include_pad", node.integer("count_padding", 1)}});
}

/// Bins of even sizes are a pooling; others are two products with constants, since they overlap.
std::string writeAdaptiveAvgPool(OnnxBuilder& b, const Node& node)
{
    const Ints shape = b.shape(node.inputs.at(0)), size = node.perAxis("size", 1, 2);
    if (size == Ints{1, 1})
        return b.add("GlobalAveragePool", node.name, {b.input(node)});
    if (size == Ints{shape[2], shape[3]})
        return b.add("Identity", node.name, {b.input(node)});
    if (shape[2] % size[0] == 0 && shape[3] % size[1] == 0) {
        const Ints kernel{shape[2] / size[0], shape[3] / size[1]};
        return b.add("AveragePool", node.name, {b.input(node)}, {{"kernel_shape", kernel}, {"strides", kernel}});
    }
    const auto bins = [](std::int64_t in, std::int64_t out) { // PyTorch's: from floor(i in / out) to ceil((i + 1) in / out)
        at::Tensor m = at::zeros({out, in});
        for (std::int64_t i = 0; i < out; ++i) {
            const std::int64_t begin = i * in / out, end = ((i + 1) * in + out - 1) / out;
            m[i].slice(0, begin, end).fill_(1.0 / double(end - begin));
        }
        return m;
    };
    const std::string across = b.add("MatMul", {}, {b.input(node), b.floats({}, bins(shape[3], size[1]).t())});
    return b.add("MatMul", node.name, {b.floats({}, bins(shape[2], size[0])), across});
}

} // namespace mprdo::onnx

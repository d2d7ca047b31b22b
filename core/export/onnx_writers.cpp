// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/onnx_writers.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mprdo::onnx {
namespace {

using Names = OnnxBuilder::Names;

std::string plain(OnnxBuilder& b, const Node& node, const char* op) { return b.add(op, node.name, {b.input(node)}); }

std::string relu(OnnxBuilder& b, const Node& n) { return plain(b, n, "Relu"); }
std::string sigmoid(OnnxBuilder& b, const Node& n) { return plain(b, n, "Sigmoid"); }
std::string tanh(OnnxBuilder& b, const Node& n) { return plain(b, n, "Tanh"); }
std::string erf(OnnxBuilder& b, const Node& n) { return plain(b, n, "Erf"); }
std::string sqrt(OnnxBuilder& b, const Node& n) { return plain(b, n, "Sqrt"); }
std::string identity(OnnxBuilder& b, const Node& n) { return plain(b, n, "Identity"); }

std::string leakyRelu(OnnxBuilder& b, const Node& n) { return b.add("LeakyRelu", n.name, {b.input(n)}, {{"alpha", n.number("alpha", 0.01)}}); }
std::string prelu(OnnxBuilder& b, const Node& n) { return b.add("PRelu", n.name, {b.input(n), b.parameter(n, "slope")}); }

std::string clamp(OnnxBuilder& b, const Node& n)
{
    Names inputs{b.input(n)};
    const double low = n.number("min", -INFINITY), high = n.number("max", INFINITY);
    if (std::isfinite(low) || std::isfinite(high))
        inputs.push_back(std::isfinite(low) ? b.scalar(low) : std::string());
    if (std::isfinite(high))
        inputs.push_back(b.scalar(high));
    return b.add("Clip", n.name, inputs);
}

std::string hardSigmoid(OnnxBuilder& b, const Node& n)
{
    return b.add("HardSigmoid", n.name, {b.input(n)}, {{"alpha", n.number("alpha", 1.0 / 6)}, {"beta", n.number("beta", 0.5)}});
}

std::string hardSwish(OnnxBuilder& b, const Node& n)
{
    if (b.opset() >= 14)
        return plain(b, n, "HardSwish");
    const std::string gate = b.add("HardSigmoid", {}, {b.input(n)}, {{"alpha", 1.0 / 6}, {"beta", 0.5}});
    return b.add("Mul", n.name, {b.input(n), gate});
}

std::string silu(OnnxBuilder& b, const Node& n)
{
    return b.add("Mul", n.name, {b.input(n), b.add("Sigmoid", {}, {b.input(n)})});
}

std::string gelu(OnnxBuilder& b, const Node& n)
{
    const std::string kind = n.word("approximate", "none"), x = b.input(n);
    if (b.opset() >= 20)
        return b.add("Gelu", n.name, {x}, {{"approximate", kind}});
    std::string inner;
    if (kind == "tanh") {
        const std::string cube = b.add("Mul", {}, {b.add("Mul", {}, {x, x}), x});
        const std::string sum = b.add("Add", {}, {x, b.add("Mul", {}, {cube, b.scalar(0.044715)})});
        inner = b.add("Tanh", {}, {b.add("Mul", {}, {sum, b.scalar(std::sqrt(2 / M_PI))})});
    } else {
        inner = b.add("Erf", {}, {b.add("Mul", {}, {x, b.scalar(std::sqrt(0.5))})});
    }
    const std::string gate = b.add("Mul", {}, {b.add("Add", {}, {inner, b.scalar(1)}), b.scalar(0.5)});
    return b.add("Mul", n.name, {x, gate});
}

std::string softmax(OnnxBuilder& b, const Node& n) { return b.add(n.integer("log", 0) ? "LogSoftmax" : "Softmax", n.name, {b.input(n)}, {{"axis", n.integer("axis", 1)}}); }

std::string binary(OnnxBuilder& b, const Node& n, const char* op)
{
    Names inputs{b.input(n), n.inputs.size() > 1 ? b.input(n, 1) : b.parameter(n, "constant")};
    if (n.integer("constant_first", 0))
        std::swap(inputs[0], inputs[1]);
    return b.add(op, n.name, inputs);
}

std::string matMul(OnnxBuilder& b, const Node& n) { return binary(b, n, "MatMul"); }
std::string add(OnnxBuilder& b, const Node& n) { return binary(b, n, "Add"); }
std::string sub(OnnxBuilder& b, const Node& n) { return binary(b, n, "Sub"); }
std::string mul(OnnxBuilder& b, const Node& n) { return binary(b, n, "Mul"); }
std::string div(OnnxBuilder& b, const Node& n) { return binary(b, n, "Div"); }
std::string pow(OnnxBuilder& b, const Node& n) { return binary(b, n, "Pow"); }

std::string mean(OnnxBuilder& b, const Node& n)
{
    const Ints axes = n.integers("axes", {});
    const std::int64_t keep = n.integer("keep", 0);
    if (axes.empty())
        return plain(b, n, "Identity");
    if (b.opset() >= 18)
        return b.add("ReduceMean", n.name, {b.input(n), b.integers(axes)}, {{"keepdims", keep}});
    return b.add("ReduceMean", n.name, {b.input(n)}, {{"axes", axes}, {"keepdims", keep}});
}

/// A constant that joins the images of a batch is repeated for each of them.
std::string concat(OnnxBuilder& b, const Node& n)
{
    Names inputs;
    const auto batched = std::find_if(n.inputs.begin(), n.inputs.end(), [&](ValueId v) { return b.shape(v)[0] == -1; });
    std::string images;
    for (const ValueId v : n.inputs) {
        const Ints& shape = b.shape(v);
        if (batched == n.inputs.end() || shape[0] == -1) {
            inputs.push_back(b.value(v));
            continue;
        }
        if (images.empty())
            images = b.add("Slice", {}, {b.add("Shape", {}, {b.value(*batched)}), b.integers({0}), b.integers({1})});
        const std::string whole
            = b.add("Concat", {}, {images, b.integers(Ints(shape.begin() + 1, shape.end()))}, {{"axis", std::int64_t(0)}});
        inputs.push_back(b.add("Expand", {}, {b.value(v), whole}));
    }
    return b.add("Concat", n.name, inputs, {{"axis", n.integer("axis", 1)}});
}

std::string slice(OnnxBuilder& b, const Node& n)
{
    const Ints axes = n.integers("axes", {}), starts = n.integers("starts", {}), steps = n.integers("steps", Ints(axes.size(), 1));
    Ints ends = n.integers("ends", {});
    for (std::size_t i = 0; i < axes.size(); ++i)
        if (const std::int64_t beyond = std::numeric_limits<std::int64_t>::max(); ends.size() <= i)
            ends.push_back(steps[i] > 0 ? beyond : -beyond);
        else if (ends[i] == -1) // before the first element, not the last one
            ends[i] = -beyond;
    return b.add("Slice", n.name, {b.input(n), b.integers(starts), b.integers(ends),
                                   b.integers(axes), b.integers(steps)});
}

std::string gather(OnnxBuilder& b, const Node& n)
{
    return b.add("Gather", n.name, {b.input(n), b.integers(n.integers("indices", {}))}, {{"axis", n.integer("axis", 1)}});
}

std::string reshapeTo(OnnxBuilder& b, const Node& n)
{
    Ints shape = b.shape(n.outputs.at(0));
    for (std::size_t i = 0; i < shape.size(); ++i)
        shape[i] = shape[i] == -1 ? 0 : shape[i]; // 0: as the input has it
    return b.add("Reshape", n.name, {b.input(n), b.integers(shape)});
}

std::string flatten(OnnxBuilder& b, const Node& n)
{
    return n.integer("axis", 1) == 1 ? b.add("Flatten", n.name, {b.input(n)}, {{"axis", std::int64_t(1)}}) : reshapeTo(b, n);
}

std::string transpose(OnnxBuilder& b, const Node& n) { return b.add("Transpose", n.name, {b.input(n)}, {{"perm", n.integers("axes", {})}}); }

std::string pad(OnnxBuilder& b, const Node& n)
{
    Ints pads = n.integers("before", {});
    const Ints after = n.integers("after", {});
    pads.insert(pads.end(), after.begin(), after.end());
    const std::string mode = n.word("mode", "constant");
    check(mode != "wrap" || b.opset() >= 19, ErrorCode::Unsupported, "ONNX export: ", n.name, ": padding by wrapping needs opset 19");
    Names inputs{b.input(n), b.integers(pads)};
    if (n.number("value", 0) != 0)
        inputs.push_back(b.scalar(n.number("value", 0)));
    return b.add("Pad", n.name, inputs, {{"mode", mode}});
}

std::string resize(OnnxBuilder& b, const Node& n)
{
    const Ints axes = n.integers("axes", {});
    const std::vector<double> scales = n.numbers("scales", {}), roi = n.numbers("roi", {});
    std::vector<double> all(b.shape(n.inputs.at(0)).size(), 1);
    bool exact = true; // the scales alone give the size, in whatever precision a runtime multiplies
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        all[axis] = scales[i];
        const double size = double(b.shape(n.inputs[0])[axis]), made = double(b.shape(n.outputs.at(0))[axis]);
        const auto scale = static_cast<float>(scales[i]);
        exact = exact && std::floor(size * scales[i]) == made && std::floor(size * double(scale)) == made && std::floor(static_cast<float>(size) * scale) == float(made);
    }
    check((exact && roi.empty()) || b.opset() >= 18, ErrorCode::Unsupported, "ONNX export: ", n.name, roi.empty()
              ? ": resizing to a size that its scales do not give needs opset 18"
              : ": resizing a region needs opset 18");
    const std::string coordinates = n.word("coordinates", "half_pixel");
    check(coordinates != "half_pixel_symmetric" || b.opset() >= 19, ErrorCode::Unsupported, "ONNX export: ", n.name,
          ": resizing by the coordinates half_pixel_symmetric needs opset 19");
    check(coordinates != "tf_half_pixel_for_nn" || b.opset() < 13, ErrorCode::Unsupported, "ONNX export: ", n.name,
          ": resizing by the coordinates tf_half_pixel_for_nn, which ONNX has up to opset 12");
    const auto list = [&](const std::vector<double>& values) { return b.floats({}, at::tensor(values, at::kDouble).to(at::kFloat)); };
    Names inputs{b.input(n), roi.empty() ? std::string() : list(roi)};
    OnnxBuilder::Attributes attributes{{"mode", n.word("mode", "nearest")}, {"coordinate_transformation_mode", coordinates}};
    if (exact && roi.empty()) {
        inputs.push_back(list(all));
    } else { // sizes for some axes alone leave the batch as it is
        Ints sizes;
        for (const std::int64_t a : axes)
            sizes.push_back(b.shape(n.outputs[0])[static_cast<std::size_t>(a)]);
        inputs.insert(inputs.end(), {std::string(), b.integers(sizes)});
        attributes["axes"] = axes;
    }
    if (n.word("mode", "nearest") == "nearest")
        attributes["nearest_mode"] = n.word("nearest", "round_prefer_floor");
    if (n.word("mode", "nearest") == "cubic")
        attributes["cubic_coeff_a"] = n.number("cubic_a", -0.75);
    if (n.integer("exclude_outside", 0))
        attributes["exclude_outside"] = std::int64_t(1);
    if (n.integer("antialias", 0) && n.word("mode", "nearest") != "nearest") // nearest takes one element, smoothed or not
        attributes["antialias"] = std::int64_t(1);
    if (!roi.empty())
        attributes["extrapolation_value"] = n.number("extrapolation", 0);
    return b.add("Resize", n.name, inputs, attributes);
}

std::string constant(OnnxBuilder& b, const Node& n) { return b.parameter(n, "value"); }

const std::map<Op, Writer>& writers()
{
    static const std::map<Op, Writer> all{
        {Op::Conv2d, writeConv},
        {Op::Conv1d, writeConv},
        {Op::ConvTranspose2d, writeConvTranspose},
        {Op::ConvTranspose1d, writeConvTranspose},
        {Op::Linear, writeLinear},
        {Op::MatMul, matMul},
        {Op::BatchNorm, writeBatchNorm},
        {Op::LayerNorm, writeLayerNorm},
        {Op::Relu, relu},
        {Op::LeakyRelu, leakyRelu},
        {Op::PRelu, prelu},
        {Op::Clamp, clamp},
        {Op::Sigmoid, sigmoid},
        {Op::HardSigmoid, hardSigmoid},
        {Op::HardSwish, hardSwish},
        {Op::Silu, silu},
        {Op::Tanh, tanh},
        {Op::Gelu, gelu},
        {Op::Erf, erf},
        {Op::Sqrt, sqrt},
        {Op::Softmax, softmax},
        {Op::Add, add},
        {Op::Sub, sub},
        {Op::Mul, mul},
        {Op::Div, div},
        {Op::Pow, pow},
        {Op::MaxPool2d, writeMaxPool},
        {Op::MaxPool1d, writeMaxPool},
        {Op::AvgPool2d, writeAvgPool},
        {Op::AvgPool1d, writeAvgPool},
        {Op::AdaptiveAvgPool2d, writeAdaptiveAvgPool},
        {Op::Mean, mean},
        {Op::Concat, concat},
        {Op::Slice, slice},
        {Op::Gather, gather},
        {Op::Flatten, flatten},
        {Op::Reshape, reshapeTo},
        {Op::Transpose, transpose},
        {Op::Pad, pad},
        {Op::Resize, resize},
        {Op::Identity, identity},
        {Op::Constant, constant},
    };
    return all;
}

} // namespace

Writer writerOf(Op op)
{
    const auto it = writers().find(op);
    return it == writers().end() ? nullptr : it->second;
}

} // namespace mprdo::onnx

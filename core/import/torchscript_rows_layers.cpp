// SPDX-License-Identifier: GPL-3.0-or-later
// Operators that hold weights, and norms.
#include "core/import/torchscript_call.h"
#include <numeric>

namespace mprdo::script {
namespace {

Ints both(const Ints& before, const Ints& after)
{
    Ints out = before;
    out.insert(out.end(), after.begin(), after.end());
    return out;
}

/// convolution and _convolution have all arguments, conv1d and conv2d (padding may be a word) or conv_transpose some.
void convolve(const Call& c, bool transposed)
{
    const std::string x = c.has("input") ? "input" : "self";
    const Ints weight = c.shape("weight");
    if (weight.size() < 3)
        c.refuse("a weight of ", weight.size(), " dimensions");
    const std::size_t axes = weight.size() - 2;
    const auto numbers = [&](const char* name, std::int64_t otherwise) {
        return c.has(name) ? c.integers(name, axes) : Ints(axes, otherwise);
    };
    const Ints stride = numbers("stride", 1), dilation = numbers("dilation", 1);
    Ints before(axes, 0), after(axes, 0);
    if (c.isWord("padding")) {
        if (c.word("padding", "") != "same" && c.word("padding", "") != "valid")
            c.refuse("padding is ", c.word("padding", ""));
        for (std::size_t i = 0; i < axes && c.word("padding", "") == "same"; ++i) {
            const std::int64_t total = dilation[i] * (weight[i + 2] - 1);
            before[i] = total / 2;
            after[i] = total - total / 2;
        }
    } else {
        before = after = numbers("padding", 0);
    }
    Writer::Attributes attributes{
        {"strides", stride}, {"dilations", dilation}, {"pads", both(before, after)}, {"group", c.integer("groups", 1)}};
    if (transposed)
        attributes["output_padding"] = numbers("output_padding", 0);
    std::vector<std::string> inputs{c.input(x), c.input("weight")};
    if (c.has("bias"))
        inputs.push_back(c.input("bias"));
    c.give(c.add(transposed ? "ConvTranspose" : "Conv", inputs, attributes));
}

void convolution(const Call& c) { convolve(c, c.flag("transposed", false)); }
void convTranspose(const Call& c) { convolve(c, true); }

void linear(const Call& c)
{
    std::vector<std::string> inputs{c.input("input"), c.input("weight")};
    if (c.rank("input") == 2) {
        if (c.has("bias"))
            inputs.push_back(c.input("bias"));
        c.give(c.add("Gemm", inputs, {{"transB", std::int64_t(1)}}));
        return;
    }
    const std::string turned = c.add("Transpose", {inputs[1]}, {{"perm", Ints{1, 0}}}, ".turned");
    const std::string y = c.add("MatMul", {inputs[0], turned});
    c.give(c.has("bias") ? c.add("Add", {y, c.input("bias")}, {}, ".add") : y);
}

/// A constant matrix: as the module has it, and whether it stands transposed there.
std::pair<std::string, bool> matrix(const Call& c, const std::string& argument)
{
    if (c.isConstant(argument))
        if (const at::Tensor w = c.constant(argument); c.isTransposedParameter(w))
            return {c.initializer(w.t(), "weight"), true};
    return {c.input(argument), false};
}

void addmm(const Call& c)
{
    const auto [weight, turned] = matrix(c, "mat2");
    c.give(c.add("Gemm", {c.input("mat1"), weight, c.input("self")},
                 {{"transB", std::int64_t(turned)}, {"alpha", c.number("alpha", 1)}, {"beta", c.number("beta", 1)}}));
}

void matmul(const Call& c)
{
    const std::string right = c.has("mat2") ? "mat2" : "other";
    if (c.rank("self") < 2 || c.rank(right) < 2)
        c.refuse("a product with a vector");
    auto [b, turned] = matrix(c, right);
    if (turned)
        b = c.add("Transpose", {b}, {{"perm", Ints{1, 0}}}, ".turned");
    c.give(c.add("MatMul", {c.input("self"), b}));
}

std::string orFilled(const Call& c, const char* argument, const Ints& shape, double value)
{
    return c.has(argument) ? c.input(argument) : c.initializer(at::full(shape, value, at::kFloat), argument);
}

void batchNorm(const Call& c)
{
    if (c.flag("training", false) || !c.has("running_mean") || !c.has("running_var"))
        c.refuse("normalizes with the batch's own mean and variance; the module must be in evaluation mode");
    const Ints channels = c.shape("running_mean");
    c.give(c.add("BatchNormalization",
                 {c.input("input"), orFilled(c, "weight", channels, 1), orFilled(c, "bias", channels, 0),
                  c.input("running_mean"), c.input("running_var")},
                 {{"epsilon", c.number("eps", 1e-5)}}));
}

void layerNorm(const Call& c)
{
    const Ints normed = c.integers("normalized_shape");
    c.give(c.add("LayerNormalization",
                 {c.input("input"), orFilled(c, "weight", normed, 1), orFilled(c, "bias", normed, 0)},
                 {{"axis", c.rank("input") - std::int64_t(normed.size())}, {"epsilon", c.number("eps", 1e-5)}}));
}

} // namespace

const RowTable& layerRows()
{
    static const RowTable rows{
        {"aten::convolution", convolution},
        {"aten::_convolution", convolution},
        {"aten::conv1d", convolution},
        {"aten::conv2d", convolution},
        {"aten::conv_transpose1d", convTranspose},
        {"aten::conv_transpose2d", convTranspose},
        {"aten::linear", linear},
        {"aten::addmm", addmm},
        {"aten::matmul", matmul},
        {"aten::mm", matmul},
        {"aten::bmm", matmul},
        {"aten::batch_norm", batchNorm},
        {"aten::layer_norm", layerNorm},
    };
    return rows;
}

} // namespace mprdo::script

// SPDX-License-Identifier: GPL-3.0-or-later
// Activations, and operators of two values.
#include "core/import/torchscript_call.h"

namespace mprdo::script {
namespace {

/// An activation that ONNX has without attributes.
void plain(const Call& c, const char* op) { c.give(c.add(op, {c.input("self")})); }
void relu(const Call& c) { plain(c, "Relu"); }
void sigmoid(const Call& c) { plain(c, "Sigmoid"); }
void tanhRow(const Call& c) { plain(c, "Tanh"); }
void erfRow(const Call& c) { plain(c, "Erf"); }
void sqrtRow(const Call& c) { plain(c, "Sqrt"); }
void hardSwish(const Call& c) { plain(c, "HardSwish"); }

void leakyRelu(const Call& c)
{
    c.give(c.add("LeakyRelu", {c.input("self")}, {{"alpha", c.number("negative_slope", 0.01)}}));
}

/// The slopes lie along axis 1.
void prelu(const Call& c)
{
    const at::Tensor slope = c.constant("weight").reshape({-1});
    Ints shape(static_cast<std::size_t>(std::max<std::int64_t>(1, c.rank("self") - 1)), 1);
    shape[0] = slope.numel();
    c.give(c.add("PRelu", {c.input("self"), c.initializer(slope.reshape(shape), "slope")}));
}

std::string clipped(const Call& c, const std::string& low, const std::string& high)
{
    const auto bound = [&](const std::string& name) {
        return c.has(name) ? c.initializer(at::scalar_tensor(c.number(name), at::kFloat), name) : std::string();
    };
    std::vector<std::string> inputs{c.input("self"), bound(low)};
    if (c.has(high))
        inputs.push_back(bound(high));
    return c.add("Clip", inputs);
}
void clamp(const Call& c) { c.give(clipped(c, "min", "max")); }
void hardtanh(const Call& c) { c.give(clipped(c, "min_val", "max_val")); }
void clampMin(const Call& c) { c.give(clipped(c, "min", "")); }
void clampMax(const Call& c) { c.give(clipped(c, "", "max")); }

void relu6(const Call& c)
{
    const auto bound
        = [&](double v, const char* role) { return c.initializer(at::scalar_tensor(v, at::kFloat), role); };
    c.give(c.add("Clip", {c.input("self"), bound(0, "min"), bound(6, "max")}));
}

void hardSigmoid(const Call& c)
{
    c.give(c.add("HardSigmoid", {c.input("self")}, {{"alpha", 1.0 / 6}, {"beta", 0.5}}));
}

void silu(const Call& c)
{
    const std::string x = c.input("self");
    c.give(c.add("Mul", {x, c.add("Sigmoid", {x}, {}, ".sigmoid")}));
}

void gelu(const Call& c) { c.give(c.add("Gelu", {c.input("self")}, {{"approximate", c.word("approximate", "none")}})); }

void softmaxAs(const Call& c, const char* op)
{
    c.give(c.add(op, {c.input("self")}, {{"axis", c.axis("self", c.integer("dim"))}}));
}

void softmax(const Call& c) { softmaxAs(c, "Softmax"); }
void logSoftmax(const Call& c) { softmaxAs(c, "LogSoftmax"); }

void negative(const Call& c) { c.give(c.add("Mul", {c.input("self"), c.scalar(-1, "minus")})); }
void square(const Call& c) { c.give(c.add("Mul", {c.input("self"), c.input("self")})); }
void reciprocal(const Call& c) { c.give(c.add("Div", {c.scalar(1, "one"), c.input("self")})); }
void rsqrt(const Call& c) { c.give(c.add("Div", {c.scalar(1, "one"), c.add("Sqrt", {c.input("self")}, {}, ".sqrt")})); }

/// Nothing happens to the values.
void same(const Call& c) { c.give(c.input("self")); }

void dropout(const Call& c)
{
    if (c.flag("train", false))
        c.refuse("drops values at random; the module must be in evaluation mode");
    c.give(c.input(c.has("input") ? "input" : "self")); // dropout and dropout_
}

/// other times alpha.
std::string scaled(const Call& c, const char* argument)
{
    const double alpha = c.number("alpha", 1);
    if (alpha == 1)
        return c.input(argument);
    if (c.isValue(argument))
        return c.add("Mul", {c.input(argument), c.scalar(alpha, "alpha")}, {}, ".alpha");
    const at::Tensor value
        = c.isConstant(argument) ? c.constant(argument).to(at::kFloat) : at::full({1}, c.number(argument), at::kFloat);
    return c.initializer((value * alpha).reshape(value.dim() ? value.sizes().vec() : Ints{1}), argument);
}

void add(const Call& c) { c.give(c.add("Add", {c.input("self"), scaled(c, "other")})); }
void subtract(const Call& c) { c.give(c.add("Sub", {c.input("self"), scaled(c, "other")})); }
void multiply(const Call& c) { c.give(c.add("Mul", {c.input("self"), c.input("other")})); }

void divide(const Call& c)
{
    if (c.has("rounding_mode"))
        c.refuse("rounds what it divides");
    c.give(c.add("Div", {c.input("self"), c.input("other")}));
}

void power(const Call& c) { c.give(c.add("Pow", {c.input("self"), c.input("exponent")})); }

} // namespace

const RowTable& activationRows()
{
    static const RowTable rows{
        {"aten::relu", relu},
        {"aten::relu6", relu6},
        {"aten::leaky_relu", leakyRelu},
        {"aten::prelu", prelu},
        {"aten::hardtanh", hardtanh},
        {"aten::clamp", clamp},
        {"aten::clamp_min", clampMin},
        {"aten::clamp_max", clampMax},
        {"aten::sigmoid", sigmoid},
        {"aten::hardsigmoid", hardSigmoid},
        {"aten::hardswish", hardSwish},
        {"aten::silu", silu},
        {"aten::tanh", tanhRow},
        {"aten::gelu", gelu},
        {"aten::erf", erfRow},
        {"aten::sqrt", sqrtRow},
        {"aten::rsqrt", rsqrt},
        {"aten::reciprocal", reciprocal},
        {"aten::square", square},
        {"aten::neg", negative},
        {"aten::softmax", softmax},
        {"aten::_softmax", softmax},
        {"aten::log_softmax", logSoftmax},
        {"aten::_log_softmax", logSoftmax},
        {"aten::dropout", dropout},
        {"aten::feature_dropout", dropout},
        {"aten::alpha_dropout", dropout},
        {"aten::contiguous", same},
        {"aten::to", same},
        {"aten::type_as", same},
        {"aten::detach", same},
        {"aten::clone", same},
        {"aten::alias", same},
    };
    return rows;
}

const RowTable& binaryRows()
{
    static const RowTable rows{{"aten::add", add},
                               {"aten::sub", subtract},
                               {"aten::mul", multiply},
                               {"aten::div", divide},
                               {"aten::pow", power}};
    return rows;
}

} // namespace mprdo::script

// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that take their values one by one.
#include "core/base/error.h"
#include "core/export/c_text.h"
#include "core/export/c_writers.h"
#include <cmath>
#include <numbers>

namespace mprdo::c {
namespace {

std::string number(double value) { return literal(static_cast<float>(value)); }

/// x clamped, NaN kept.
std::string clamped(const std::string& x, double low, double high)
{
    return text(x, " < ", number(low), " ? ", number(low), " : ", x, " > ", number(high), " ? ", number(high), " : ", x);
}

/// What becomes of x, a float variable; statements before it may change x.
std::string formula(const Node& n, std::string& before)
{
    switch (n.op) {
    case Op::Relu: return "x < 0.0f ? 0.0f : x";
    case Op::LeakyRelu: return "x > 0.0f ? x : x * " + number(n.number("alpha", 0.01));
    case Op::Clamp: return clamped("x", n.number("min", -INFINITY), n.number("max", INFINITY));
    case Op::Sigmoid: return "1.0f / (1.0f + expf(-x))";
    case Op::HardSigmoid:
        before = text("x = x * ", number(n.number("alpha", 1.0 / 6)), " + ", number(n.number("beta", 0.5)), ";");
        return clamped("x", 0, 1);
    case Op::HardSwish:
        before = "const float gate = x / 6.0f + 0.5f;";
        return text("x * (", clamped("gate", 0, 1), ")");
    case Op::Silu: return "x / (1.0f + expf(-x))";
    case Op::Tanh: return "tanhf(x)";
    case Op::Gelu:
        if (n.word("approximate", "none") == "none")
            return text("0.5f * x * (1.0f + erff(x * ", number(std::numbers::sqrt2 / 2), "))");
        return text("0.5f * x * (1.0f + tanhf(", number(std::numbers::sqrt2 * std::numbers::inv_sqrtpi), " * (x + ", number(0.044715), " * x * x * x)))");
    case Op::Erf: return "erff(x)";
    case Op::Sqrt: return "sqrtf(x)";
    default: throw Error(ErrorCode::Internal, text("C export: ", n.name, ": no formula"));
    }
}

} // namespace

void writeElementwise(CBuilder& b, const Node& n)
{
    const LoopNest loops({product(b.outputShape(n))}, {{1}});
    std::string before;
    const std::string y = formula(n, before), at = loops.index(0);
    const std::string x = text(n.op == Op::HardSigmoid ? "" : "const ", "float x = ", b.input(n), "[", at, "];\n");
    b.add(loops.around("{\n" + indented(x + (before.empty() ? "" : before + "\n") + b.output(n) + "[" + at + "] = " + y + ";") + "}"));
}

void writePRelu(CBuilder& b, const Node& n)
{
    const Ints shape = b.outputShape(n);
    const LoopNest loops(shape, {strides(shape), broadcastStrides(b.parameterValue(n, "slope").sizes().vec(), shape)});
    const std::string x = b.input(n) + "[" + loops.index(0) + "]";
    b.add(loops.around(text(b.output(n), "[", loops.index(0), "] = ", x, " >= 0.0f ? ", x, " : ", x, " * ", b.parameter(n, "slope"), "[", loops.index(1), "];")));
}

void writeSoftmax(CBuilder& b, const Node& n)
{
    const Ints shape = b.outputShape(n);
    const auto axis = static_cast<std::ptrdiff_t>(axisOf(n.integer("axis", 1), shape.size()));
    const auto count = [](auto begin, auto end) { return std::to_string(product(Ints(begin, end))); };
    b.call(n.integer("log", 0) ? "log_softmax" : "softmax", {b.input(n), b.output(n), count(shape.begin(), shape.begin() + axis), std::to_string(shape[static_cast<std::size_t>(axis)]),
                       count(shape.begin() + axis + 1, shape.end())});
}

void writeBinary(CBuilder& b, const Node& n)
{
    const Ints shape = b.outputShape(n);
    const bool constant = n.inputs.size() == 1;
    std::string left = b.input(n), right = constant ? b.parameter(n, "constant") : b.input(n, 1);
    Ints leftShape = b.inputShape(n), rightShape = constant ? b.parameterValue(n, "constant").sizes().vec() : b.inputShape(n, 1);
    if (n.integer("constant_first", 0)) {
        std::swap(left, right);
        std::swap(leftShape, rightShape);
    }
    const LoopNest loops(shape, {strides(shape), broadcastStrides(leftShape, shape), broadcastStrides(rightShape, shape)});
    left += "[" + loops.index(1) + "]";
    right += "[" + loops.index(2) + "]";
    const char* sign = n.op == Op::Add ? " + " : n.op == Op::Sub ? " - " : n.op == Op::Mul ? " * " : " / ";
    const std::string value = n.op == Op::Pow ? "powf(" + left + ", " + right + ")" : left + sign + right;
    b.add(loops.around(b.output(n) + "[" + loops.index(0) + "] = " + value + ";"));
}

} // namespace mprdo::c

// SPDX-License-Identifier: GPL-3.0-or-later
// Weights and norms.
#include "core/base/error.h"
#include "core/export/c_text.h"
#include "core/export/c_writers.h"
#include "core/graph/windows.h"

namespace mprdo::c {
namespace {

void convolution(CBuilder& b, const Node& n, const char* kernel)
{
    const Ints weight = b.graph().parameter(n.parameters.at("weight")).sizes().vec(), in = b.inputShape(n), out = b.outputShape(n);
    const bool oneAxis = weight.size() == 3;
    std::vector<Window> windows = windowsOf(n, weight);
    if (oneAxis)
        windows.insert(windows.begin(), Window{});
    const Window &h = windows[0], &w = windows[1];
    const auto height = [&](const Ints& shape) { return oneAxis ? 1 : shape[2]; };
    const std::string shape = b.geometry(n.name, {in[1], out[1], n.integer("groups", 1), height(in), in.back(), height(out), out.back(), h.kernel, w.kernel,
                                                  h.stride, w.stride, h.before, w.before, h.after, w.after, h.dilation, w.dilation});
    const std::string row = b.isPacked(n) ? b.scratch(n, product({weight.begin() + 1, weight.end()})) : "NULL";
    b.call(kernel, {b.input(n), b.output(n), b.weight(n), b.parameter(n, "bias"), row, shape});
}

} // namespace

void writeConv(CBuilder& b, const Node& n) { convolution(b, n, "convolve"); }
void writeConvTranspose(CBuilder& b, const Node& n) { convolution(b, n, "convolve_transposed"); }

void writeLinear(CBuilder& b, const Node& n)
{
    const Ints in = b.inputShape(n), out = b.outputShape(n);
    const std::string row = b.isPacked(n) ? b.scratch(n, in.back()) : "NULL";
    b.call("multiply", {b.input(n), b.output(n), b.weight(n), b.parameter(n, "bias"), row, std::to_string(product(in) / in.back()),
                        std::to_string(in.back()), std::to_string(out.back())});
}

void writeMatMul(CBuilder& b, const Node& n)
{
    const bool constant = n.inputs.size() == 1;
    std::string left = b.input(n), right = constant ? b.parameter(n, "constant") : b.input(n, 1);
    Ints leftShape = b.inputShape(n), rightShape = constant ? b.parameterValue(n, "constant").sizes().vec() : b.inputShape(n, 1);
    if (n.integer("constant_first", 0)) {
        std::swap(left, right);
        std::swap(leftShape, rightShape);
    }
    const Ints out = b.outputShape(n);
    const std::int64_t inner = leftShape.back(), columns = rightShape.back();
    // [..., M, K] and [..., K, N] as [..., M, 1] and [..., 1, N] with the steps of their rows and columns
    Ints leftSteps = broadcastStrides(leftShape, out), rightSteps = broadcastStrides(rightShape, out);
    leftSteps.back() = 0;
    leftSteps[out.size() - 2] = inner;
    rightSteps.back() = 1;
    rightSteps[out.size() - 2] = 0;
    const LoopNest loops(out, {strides(out), leftSteps, rightSteps});
    const LoopNest sum({inner}, {{1}, {columns}}, 'k');
    const auto at = [](const std::string& a, const std::string& k) { return k == "0" ? a : a == "0" ? k : a + " + " + k; };
    const std::string step = text("sum += ", left, "[", at(loops.index(1), sum.index(0)), "] * ", right, "[", at(loops.index(2), sum.index(1)), "];");
    b.add(loops.around("{\n" + indented("float sum = 0.0f;\n" + sum.around(step) + b.output(n) + "[" + loops.index(0) + "] = sum;") + "}"));
}

/// As LibTorch does it: one factor and one shift a channel, made here.
void writeBatchNorm(CBuilder& b, const Node& n)
{
    const auto value = [&](const char* role) { return b.parameterValue(n, role).to(at::kDouble); };
    const at::Tensor factor = value("weight") / (value("variance") + n.number("epsilon", 1e-5)).sqrt();
    const std::string factors = b.floats(n.name + ".factor", factor), shifts = b.floats(n.name + ".shift", value("bias") - value("mean") * factor);
    const Ints shape = b.outputShape(n);
    Ints channel(shape.size(), 0);
    channel[1] = 1;
    const LoopNest loops(shape, {strides(shape), channel});
    const std::string at = "[" + loops.index(0) + "]", c = "[" + loops.index(1) + "]";
    b.add(loops.around(b.output(n) + at + " = " + b.input(n) + at + " * " + factors + c + " + " + shifts + c + ";"));
}

void writeLayerNorm(CBuilder& b, const Node& n)
{
    const Ints shape = b.outputShape(n);
    const auto axis = static_cast<std::ptrdiff_t>(axisOf(n.integer("axis", -1), shape.size()));
    const Ints outer(shape.begin(), shape.begin() + axis), normed(shape.begin() + axis, shape.end());
    b.call("layer_norm", {b.input(n), b.output(n), std::to_string(product(outer)), std::to_string(product(normed)), b.parameter(n, "weight"),
                          b.parameter(n, "bias"), literal(static_cast<float>(n.number("epsilon", 1e-5)))});
}

} // namespace mprdo::c

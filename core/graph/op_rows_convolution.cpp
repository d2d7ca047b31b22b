// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that multiply by a weight, and the norms that follow them.
#include "core/graph/channel_order.h"
#include "core/graph/op_support.h"
#include "core/graph/windows.h"
#include <algorithm>
#include <numeric>

namespace mprdo::ops {
namespace {

void needBias(const Node& node, const ShapeOf& parameter, std::int64_t channels)
{
    const Shape bias = parameter("bias");
    if (!bias.empty() && bias != Shape{channels})
        misfit(node, "bias: expected [", channels, "], got ", shapeText(bias));
}

Shape checkedWeight(const Node& node, const Shape& x, const ShapeOf& parameter, std::size_t axes)
{
    needRank(node, x, axes + 2);
    const Shape w = parameter("weight");
    const std::int64_t groups = node.integer("groups", 1);
    if (w.size() != axes + 2 || groups < 1 || w[1] * groups != x[1] || w[0] % groups != 0)
        misfit(node, "weight ", shapeText(w), " in ", groups, " groups does not fit an input of ", shapeText(x));
    needBias(node, parameter, w[0]);
    return w;
}

template <std::size_t Axes>
Shape convShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const Shape& x = in[0];
    const Shape w = checkedWeight(node, x, parameter, Axes);
    const std::vector<Window> windows = windowsOf(node, w);
    Shape out{x[0], w[0]};
    for (std::size_t i = 0; i < Axes; ++i) {
        out.push_back(windows[i].count(x[i + 2]));
        if (out.back() < 1)
            misfit(node, "a kernel of ", w[i + 2], " does not fit an input of ", x[i + 2], " padded by ", windows[i].before);
    }
    return out;
}

/// Zeros beside what LibTorch pads on both sides by itself.
at::Tensor paddedUnevenly(const at::Tensor& x, const std::vector<Window>& windows, Ints& padding)
{
    Ints sides; // last dimension first
    for (std::size_t i = windows.size(); i-- > 0;) {
        const std::int64_t both = std::min(windows[i].before, windows[i].after);
        padding[i] = both;
        sides.insert(sides.end(), {windows[i].before - both, windows[i].after - both});
    }
    return std::any_of(sides.begin(), sides.end(), [](std::int64_t s) { return s != 0; }) ? at::constant_pad_nd(x, sides, 0) : x;
}

at::Tensor convExecute(const OpContext& c)
{
    const at::Tensor w = c.parameter("weight");
    const std::vector<Window> windows = windowsOf(c.node, w.sizes());
    Ints stride, dilation, padding(windows.size(), 0);
    for (const Window& window : windows) {
        stride.push_back(window.stride);
        dilation.push_back(window.dilation);
    }
    const at::Tensor x = paddedUnevenly(c.inputs[0], windows, padding);
    const std::int64_t groups = c.node.integer("groups", 1);
    return w.dim() == 3 ? at::conv1d(x, w, c.parameter("bias"), stride, padding, dilation, groups)
                        : at::conv2d(x, w, c.parameter("bias"), stride, padding, dilation, groups);
}

template <std::size_t Axes>
Shape convTransposeShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const Shape& x = in[0];
    const Shape w = checkedWeight(node, x, parameter, Axes);
    const std::vector<Window> windows = windowsOf(node, w);
    const Ints extra = node.perAxis("output_padding", 0, Axes);
    Shape out{x[0], w[0]};
    for (std::size_t i = 0; i < Axes; ++i) {
        const Window& v = windows[i];
        out.push_back((x[i + 2] - 1) * v.stride - v.before - v.after + v.span() + extra[i]);
        if (x[i + 2] < 1 || out.back() < 1 || extra[i] < 0 || (extra[i] > 0 && extra[i] >= std::max(v.stride, v.dilation)))
            misfit(node, "padding of ", v.before, " and ", v.after, " and output padding of ", extra[i], " do not fit an input of ", x[i + 2]);
    }
    return out;
}

at::Tensor convTransposeExecute(const OpContext& c)
{
    const at::Tensor w = c.parameter("weight");
    const std::vector<Window> windows = windowsOf(c.node, w.sizes());
    const std::int64_t groups = c.node.integer("groups", 1);
    const Ints extra = c.node.perAxis("output_padding", 0, windows.size());
    Ints stride, dilation;
    for (const Window& window : windows) {
        stride.push_back(window.stride);
        dilation.push_back(window.dilation);
    }
    // made whole, then cut: what is padded away may differ on both sides, and extra rows at the end are those of a wider output
    const Ints none(windows.size(), 0);
    const at::Tensor k = channelsSwapped(w, groups);
    at::Tensor y = w.dim() == 3 ? at::conv_transpose1d(c.inputs[0], k, c.parameter("bias"), stride, none, none, groups, dilation)
                                : at::conv_transpose2d(c.inputs[0], k, c.parameter("bias"), stride, none, none, groups, dilation);
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto axis = static_cast<std::int64_t>(i) + 2;
        const std::int64_t wanted = y.size(axis) - windows[i].before - windows[i].after + extra[i], end = windows[i].before + wanted;
        if (end > y.size(axis)) { // beyond the last input's reach there is the bias alone
            Ints shape = y.sizes().vec();
            shape[static_cast<std::size_t>(axis)] = end - y.size(axis);
            at::Tensor rest = at::zeros(shape, y.options());
            if (const at::Tensor bias = c.parameter("bias"); bias.defined()) {
                Ints perChannel(shape.size(), 1);
                perChannel[1] = -1;
                rest = rest + bias.reshape(perChannel);
            }
            y = at::cat({y, rest}, axis);
        }
        y = y.slice(axis, windows[i].before, end);
    }
    return y.contiguous();
}

Shape linearShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    Shape x = in[0];
    const Shape w = parameter("weight");
    if (w.size() != 2 || x.size() < 2 || x.back() != w[1])
        misfit(node, "weight ", shapeText(w), " does not fit an input of ", shapeText(x));
    needBias(node, parameter, w[0]);
    x.back() = w[0];
    return x;
}

at::Tensor linearExecute(const OpContext& c) { return at::linear(c.inputs[0], c.parameter("weight"), c.parameter("bias")); }

Shape batchNormShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    if (in[0].size() < 2)
        misfit(node, "expected channels in the second dimension, got ", shapeText(in[0]));
    for (const char* role : {"weight", "bias", "mean", "variance"})
        if (parameter(role) != Shape{in[0][1]})
            misfit(node, role, ": expected [", in[0][1], "], got ", shapeText(parameter(role)));
    return in[0];
}

/// In training the tensors handed in as mean and variance receive the batch's own (momentum 1), so callers hand in scratch.
at::Tensor batchNormExecute(const OpContext& c)
{
    return at::batch_norm(c.inputs[0], c.parameter("weight"), c.parameter("bias"), c.parameter("mean"),
                          c.parameter("variance"), c.training, 1.0, c.node.number("epsilon", 1e-5), false);
}

Shape layerNormShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const std::size_t axis = axisOf(node, in[0], node.integer("axis", -1));
    needFixed(node, in[0], axis);
    const Shape normed(in[0].begin() + static_cast<std::ptrdiff_t>(axis), in[0].end());
    for (const char* role : {"weight", "bias"})
        if (const Shape p = parameter(role); !p.empty() && p != normed)
            misfit(node, role, ": expected ", shapeText(normed), ", got ", shapeText(p));
    return in[0];
}

at::Tensor layerNormExecute(const OpContext& c)
{
    const at::Tensor& x = c.inputs[0];
    const std::int64_t axis = c.node.integer("axis", -1);
    const Ints normed(x.sizes().begin() + (axis < 0 ? axis + x.dim() : axis), x.sizes().end());
    return at::layer_norm(x, normed, c.parameter("weight"), c.parameter("bias"), c.node.number("epsilon", 1e-5), false);
}

} // namespace

std::vector<OpRow> convolutionRows()
{
    return {
        {Op::Conv2d, "conv2d", 1, 1, convShape<2>, convExecute, false, true},
        {Op::Conv1d, "conv1d", 1, 1, convShape<1>, convExecute, false, true},
        {Op::ConvTranspose2d, "conv_transpose2d", 1, 1, convTransposeShape<2>, convTransposeExecute, false, true},
        {Op::ConvTranspose1d, "conv_transpose1d", 1, 1, convTransposeShape<1>, convTransposeExecute, false, true},
        {Op::Linear, "linear", 1, 1, linearShape, linearExecute, false, true},
        {Op::BatchNorm, "batch_norm", 1, 1, batchNormShape, batchNormExecute},
        {Op::LayerNorm, "layer_norm", 1, 1, layerNormShape, layerNormExecute},
    };
}

} // namespace mprdo::ops

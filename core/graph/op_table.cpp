// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/op_table.h"
#include "core/base/error.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace mprdo {
namespace {

using Ints = std::vector<std::int64_t>;

[[noreturn]] void misfit(const Node& node, const std::string& what)
{
    throw Error(ErrorCode::ShapeMismatch, text(node.name, ": ", what));
}

void needRank(const Node& node, const Shape& x, std::size_t rank)
{
    if (x.size() != rank)
        misfit(node, text("expected an input of ", rank, " dimensions, got ", shapeText(x)));
}

std::int64_t windows(const Node& node, std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                     std::int64_t dilation = 1)
{
    const std::int64_t span = size + 2 * padding - dilation * (kernel - 1) - 1;
    if (stride < 1 || kernel < 1 || padding < 0 || span < 0)
        misfit(node, text("a kernel of ", kernel, " does not fit an input of ", size, " padded by ", padding));
    return span / stride + 1;
}

Shape sameShape(const Node&, const std::vector<Shape>& in, const ShapeOf&) { return in[0]; }

Shape convShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const Shape& x = in[0];
    needRank(node, x, 4);
    const Shape w = parameter("weight");
    const std::int64_t groups = node.integer("groups", 1);
    if (w.size() != 4 || groups < 1 || w[1] * groups != x[1] || w[0] % groups != 0)
        misfit(node, text("weight ", shapeText(w), " in ", groups, " groups does not fit an input of ", shapeText(x)));
    const Shape bias = parameter("bias");
    if (!bias.empty() && bias != Shape{w[0]})
        misfit(node, text("bias: expected [", w[0], "], got ", shapeText(bias)));
    const std::int64_t stride = node.integer("stride", 1), padding = node.integer("padding", 0);
    const std::int64_t dilation = node.integer("dilation", 1);
    return {x[0], w[0], windows(node, x[2], w[2], stride, padding, dilation),
            windows(node, x[3], w[3], stride, padding, dilation)};
}

at::Tensor convExecute(const OpContext& c)
{
    const std::int64_t stride = c.node.integer("stride", 1), padding = c.node.integer("padding", 0);
    const std::int64_t dilation = c.node.integer("dilation", 1);
    return at::conv2d(c.inputs[0], c.parameter("weight"), c.parameter("bias"), Ints{stride, stride}, Ints{padding, padding},
                      Ints{dilation, dilation}, c.node.integer("groups", 1));
}

Shape linearShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    Shape x = in[0];
    const Shape w = parameter("weight");
    if (w.size() != 2 || x.size() < 2 || x.back() != w[1])
        misfit(node, text("weight ", shapeText(w), " does not fit an input of ", shapeText(x)));
    const Shape bias = parameter("bias");
    if (!bias.empty() && bias != Shape{w[0]})
        misfit(node, text("bias: expected [", w[0], "], got ", shapeText(bias)));
    x.back() = w[0];
    return x;
}

at::Tensor linearExecute(const OpContext& c) { return at::linear(c.inputs[0], c.parameter("weight"), c.parameter("bias")); }

Shape batchNormShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    if (in[0].size() < 2)
        misfit(node, text("expected channels in the second dimension, got ", shapeText(in[0])));
    for (const char* role : {"weight", "bias", "mean", "variance"})
        if (parameter(role) != Shape{in[0][1]})
            misfit(node, text(role, ": expected [", in[0][1], "], got ", shapeText(parameter(role))));
    return in[0];
}

/// In training the tensors handed in as mean and variance receive the batch's own (momentum 1), so callers hand in scratch.
at::Tensor batchNormExecute(const OpContext& c)
{
    return at::batch_norm(c.inputs[0], c.parameter("weight"), c.parameter("bias"), c.parameter("mean"),
                          c.parameter("variance"), c.training, 1.0, c.node.number("epsilon", 1e-5), false);
}

at::Tensor reluExecute(const OpContext& c) { return at::relu(c.inputs[0]); }

at::Tensor clampExecute(const OpContext& c)
{
    return at::clamp(c.inputs[0], c.node.number("min", -INFINITY), c.node.number("max", INFINITY));
}

Shape elementwiseShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    if (in[0] != in[1])
        misfit(node, text("inputs of different shapes: ", shapeText(in[0]), " and ", shapeText(in[1])));
    return in[0];
}

at::Tensor addExecute(const OpContext& c) { return at::add(c.inputs[0], c.inputs[1]); }
at::Tensor mulExecute(const OpContext& c) { return at::mul(c.inputs[0], c.inputs[1]); }

Shape concatShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const auto axis = static_cast<std::size_t>(node.integer("axis", 1));
    for (std::size_t i = 1; i < in.size(); ++i) {
        Shape other = in[i];
        if (axis >= out.size() || other.size() != out.size())
            misfit(node, text("cannot join ", shapeText(out), " and ", shapeText(other), " along axis ", axis));
        const std::int64_t joined = out[axis] + other[axis];
        other[axis] = out[axis];
        if (other != out)
            misfit(node, text("cannot join ", shapeText(out), " and ", shapeText(in[i]), " along axis ", axis));
        out[axis] = joined;
    }
    return out;
}

at::Tensor concatExecute(const OpContext& c) { return at::cat(c.inputs, c.node.integer("axis", 1)); }

Shape poolShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    needRank(node, in[0], 4);
    const std::int64_t kernel = node.integer("kernel", 2), stride = node.integer("stride", kernel);
    const std::int64_t padding = node.integer("padding", 0);
    return {in[0][0], in[0][1], windows(node, in[0][2], kernel, stride, padding),
            windows(node, in[0][3], kernel, stride, padding)};
}

at::Tensor maxPoolExecute(const OpContext& c)
{
    const std::int64_t kernel = c.node.integer("kernel", 2), stride = c.node.integer("stride", kernel);
    const std::int64_t padding = c.node.integer("padding", 0);
    return at::max_pool2d(c.inputs[0], Ints{kernel, kernel}, Ints{stride, stride}, Ints{padding, padding});
}

at::Tensor avgPoolExecute(const OpContext& c)
{
    const std::int64_t kernel = c.node.integer("kernel", 2), stride = c.node.integer("stride", kernel);
    const std::int64_t padding = c.node.integer("padding", 0);
    return at::avg_pool2d(c.inputs[0], Ints{kernel, kernel}, Ints{stride, stride}, Ints{padding, padding});
}

Shape adaptivePoolShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    needRank(node, in[0], 4);
    const std::int64_t size = node.integer("size", 1);
    return {in[0][0], in[0][1], size, size};
}

at::Tensor adaptivePoolExecute(const OpContext& c)
{
    const std::int64_t size = c.node.integer("size", 1);
    return at::adaptive_avg_pool2d(c.inputs[0], Ints{size, size});
}

Shape meanShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out;
    const Ints axes = node.integers("axes", {});
    for (std::size_t i = 0; i < in[0].size(); ++i)
        if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) == axes.end())
            out.push_back(in[0][i]);
        else if (node.integer("keep", 0))
            out.push_back(1);
    return out;
}

at::Tensor meanExecute(const OpContext& c)
{
    return c.inputs[0].mean(c.node.integers("axes", {}), c.node.integer("keep", 0) != 0);
}

Shape flattenShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    const auto axis = static_cast<std::size_t>(node.integer("axis", 1));
    if (axis < 1 || axis >= in[0].size())
        misfit(node, text("cannot flatten ", shapeText(in[0]), " from axis ", axis));
    Shape out(in[0].begin(), in[0].begin() + static_cast<std::ptrdiff_t>(axis));
    out.push_back(std::accumulate(in[0].begin() + static_cast<std::ptrdiff_t>(axis), in[0].end(), std::int64_t(1),
                                  std::multiplies<>()));
    return out;
}

at::Tensor flattenExecute(const OpContext& c) { return c.inputs[0].flatten(c.node.integer("axis", 1)); }

Shape reshapeShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out{in[0][0]};
    std::int64_t have = 1, want = 1;
    for (std::size_t i = 1; i < in[0].size(); ++i)
        have *= in[0][i];
    for (const auto d : node.integers("shape", {})) { // without the batch dimension
        out.push_back(d);
        want *= d;
    }
    if (have != want)
        misfit(node, text("cannot reshape ", shapeText(in[0]), " to ", shapeText(out)));
    return out;
}

at::Tensor reshapeExecute(const OpContext& c)
{
    Ints shape{c.inputs[0].size(0)};
    for (const auto d : c.node.integers("shape", {}))
        shape.push_back(d);
    return c.inputs[0].reshape(shape);
}

at::Tensor softmaxExecute(const OpContext& c) { return at::softmax(c.inputs[0], c.node.integer("axis", 1)); }

Shape sliceShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const Ints axes = node.integers("axes", {}), starts = node.integers("starts", {}), steps = node.integers("steps", {});
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i]);
        if (axis < 1 || axis >= out.size() || starts.at(i) < 0 || starts[i] >= out[axis] || steps.at(i) < 1)
            misfit(node, text("cannot slice ", shapeText(in[0]), " along axis ", axes[i]));
        out[axis] = (out[axis] - starts[i] + steps[i] - 1) / steps[i];
    }
    return out;
}

at::Tensor sliceExecute(const OpContext& c)
{
    at::Tensor x = c.inputs[0];
    const Ints axes = c.node.integers("axes", {}), starts = c.node.integers("starts", {}), steps = c.node.integers("steps", {});
    for (std::size_t i = 0; i < axes.size(); ++i)
        x = x.slice(axes[i], starts[i], x.size(axes[i]), steps[i]);
    return x;
}

Shape padShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const Ints before = node.integers("before", {}), after = node.integers("after", {});
    if (before.size() != out.size() || after.size() != out.size() || before[0] != 0 || after[0] != 0)
        misfit(node, text("padding does not fit ", shapeText(in[0])));
    for (std::size_t i = 1; i < out.size(); ++i)
        out[i] += before[i] + after[i];
    return out;
}

at::Tensor padExecute(const OpContext& c)
{
    const Ints before = c.node.integers("before", {}), after = c.node.integers("after", {});
    Ints pad; // LibTorch lists the last dimension first
    for (std::size_t i = before.size(); i-- > 0;) {
        pad.push_back(before[i]);
        pad.push_back(after[i]);
    }
    return at::constant_pad_nd(c.inputs[0], pad, 0);
}

at::Tensor identityExecute(const OpContext& c) { return c.inputs[0]; }

constexpr int kMany = 64;

constexpr std::array kRows{
    OpRow{Op::Conv2d, "conv2d", 1, 1, convShape, convExecute},
    OpRow{Op::Linear, "linear", 1, 1, linearShape, linearExecute},
    OpRow{Op::BatchNorm, "batch_norm", 1, 1, batchNormShape, batchNormExecute},
    OpRow{Op::Relu, "relu", 1, 1, sameShape, reluExecute},
    OpRow{Op::Clamp, "clamp", 1, 1, sameShape, clampExecute},
    OpRow{Op::Add, "add", 2, 2, elementwiseShape, addExecute},
    OpRow{Op::Mul, "mul", 2, 2, elementwiseShape, mulExecute},
    OpRow{Op::Concat, "concat", 1, kMany, concatShape, concatExecute},
    OpRow{Op::MaxPool2d, "max_pool2d", 1, 1, poolShape, maxPoolExecute, true},
    OpRow{Op::AvgPool2d, "avg_pool2d", 1, 1, poolShape, avgPoolExecute},
    OpRow{Op::AdaptiveAvgPool2d, "adaptive_avg_pool2d", 1, 1, adaptivePoolShape, adaptivePoolExecute},
    OpRow{Op::Mean, "mean", 1, 1, meanShape, meanExecute},
    OpRow{Op::Flatten, "flatten", 1, 1, flattenShape, flattenExecute, true},
    OpRow{Op::Reshape, "reshape", 1, 1, reshapeShape, reshapeExecute, true},
    OpRow{Op::Softmax, "softmax", 1, 1, sameShape, softmaxExecute},
    OpRow{Op::Slice, "slice", 1, 1, sliceShape, sliceExecute, true},
    OpRow{Op::Pad, "pad", 1, 1, padShape, padExecute, true},
    OpRow{Op::Identity, "identity", 1, 1, sameShape, identityExecute, true},
};

} // namespace

const OpRow& opRow(Op op) { return kRows.at(static_cast<std::size_t>(op)); }

std::string_view name(Op op) { return opRow(op).name; }

std::optional<Op> opFromName(std::string_view text)
{
    for (const OpRow& row : kRows)
        if (row.name == text)
            return row.op;
    return std::nullopt;
}

} // namespace mprdo

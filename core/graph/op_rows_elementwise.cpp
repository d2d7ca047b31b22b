// SPDX-License-Identifier: GPL-3.0-or-later
// Ops of one value whose output has its shape.
#include "core/graph/op_support.h"
#include <cmath>

namespace mprdo::ops {
namespace {

at::Tensor reluExecute(const OpContext& c) { return at::relu(c.inputs[0]); }
at::Tensor leakyReluExecute(const OpContext& c) { return at::leaky_relu(c.inputs[0], c.node.number("alpha", 0.01)); }

/// Does b broadcast to a without changing its shape?
bool broadcastsTo(const Shape& b, const Shape& a)
{
    if (b.size() > a.size())
        return false;
    for (std::size_t i = 0; i < b.size(); ++i)
        if (const std::int64_t have = b[b.size() - 1 - i]; have != 1 && have != a[a.size() - 1 - i])
            return false;
    return true;
}

Shape preluShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    if (!broadcastsTo(parameter("slope"), in[0]))
        misfit(node, "slope ", shapeText(parameter("slope")), " does not fit an input of ", shapeText(in[0]));
    return in[0];
}

at::Tensor preluExecute(const OpContext& c)
{
    const at::Tensor& x = c.inputs[0];
    return at::where(x >= 0, x, x * c.parameter("slope"));
}

at::Tensor clampExecute(const OpContext& c)
{
    return at::clamp(c.inputs[0], c.node.number("min", -INFINITY), c.node.number("max", INFINITY));
}

at::Tensor sigmoidExecute(const OpContext& c) { return at::sigmoid(c.inputs[0]); }

at::Tensor hardSigmoidExecute(const OpContext& c)
{
    return at::clamp(c.inputs[0] * c.node.number("alpha", 1.0 / 6) + c.node.number("beta", 0.5), 0, 1);
}

at::Tensor hardSwishExecute(const OpContext& c) { return c.inputs[0] * at::clamp(c.inputs[0] / 6 + 0.5, 0, 1); }
at::Tensor siluExecute(const OpContext& c) { return c.inputs[0] * at::sigmoid(c.inputs[0]); }
at::Tensor tanhExecute(const OpContext& c) { return at::tanh(c.inputs[0]); }
at::Tensor erfExecute(const OpContext& c) { return at::erf(c.inputs[0]); }
at::Tensor sqrtExecute(const OpContext& c) { return at::sqrt(c.inputs[0]); }

Shape geluShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    if (const std::string kind = node.word("approximate", "none"); kind != "none" && kind != "tanh")
        misfit(node, "approximate is ", kind, ", expected none or tanh");
    return in[0];
}

/// LibTorch 1.13 gives wrong gradients of its own gelu where what comes back does not lie in memory in order.
at::Tensor geluExecute(const OpContext& c)
{
    const at::Tensor& x = c.inputs[0];
    if (c.node.word("approximate", "none") == "tanh")
        return at::gelu(x, "tanh");
    return at::GradMode::is_enabled() ? x * (at::erf(x * std::sqrt(0.5)) * 0.5 + 0.5) : at::gelu(x.contiguous());
}

Shape softmaxShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    needFixed(node, in[0], axisOf(node, in[0], node.integer("axis", 1)));
    return in[0];
}

at::Tensor softmaxExecute(const OpContext& c)
{
    const std::int64_t axis = c.node.integer("axis", 1);
    return c.node.integer("log", 0) ? at::log_softmax(c.inputs[0], axis) : at::softmax(c.inputs[0], axis);
}

} // namespace

std::vector<OpRow> elementwiseRows()
{
    return {
        {Op::Relu, "relu", 1, 1, sameShape, reluExecute},
        {Op::LeakyRelu, "leaky_relu", 1, 1, sameShape, leakyReluExecute},
        {Op::PRelu, "prelu", 1, 1, preluShape, preluExecute},
        {Op::Clamp, "clamp", 1, 1, sameShape, clampExecute},
        {Op::Sigmoid, "sigmoid", 1, 1, sameShape, sigmoidExecute},
        {Op::HardSigmoid, "hard_sigmoid", 1, 1, sameShape, hardSigmoidExecute},
        {Op::HardSwish, "hard_swish", 1, 1, sameShape, hardSwishExecute},
        {Op::Silu, "silu", 1, 1, sameShape, siluExecute},
        {Op::Tanh, "tanh", 1, 1, sameShape, tanhExecute},
        {Op::Gelu, "gelu", 1, 1, geluShape, geluExecute},
        {Op::Erf, "erf", 1, 1, sameShape, erfExecute},
        {Op::Sqrt, "sqrt", 1, 1, sameShape, sqrtExecute},
        {Op::Softmax, "softmax", 1, 1, softmaxShape, softmaxExecute},
    };
}

} // namespace mprdo::ops

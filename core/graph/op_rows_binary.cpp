// SPDX-License-Identifier: GPL-3.0-or-later
// Ops of two values, one of which may be a constant: role "constant", the left one where constant_first is 1.
#include "core/graph/op_support.h"
#include <algorithm>
#include <array>

namespace mprdo::ops {
namespace {

/// The shapes of the two operands, left one first.
std::array<Shape, 2> operands(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const bool constant = node.parameters.count("constant") > 0;
    if (constant == (in.size() == 2))
        misfit(node, "needs two operands, has ", in.size() + constant);
    std::array<Shape, 2> out{in[0], constant ? parameter("constant") : in[1]};
    if (constant && node.integer("constant_first", 0))
        std::swap(out[0], out[1]);
    return out;
}

std::array<at::Tensor, 2> operands(const OpContext& c)
{
    std::array<at::Tensor, 2> out{c.inputs[0], c.inputs.size() > 1 ? c.inputs[1] : c.parameter("constant")};
    if (c.node.integer("constant_first", 0))
        std::swap(out[0], out[1]);
    return out;
}

/// NumPy's rule; a free batch dimension meets itself or 1.
Shape broadcast(const Node& node, const Shape& a, const Shape& b)
{
    Shape out(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (x != y && x != 1 && y != 1)
            misfit(node, "inputs of different shapes: ", shapeText(a), " and ", shapeText(b));
        out[out.size() - 1 - i] = x == 1 ? y : x;
    }
    return out;
}

Shape elementwiseShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const auto [a, b] = operands(node, in, parameter);
    return broadcast(node, a, b);
}

at::Tensor addExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::add(a, b);
}

at::Tensor subExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::sub(a, b);
}

at::Tensor mulExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::mul(a, b);
}

at::Tensor divExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::div(a, b);
}

at::Tensor powExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::pow(a, b);
}

Shape matMulShape(const Node& node, const std::vector<Shape>& in, const ShapeOf& parameter)
{
    const auto [a, b] = operands(node, in, parameter);
    if (a.size() < 2 || b.size() < 2 || a.back() != b[b.size() - 2] || a.back() < 0)
        misfit(node, "cannot multiply ", shapeText(a), " by ", shapeText(b));
    Shape out = broadcast(node, {a.begin(), a.end() - 2}, {b.begin(), b.end() - 2});
    out.insert(out.end(), {a[a.size() - 2], b.back()});
    return out;
}

at::Tensor matMulExecute(const OpContext& c)
{
    const auto [a, b] = operands(c);
    return at::matmul(a, b);
}

} // namespace

std::vector<OpRow> binaryRows()
{
    return {
        {Op::MatMul, "matmul", 1, 2, matMulShape, matMulExecute},
        {Op::Add, "add", 1, 2, elementwiseShape, addExecute},
        {Op::Sub, "sub", 1, 2, elementwiseShape, subExecute},
        {Op::Mul, "mul", 1, 2, elementwiseShape, mulExecute},
        {Op::Div, "div", 1, 2, elementwiseShape, divExecute},
        {Op::Pow, "pow", 1, 2, elementwiseShape, powExecute},
    };
}

} // namespace mprdo::ops

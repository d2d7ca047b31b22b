// SPDX-License-Identifier: GPL-3.0-or-later
// A graph of one op for each row of the op table that holds no weight, in the settings that files have.
#pragma once
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include <string>
#include <vector>

namespace mprdo::test {

/// A graph of one op on an input, and a second one where it takes two.
struct SingleOp {
    std::string name;
    Op op;
    std::vector<std::int64_t> input;
    std::map<std::string, Attribute> attributes;
    std::map<std::string, std::vector<std::int64_t>> parameters; ///< role -> shape
    int operands = 1;

    Graph graph() const
    {
        auto g = generator(3, "one op");
        GraphBuilder b;
        std::map<std::string, std::string> roles;
        for (const auto& [role, shape] : parameters) {
            b.parameter("op." + role, at::rand(shape, g) + 0.5);
            roles[role] = "op." + role;
        }
        const ValueId x = b.input("x", input);
        std::vector<ValueId> inputs(std::size_t(operands), x);
        if (operands > 1)
            inputs[1] = b.add(Op::Sigmoid, "second", {x});
        return b.finish(b.add(op, "op", inputs, roles, attributes), "test");
    }
};

inline const std::vector<SingleOp>& singleOps()
{
    using Ints = std::vector<std::int64_t>;
    using Doubles = std::vector<double>;
    const auto one = [](std::int64_t n) { return Attribute(n); };
    static const std::vector<SingleOp> all{
        {"batch norm", Op::BatchNorm, {4, 5, 5}, {{"epsilon", 1e-3}}, {{"weight", {4}}, {"bias", {4}}, {"mean", {4}}, {"variance", {4}}}},
        {"layer norm", Op::LayerNorm, {4, 6}, {{"axis", one(-1)}, {"epsilon", 1e-3}}, {{"weight", {6}}, {"bias", {6}}}},
        {"layer norm of two axes", Op::LayerNorm, {4, 6}, {{"axis", one(1)}}, {{"weight", {4, 6}}, {"bias", {4, 6}}}},
        {"relu", Op::Relu, {5}, {}, {}},
        {"leaky relu", Op::LeakyRelu, {5}, {{"alpha", 0.2}}, {}},
        {"prelu", Op::PRelu, {4, 5, 5}, {}, {{"slope", {4, 1, 1}}}},
        {"clamp", Op::Clamp, {5}, {{"min", -0.5}, {"max", 0.5}}, {}},
        {"clamp below", Op::Clamp, {5}, {{"min", 0.1}}, {}},
        {"clamp above", Op::Clamp, {5}, {{"max", 0.1}}, {}},
        {"sigmoid", Op::Sigmoid, {5}, {}, {}},
        {"hard sigmoid", Op::HardSigmoid, {5}, {{"alpha", 0.3}, {"beta", 0.4}}, {}},
        {"hard swish", Op::HardSwish, {5}, {}, {}},
        {"silu", Op::Silu, {5}, {}, {}},
        {"tanh", Op::Tanh, {5}, {}, {}},
        {"gelu", Op::Gelu, {5}, {}, {}},
        {"gelu by tanh", Op::Gelu, {5}, {{"approximate", std::string("tanh")}}, {}},
        {"erf", Op::Erf, {5}, {}, {}},
        {"softmax", Op::Softmax, {4, 5}, {{"axis", one(-1)}}, {}},
        {"softmax of the middle", Op::Softmax, {4, 5}, {{"axis", one(1)}}, {}},
        {"add", Op::Add, {4, 5}, {}, {}, 2},
        {"add a constant", Op::Add, {4, 5}, {}, {{"constant", {4, 1}}}},
        {"sub", Op::Sub, {4, 5}, {}, {}, 2},
        {"from a constant", Op::Sub, {4, 5}, {{"constant_first", one(1)}}, {{"constant", {5}}}},
        {"mul", Op::Mul, {4, 5}, {}, {}, 2},
        {"div", Op::Div, {4, 5}, {}, {}, 2},
        {"pow", Op::Pow, {4, 5}, {}, {{"constant", {1}}}},
        {"matmul", Op::MatMul, {4, 5, 5}, {}, {}, 2},
        {"matmul by a constant", Op::MatMul, {3, 4, 5}, {}, {{"constant", {3, 5, 2}}}},
        {"a constant by it", Op::MatMul, {3, 4, 5}, {{"constant_first", one(1)}}, {{"constant", {7, 4}}}},
        {"max pool", Op::MaxPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}}, {}},
        {"max pool, uneven", Op::MaxPool2d, {4, 7, 6}, {{"kernel", Ints{3, 2}}, {"stride", Ints{2, 1}}, {"padding", Ints{1, 0, 0, 1}}, {"ceil", one(1)}}, {}},
        {"max pool, dilated", Op::MaxPool2d, {4, 7, 8}, {{"kernel", one(2)}, {"stride", one(1)}, {"dilation", Ints{2, 3}}}, {}},
        {"max pool 1-D", Op::MaxPool1d, {4, 7}, {{"kernel", one(3)}, {"stride", one(2)}}, {}},
        {"average pool", Op::AvgPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}}, {}},
        {"average pool without padding", Op::AvgPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}, {"count_padding", one(0)}}, {}},
        {"average pool, uneven", Op::AvgPool2d, {4, 8, 7}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", Ints{1, 0, 2, 1}}, {"ceil", one(1)}, {"count_padding", one(0)}}, {}},
        {"average pool 1-D", Op::AvgPool1d, {4, 7}, {{"kernel", one(3)}, {"stride", one(2)}}, {}},
        {"global average", Op::AdaptiveAvgPool2d, {4, 7, 6}, {{"size", one(1)}}, {}},
        {"adaptive, even", Op::AdaptiveAvgPool2d, {4, 8, 6}, {{"size", Ints{4, 3}}}, {}},
        {"adaptive, overlapping", Op::AdaptiveAvgPool2d, {4, 7, 5}, {{"size", Ints{3, 7}}}, {}},
        {"mean", Op::Mean, {4, 7, 6}, {{"axes", Ints{2, 3}}}, {}},
        {"mean kept", Op::Mean, {4, 7, 6}, {{"axes", Ints{1}}, {"keep", one(1)}}, {}},
        {"concat", Op::Concat, {4, 5}, {{"axis", one(2)}}, {}, 2},
        {"slice", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{1, 2}}, {"ends", Ints{8, 7}}, {"steps", Ints{3, 1}}}, {}},
        {"slice backwards", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{7, 7}}, {"ends", Ints{-1, 2}}, {"steps", Ints{-2, -1}}}, {}},
        {"slice to the end", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{0, 1}}, {"steps", Ints{2, 2}}}, {}},
        {"gather", Op::Gather, {9, 8}, {{"axis", one(2)}, {"indices", Ints{7, 0, 0, 3}}}, {}},
        {"flatten", Op::Flatten, {4, 5, 6}, {{"axis", one(1)}}, {}},
        {"flatten the rest", Op::Flatten, {4, 5, 6}, {{"axis", one(2)}}, {}},
        {"reshape", Op::Reshape, {4, 6}, {{"shape", Ints{2, 2, 6}}}, {}},
        {"transpose", Op::Transpose, {4, 5, 6}, {{"axes", Ints{0, 3, 1, 2}}}, {}},
        {"pad", Op::Pad, {4, 5}, {{"before", Ints{0, 1, 0}}, {"after", Ints{0, 0, 2}}}, {}},
        {"pad with a number", Op::Pad, {4, 5}, {{"before", Ints{0, 1, 0}}, {"after", Ints{0, 0, 2}}, {"value", 0.5}}, {}},
        {"pad by reflection", Op::Pad, {4, 5}, {{"before", Ints{0, 3, 0}}, {"after", Ints{0, 0, 4}}, {"mode", std::string("reflect")}}, {}},
        {"pad by the edge", Op::Pad, {4, 5}, {{"before", Ints{0, 3, 0}}, {"after", Ints{0, 0, 7}}, {"mode", std::string("edge")}}, {}},
        {"resize, nearest", Op::Resize, {3, 4, 5}, {{"axes", Ints{2, 3}}, {"sizes", Ints{8, 10}}, {"scales", Doubles{2, 2}}, {"coordinates", std::string("asymmetric")}, {"nearest", std::string("floor")}}, {}},
        {"resize, linear", Op::Resize, {3, 4, 5}, {{"axes", Ints{2, 3}}, {"sizes", Ints{8, 2}}, {"scales", Doubles{2, 0.5}}, {"mode", std::string("linear")}}, {}},
        {"resize, cubic", Op::Resize, {3, 8, 8}, {{"axes", Ints{2, 3}}, {"sizes", Ints{4, 16}}, {"scales", Doubles{0.5, 2}}, {"mode", std::string("cubic")}, {"coordinates", std::string("align_corners")}}, {}},
        {"resize, corners kept, to a fraction", Op::Resize, {3, 2, 4}, {{"axes", Ints{2, 3}}, {"sizes", Ints{1, 2}}, {"scales", Doubles{0.6, 0.6}}, {"mode", std::string("linear")}, {"coordinates", std::string("align_corners")}}, {}},
        {"resize, cubic, outside left out", Op::Resize, {3, 4, 4}, {{"axes", Ints{2, 3}}, {"sizes", Ints{3, 8}}, {"scales", Doubles{0.8, 2}}, {"mode", std::string("cubic")}, {"exclude_outside", one(1)}, {"cubic_a", -0.5}}, {}},
        {"resize, to sizes", Op::Resize, {3, 5, 4}, {{"axes", Ints{2, 3}}, {"sizes", Ints{8, 7}}, {"scales", Doubles{8.0 / 5, 7.0 / 4}}, {"mode", std::string("linear")}}, {}},
        {"identity", Op::Identity, {5}, {}, {}},
    };
    return all;
}

inline double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    const at::Tensor same = a.isnan() & b.isnan(); // a power of a negative number
    return (a.to(at::kDouble) - b.to(at::kDouble)).masked_fill(same, 0).abs().max().item<double>();
}

inline at::Tensor imagesFor(const Graph& graph, std::int64_t count)
{
    auto g = generator(4, "images");
    std::vector<std::int64_t> shape = graph.values[std::size_t(graph.inputs[0])].shape;
    shape[0] = count;
    return at::randn(shape, g);
}

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
// One node of each kind that holds a weight, in the geometries that files have: for tests that must hold for all of them.
#pragma once
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include <string>
#include <vector>

namespace mprdo::test {

struct LayerKind {
    std::string name;
    Op op;
    std::vector<std::int64_t> input, weight; ///< without the batch; [O, I / groups, kernel...]
    std::map<std::string, Attribute> attributes;

    Graph graph(std::uint64_t seed = 1) const
    {
        auto g = generator(seed, "layer kind");
        GraphBuilder b;
        b.parameter("layer.weight", at::randn(weight, g));
        b.parameter("layer.bias", at::randn({weight[0]}, g));
        return b.finish(b.add(op, "layer", {b.input("x", input)}, {{"weight", "layer.weight"}, {"bias", "layer.bias"}}, attributes), "test");
    }
    at::Tensor images(std::int64_t count, std::uint64_t seed = 2) const
    {
        auto g = generator(seed, "layer kind's images");
        std::vector<std::int64_t> shape{count};
        shape.insert(shape.end(), input.begin(), input.end());
        return at::randn(shape, g);
    }
};

inline const std::vector<LayerKind>& layerKinds()
{
    using Ints = std::vector<std::int64_t>;
    const auto one = [](std::int64_t n) { return Attribute(n); };
    static const std::vector<LayerKind> all{
        {"conv 3x3", Op::Conv2d, {4, 7, 6}, {6, 4, 3, 3}, {{"padding", one(1)}}},
        {"conv, axes differ", Op::Conv2d, {4, 9, 8}, {6, 4, 3, 2}, {{"stride", Ints{2, 1}}, {"padding", Ints{1, 0}}, {"dilation", Ints{1, 2}}}},
        {"conv, sides differ", Op::Conv2d, {4, 7, 6}, {6, 4, 3, 3}, {{"stride", one(2)}, {"padding", Ints{0, 1, 2, 0}}}},
        {"conv, grouped", Op::Conv2d, {4, 7, 6}, {6, 2, 3, 3}, {{"groups", one(2)}, {"dilation", one(2)}, {"padding", one(2)}}},
        {"conv, depthwise", Op::Conv2d, {4, 7, 6}, {8, 1, 3, 3}, {{"groups", one(4)}, {"stride", one(2)}, {"padding", one(1)}}},
        {"conv 1-D", Op::Conv1d, {4, 9}, {6, 4, 3}, {{"padding", one(1)}, {"stride", one(2)}}},
        {"conv 1-D, sides differ, grouped", Op::Conv1d, {4, 9}, {6, 2, 3}, {{"padding", Ints{2, 0}}, {"dilation", one(2)}, {"groups", one(2)}}},
        {"transposed", Op::ConvTranspose2d, {4, 5, 4}, {6, 4, 3, 3}, {}},
        {"transposed, strided", Op::ConvTranspose2d, {4, 5, 4}, {6, 4, 3, 2}, {{"stride", Ints{2, 3}}, {"padding", Ints{1, 0}}, {"output_padding", Ints{1, 0}}}},
        {"transposed, sides differ, dilated", Op::ConvTranspose2d, {4, 5, 4}, {6, 4, 3, 3}, {{"stride", one(2)}, {"padding", Ints{0, 3, 1, 1}}, {"dilation", one(2)}}},
        {"transposed, grouped", Op::ConvTranspose2d, {4, 5, 4}, {6, 2, 3, 3}, {{"groups", one(2)}, {"stride", one(2)}, {"padding", one(1)}}},
        {"transposed, depthwise", Op::ConvTranspose2d, {4, 5, 4}, {4, 1, 2, 2}, {{"groups", one(4)}, {"stride", one(2)}}},
        {"transposed 1-D", Op::ConvTranspose1d, {4, 5}, {6, 4, 3}, {{"stride", one(2)}, {"padding", one(1)}, {"output_padding", one(1)}}},
        {"linear", Op::Linear, {5}, {3, 5}, {}},
        {"linear, 3-D input", Op::Linear, {7, 5}, {3, 5}, {}},
        {"linear, 4-D input", Op::Linear, {2, 7, 5}, {3, 5}, {}},
    };
    return all;
}

} // namespace mprdo::test

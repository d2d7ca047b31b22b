// SPDX-License-Identifier: GPL-3.0-or-later
// A network of all kinds of layers, random weights, images 3 x 8 x 8, six classes.
#pragma once
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include <cmath>
#include <memory>

namespace mprdo::test {

/// Convolution with uneven padding, depthwise, grouped, transposed, 1-D and 1-D transposed ones; linear layers on [N, T, K], one of them
/// used twice; attention's products, layer norm, gelu.
inline std::shared_ptr<const Graph> everyKindNetwork(std::uint64_t seed = 1)
{
    using Ints = std::vector<std::int64_t>;
    auto g = generator(seed, "every kind");
    GraphBuilder b;
    const auto layer = [&](Op op, const std::string& name, ValueId x, Ints weight, std::map<std::string, Attribute> attributes = {}) {
        std::int64_t fanIn = 1;
        for (std::size_t i = 1; i < weight.size(); ++i)
            fanIn *= weight[i];
        b.parameter(name + ".weight", at::randn(weight, g) * std::sqrt(1.5 / double(fanIn)));
        b.parameter(name + ".bias", at::randn({weight[0]}, g) * 0.1);
        return b.add(op, name, {x}, {{"weight", name + ".weight"}, {"bias", name + ".bias"}}, attributes);
    };
    const auto one = [](std::int64_t n) { return Attribute(n); };
    ValueId x = layer(Op::Conv2d, "stem", b.input("images", {3, 8, 8}), {8, 3, 3, 3}, {{"padding", Ints{0, 1, 2, 1}}});
    x = b.relu("relu1", x);
    x = b.relu("relu2", layer(Op::Conv2d, "depthwise", x, {8, 1, 3, 3}, {{"groups", one(8)}, {"padding", one(1)}, {"stride", one(2)}}));
    x = b.add(Op::HardSwish, "swish", {layer(Op::ConvTranspose2d, "up", x, {8, 8, 2, 2}, {{"stride", one(2)}})});
    x = b.add(Op::LeakyRelu, "leaky", {layer(Op::Conv2d, "grouped", x, {8, 4, 3, 3}, {{"groups", one(2)}, {"stride", one(2)}, {"padding", one(1)}})});
    x = b.add(Op::Reshape, "line", {x}, {}, {{"shape", Ints{8, 16}}});
    x = b.relu("relu3", layer(Op::Conv1d, "along", x, {8, 8, 3}, {{"padding", one(1)}, {"stride", one(2)}}));
    x = b.add(Op::Gelu, "gelu1", {layer(Op::ConvTranspose1d, "stretch", x, {8, 4, 2}, {{"stride", one(2)}, {"groups", one(2)}})});
    x = b.add(Op::Transpose, "tokens", {x}, {}, {{"axes", Ints{0, 2, 1}}}); // [N, 16, 8]
    b.parameter("norm.weight", at::rand({8}, g) + 0.5);
    b.parameter("norm.bias", at::randn({8}, g) * 0.1);
    const ValueId normed = b.add(Op::LayerNorm, "norm", {x}, {{"weight", "norm.weight"}, {"bias", "norm.bias"}}, {{"axis", one(2)}});
    const ValueId q = layer(Op::Linear, "query", normed, {8, 8}), k = layer(Op::Linear, "key", normed, {8, 8}), v = layer(Op::Linear, "value", normed, {8, 8});
    const ValueId scores = b.add(Op::MatMul, "scores", {q, b.add(Op::Transpose, "keys", {k}, {}, {{"axes", Ints{0, 2, 1}}})});
    const ValueId mixed = b.add(Op::MatMul, "mixed", {b.add(Op::Softmax, "attention", {scores}, {}, {{"axis", one(2)}}), v});
    x = b.add(Op::Add, "residual", {x, layer(Op::Linear, "project", mixed, {8, 8})});
    x = b.add(Op::Gelu, "gelu2", {layer(Op::Linear, "shared", x, {8, 8})});
    x = b.add(Op::Linear, "shared again", {x}, {{"weight", "shared.weight"}, {"bias", "shared.bias"}});
    x = b.add(Op::Mean, "pooled", {x}, {}, {{"axes", Ints{1}}});
    return std::make_shared<const Graph>(b.finish(layer(Op::Linear, "head", x, {6, 8}), "every kind"));
}

} // namespace mprdo::test

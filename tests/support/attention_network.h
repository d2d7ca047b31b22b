// SPDX-License-Identifier: GPL-3.0-or-later
// A small vision transformer with random weights: attention as exporters write it.
#pragma once
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include <cmath>

namespace mprdo::test {

/// Images 3 x 32 x 32 in patches of 4 x 4, a class token, learned positions, blocks of pre-norm attention and a two-layer perceptron with
/// GELU, ten classes from the token.
inline Graph attentionNetwork(std::int64_t width = 64, std::int64_t heads = 4, int blocks = 4, std::uint64_t seed = 1)
{
    using Ints = std::vector<std::int64_t>;
    auto g = generator(seed, "attention network");
    const std::int64_t tokens = 65, each = width / heads;
    GraphBuilder b;
    const auto linear = [&](const std::string& name, ValueId x, std::int64_t outputs) {
        const std::int64_t inputs = b.shape(x).back();
        b.parameter(name + ".weight", at::randn({outputs, inputs}, g) * std::sqrt(1.0 / double(inputs)));
        b.parameter(name + ".bias", at::randn({outputs}, g) * 0.02);
        return b.linear(name, x);
    };
    const auto norm = [&](const std::string& name, ValueId x) {
        b.parameter(name + ".weight", at::rand({width}, g) * 0.5 + 0.75);
        b.parameter(name + ".bias", at::randn({width}, g) * 0.1);
        return b.add(Op::LayerNorm, name, {x}, {{"weight", name + ".weight"}, {"bias", name + ".bias"}}, {{"axis", std::int64_t(-1)}, {"epsilon", 1e-6}});
    };
    const auto reshape = [&](const std::string& name, ValueId x, Ints shape) { return b.add(Op::Reshape, name, {x}, {}, {{"shape", std::move(shape)}}); };
    const auto transpose = [&](const std::string& name, ValueId x, Ints axes) { return b.add(Op::Transpose, name, {x}, {}, {{"axes", std::move(axes)}}); };
    b.parameter("patch_embed.weight", at::randn({width, 3, 4, 4}, g) * std::sqrt(1.0 / 48));
    b.parameter("patch_embed.bias", at::randn({width}, g) * 0.02);
    ValueId x = b.conv2d("patch_embed", b.input("images", {3, 32, 32}), 4, 0);
    x = transpose("patches", reshape("grid", x, {width, tokens - 1}), {0, 2, 1});
    b.parameter("cls_token", at::randn({1, 1, width}, g) * 0.5);
    b.parameter("pos_embed", at::randn({1, tokens, width}, g) * 0.2);
    x = b.add(Op::Concat, "tokens", {b.add(Op::Constant, "token", {}, {{"value", "cls_token"}}), x}, {}, {{"axis", std::int64_t(1)}});
    x = b.add(Op::Add, "positions", {x}, {{"constant", "pos_embed"}});
    for (int n = 0; n < blocks; ++n) {
        const std::string name = "blocks." + std::to_string(n);
        const ValueId qkv = linear(name + ".attn.qkv", norm(name + ".norm1", x), 3 * width);
        const ValueId split = transpose(name + ".attn.heads", reshape(name + ".attn.split", qkv, {tokens, 3, heads, each}), {0, 2, 3, 1, 4});
        const auto part = [&](const char* which, std::int64_t i) { // of [N, 3, heads, tokens, each]
            const ValueId one = b.add(Op::Gather, name + ".attn." + which, {split}, {}, {{"axis", std::int64_t(1)}, {"indices", Ints{i}}});
            return reshape(name + ".attn." + which + "_heads", one, {heads, tokens, each});
        };
        const ValueId q = part("q", 0), k = part("k", 1), v = part("v", 2);
        b.parameter(name + ".attn.scale", at::full({1}, 1 / std::sqrt(double(each)), at::kFloat));
        const ValueId scores = b.add(Op::MatMul, name + ".attn.scores", {q, transpose(name + ".attn.keys", k, {0, 1, 3, 2})});
        const ValueId scaled = b.add(Op::Mul, name + ".attn.scaled", {scores}, {{"constant", name + ".attn.scale"}});
        const ValueId mixed = b.add(Op::MatMul, name + ".attn.mixed", {b.add(Op::Softmax, name + ".attn.softmax", {scaled}, {}, {{"axis", std::int64_t(-1)}}), v});
        const ValueId joined = reshape(name + ".attn.join", transpose(name + ".attn.back", mixed, {0, 2, 1, 3}), {tokens, width});
        x = b.add(Op::Add, name + ".residual1", {x, linear(name + ".attn.proj", joined, width)});
        const ValueId hidden = b.add(Op::Gelu, name + ".mlp.act", {linear(name + ".mlp.fc1", norm(name + ".norm2", x), 4 * width)});
        x = b.add(Op::Add, name + ".residual2", {x, linear(name + ".mlp.fc2", hidden, width)});
    }
    x = b.add(Op::Gather, "picked", {norm("norm", x)}, {}, {{"axis", std::int64_t(1)}, {"indices", Ints{0}}});
    return b.finish(linear("head", reshape("class", x, {width}), 10), "small ViT");
}

} // namespace mprdo::test

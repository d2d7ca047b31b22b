// SPDX-License-Identifier: GPL-3.0-or-later
// Attention that is one operator, as the products and the softmax it stands for.
#include "core/import/torchscript_call.h"
#include <cmath>
#include <limits>
#include <numeric>

namespace mprdo::script {
namespace {

/// What is added before the softmax: a mask's 0 where it allows, -infinity where it does not.
at::Tensor allowed(const at::Tensor& mask)
{
    if (mask.scalar_type() != at::kBool)
        return mask.to(at::kFloat);
    return at::zeros(mask.sizes(), at::kFloat).masked_fill(mask.logical_not(), -std::numeric_limits<float>::infinity());
}

void scaledDotProduct(const Call& c)
{
    if (c.number("dropout_p", 0) != 0)
        c.refuse("drops values at random; the module must be in evaluation mode");
    if (c.flag("enable_gqa", false))
        c.refuse("enable_gqa is not supported");
    const Ints query = c.shape("query"), key = c.shape("key");
    if (query.size() < 3 || key.size() != query.size())
        c.refuse("queries of the shape ", shapeText(query), " and keys of ", shapeText(key));
    Ints axes(key.size());
    std::iota(axes.begin(), axes.end(), 0);
    std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
    const double scale = c.has("scale") ? c.number("scale") : 1 / std::sqrt(double(query.back()));
    const std::string turned = c.add("Transpose", {c.input("key")}, {{"perm", axes}}, ".turned");
    const std::string small = c.add("Mul", {c.input("query"), c.scalar(scale, "scale")}, {}, ".scaled");
    std::string scores = c.add("MatMul", {small, turned}, {}, ".scores");
    if (c.flag("is_causal", false))
        scores
            = c.add("Add",
                    {scores,
                     c.initializer(allowed(at::ones({query[query.size() - 2], key[key.size() - 2]}, at::kBool).tril()),
                                   "causal")},
                    {}, ".causal");
    if (c.has("attn_mask"))
        scores = c.add("Add",
                       {scores,
                        c.isConstant("attn_mask") ? c.initializer(allowed(c.constant("attn_mask")), "mask")
                                                  : c.input("attn_mask")},
                       {}, ".masked");
    const std::string weights
        = c.add("Softmax", {scores}, {{"axis", static_cast<std::int64_t>(query.size()) - 1}}, ".softmax");
    c.give(c.add("MatMul", {weights, c.input("value")}));
}

} // namespace

const RowTable& attentionRows()
{
    static const RowTable rows{{"aten::scaled_dot_product_attention", scaledDotProduct},
                               {"aten::_scaled_dot_product_attention", scaledDotProduct}};
    return rows;
}

} // namespace mprdo::script

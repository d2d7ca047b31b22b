// SPDX-License-Identifier: GPL-3.0-or-later
// Operators that take values apart and join them; which way is a constant.
#include "core/import/torchscript_call.h"
#include <algorithm>

namespace mprdo::script {
namespace {

void concat(const Call& c)
{
    const std::int64_t rank = static_cast<std::int64_t>(c.madeShape().size()), axis = c.integer("dim", 0);
    c.give(c.add("Concat", c.list("tensors"), {{"axis", axis < 0 ? axis + rank : axis}}));
}

/// Each with a new dimension, joined along it.
void stack(const Call& c)
{
    const std::int64_t rank = static_cast<std::int64_t>(c.madeShape().size());
    const std::int64_t axis = c.integer("dim", 0) < 0 ? c.integer("dim", 0) + rank : c.integer("dim", 0);
    const std::string axes = c.integerList({axis}, "axes");
    std::vector<std::string> parts;
    for (const std::string& part : c.list("tensors"))
        parts.push_back(c.add("Unsqueeze", {part, axes}, {}, ".part"));
    c.give(c.add("Concat", parts, {{"axis", axis}}));
}

/// chunk, split and their kin: the sizes are those that came out.
void split(const Call& c)
{
    const std::int64_t axis = c.axis("self", c.integer("dim", 0));
    if (c.outputs() == 1) {
        c.give(c.input("self"));
        return;
    }
    Ints sizes;
    for (std::size_t i = 0; i < c.outputs(); ++i)
        sizes.push_back(c.madeShape(i)[static_cast<std::size_t>(axis)]);
    if (std::count(sizes.begin(), sizes.end(), -1) > 0)
        c.refuse("takes the batch apart");
    const std::vector<std::string> parts
        = c.addMany("Split", {c.input("self"), c.integerList(sizes, "sizes")}, {{"axis", axis}}, c.outputs());
    for (std::size_t i = 0; i < parts.size(); ++i)
        c.give(parts[i], i);
}

std::string picked(const Call& c, std::int64_t axis, std::int64_t index, const std::string& suffix)
{
    return c.add("Gather", {c.input("self"), c.initializer(at::scalar_tensor(index, at::kLong), "index")},
                 {{"axis", axis}}, suffix);
}

void select(const Call& c) { c.give(picked(c, c.axis("self", c.integer("dim")), c.integer("index"), {})); }

void unbind(const Call& c)
{
    const std::int64_t axis = c.axis("self", c.integer("dim", 0));
    if (axis == 0)
        c.refuse("takes the batch apart");
    for (std::size_t i = 0; i < c.outputs(); ++i)
        c.give(picked(c, axis, static_cast<std::int64_t>(i), text(".", i)), i);
}

/// slice, narrow: the end follows from the size that came out.
void slice(const Call& c)
{
    const std::int64_t axis = c.axis("self", c.integer("dim", 0)), step = c.integer("step", 1);
    const Ints from = c.shape("self"), made = c.madeShape();
    if (from == made && step == 1) {
        c.give(c.input("self"));
        return;
    }
    const std::int64_t size = from[static_cast<std::size_t>(axis)], count = made[static_cast<std::size_t>(axis)];
    if (size < 1 || count < 1)
        c.refuse("cuts ", shapeText(from), " to ", shapeText(made));
    const std::int64_t given = c.integer("start", 0),
                       start = std::clamp<std::int64_t>(given < 0 ? given + size : given, 0, size);
    c.give(
        c.add("Slice",
              {c.input("self"), c.integerList({start}, "start"), c.integerList({start + (count - 1) * step + 1}, "end"),
               c.integerList({axis}, "axis"), c.integerList({step}, "step")}));
}

void gathered(const Call& c, at::Tensor index, std::int64_t axis)
{
    if (index.scalar_type() == at::kBool)
        index = index.nonzero().squeeze(1);
    if (index.dim() > 1 || index.numel() < 1 || index.numel() > (1 << 20))
        c.refuse("picks by indices of the shape ", shapeText(index.sizes()));
    c.give(c.add("Gather", {c.input("self"), c.initializer(index.to(at::kLong).clone(), "indices")}, {{"axis", axis}}));
}

void indexSelect(const Call& c) { gathered(c, c.constant("index").reshape({-1}), c.axis("self", c.integer("dim"))); }

/// x[:, indices]: one list of indices, along one dimension.
void index(const Call& c)
{
    const auto [list, place] = c.onlyTensor("indices");
    gathered(c, list, c.axis("self", place));
}

} // namespace

const RowTable& pieceRows()
{
    static const RowTable rows{
        {"aten::cat", concat},
        {"aten::stack", stack},
        {"aten::chunk", split},
        {"aten::unsafe_chunk", split},
        {"aten::split", split},
        {"aten::unsafe_split", split},
        {"aten::split_with_sizes", split},
        {"aten::tensor_split", split},
        {"aten::unbind", unbind},
        {"aten::slice", slice},
        {"aten::narrow", slice},
        {"aten::select", select},
        {"aten::index_select", indexSelect},
        {"aten::index", index},
    };
    return rows;
}

} // namespace mprdo::script

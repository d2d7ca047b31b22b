// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that move values about.
#include "core/graph/op_support.h"
#include <algorithm>
#include <limits>
#include <numeric>

namespace mprdo::ops {
namespace {

constexpr int kMany = 1024;

/// Constants of one image join any number of them.
Shape concatShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const std::size_t axis = axisOf(node, out, node.integer("axis", 1));
    for (std::size_t i = 1; i < in.size(); ++i) {
        Shape other = in[i];
        if (other.size() != out.size())
            misfit(node, "cannot join ", shapeText(out), " and ", shapeText(other), " along axis ", axis);
        if (axis > 0 && (out[0] == -1) != (other[0] == -1) && (out[0] == 1 || other[0] == 1))
            out[0] = other[0] = -1;
        const std::int64_t joined = out[axis] + other[axis];
        if (out[axis] < 0 || other[axis] < 0)
            misfit(node, "works along the batch dimension of ", shapeText(out));
        other[axis] = out[axis];
        if (other != out)
            misfit(node, "cannot join ", shapeText(out), " and ", shapeText(in[i]), " along axis ", axis);
        out[axis] = joined;
    }
    return out;
}

at::Tensor concatExecute(const OpContext& c)
{
    const std::int64_t axis = c.node.integer("axis", 1);
    std::int64_t images = 1;
    for (const at::Tensor& x : c.inputs)
        images = std::max(images, x.size(0));
    std::vector<at::Tensor> parts;
    for (const at::Tensor& x : c.inputs) {
        Ints whole(static_cast<std::size_t>(x.dim()), -1);
        whole[0] = images;
        const bool alongBatch = axis == 0 || axis == -x.dim();
        parts.push_back(!alongBatch && x.size(0) == 1 && images > 1 ? x.expand(whole) : x);
    }
    return at::cat(parts, axis);
}

/// Start, end and count along one axis: starts and ends lie within it (start below end when step > 0, above when it is below 0; an end of
/// -1 then reaches the first element).
struct Piece {
    std::int64_t axis, start, step, count;
};

std::vector<Piece> pieces(const Node& node, const Shape& x)
{
    const std::vector<std::size_t> axes = axesOf(node, x);
    const Ints starts = node.integers("starts", {}), steps = node.integers("steps", Ints(axes.size(), 1)),
               ends = node.integers("ends", {});
    if (starts.size() != axes.size() || steps.size() != axes.size() || (!ends.empty() && ends.size() != axes.size()))
        misfit(node, "starts, ends and steps do not fit ", axes.size(), " axes");
    std::vector<Piece> out;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axes[i];
        const std::int64_t size = x[axis], step = steps[i], start = starts[i], end = ends.empty() ? (step > 0 ? size : -1) : ends[i];
        const bool fits = size >= 1 && step != 0 && start >= 0 && start < size && end >= -1 && end <= size && (step > 0 ? end > start : end < start);
        if (!fits)
            misfit(node, "cannot slice ", shapeText(x), " along axis ", axes[i]);
        const std::int64_t distance = step > 0 ? end - start : start - end, length = step > 0 ? step : -step;
        out.push_back({static_cast<std::int64_t>(axis), start, step, (distance + length - 1) / length});
    }
    return out;
}

Shape sliceShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    for (const Piece& piece : pieces(node, in[0]))
        out[static_cast<std::size_t>(piece.axis)] = piece.count;
    return out;
}

at::Tensor sliceExecute(const OpContext& c)
{
    at::Tensor x = c.inputs[0];
    for (const Piece& p : pieces(c.node, x.sizes().vec()))
        if (p.step > 0)
            x = x.slice(p.axis, p.start, p.start + (p.count - 1) * p.step + 1, p.step);
        else
            x = x.index_select(p.axis, at::arange(p.count, at::kLong) * p.step + p.start);
    return x;
}

Shape gatherShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const std::size_t axis = axisOf(node, out, node.integer("axis", 1));
    needFixed(node, out, axis);
    const Ints indices = node.integers("indices", {});
    for (const std::int64_t i : indices)
        if (i < 0 || i >= out[axis])
            misfit(node, "index ", i, " of ", out[axis]);
    if (indices.empty())
        misfit(node, "gathers nothing");
    out[axis] = static_cast<std::int64_t>(indices.size());
    return out;
}

at::Tensor gatherExecute(const OpContext& c)
{
    return c.inputs[0].index_select(c.node.integer("axis", 1), at::tensor(c.node.integers("indices", {}), at::kLong));
}

Shape flattenShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    const auto axis = static_cast<std::size_t>(node.integer("axis", 1));
    if (axis < 1 || axis >= in[0].size())
        misfit(node, "cannot flatten ", shapeText(in[0]), " from axis ", axis);
    Shape out(in[0].begin(), in[0].begin() + static_cast<std::ptrdiff_t>(axis));
    out.push_back(std::accumulate(in[0].begin() + static_cast<std::ptrdiff_t>(axis), in[0].end(), std::int64_t(1),
                                  std::multiplies<>()));
    return out;
}

at::Tensor flattenExecute(const OpContext& c) { return c.inputs[0].flatten(c.node.integer("axis", 1)); }

/// The attribute shape: of one image, or (whole) of everything, where there is no batch.
Shape reshapeShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    const Ints wanted = node.integers("shape", {});
    const std::size_t first = node.integer("whole", 0) ? 0 : 1;
    if (in[0].size() < first || (first == 0 && !in[0].empty() && in[0][0] < 0))
        misfit(node, "cannot reshape ", shapeText(in[0]), " as a whole");
    Shape out(in[0].begin(), in[0].begin() + static_cast<std::ptrdiff_t>(first));
    std::int64_t have = 1, want = 1;
    for (std::size_t i = first; i < in[0].size(); ++i)
        have *= in[0][i];
    for (const auto d : wanted) {
        out.push_back(d);
        if (d < 1 || d > have || (want *= d) > have) // before a product can overflow
            misfit(node, "cannot reshape ", shapeText(in[0]), " to ", shapeText(wanted));
    }
    if (have != want)
        misfit(node, "cannot reshape ", shapeText(in[0]), " to ", shapeText(out));
    return out;
}

at::Tensor reshapeExecute(const OpContext& c)
{
    Ints shape;
    if (!c.node.integer("whole", 0))
        shape.push_back(c.inputs[0].size(0));
    for (const auto d : c.node.integers("shape", {}))
        shape.push_back(d);
    return c.inputs[0].reshape(shape);
}

Shape transposeShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    const Ints axes = node.integers("axes", {});
    Ints sorted = axes, all(in[0].size());
    std::iota(all.begin(), all.end(), 0);
    std::sort(sorted.begin(), sorted.end());
    if (sorted != all)
        misfit(node, "axes ", shapeText(axes), " are no order of the dimensions of ", shapeText(in[0]));
    Shape out;
    for (const std::int64_t a : axes)
        out.push_back(in[0][static_cast<std::size_t>(a)]);
    if (!in[0].empty() && in[0][0] < 0 && axes[0] != 0)
        misfit(node, "moves the batch dimension of ", shapeText(in[0]));
    return out;
}

at::Tensor transposeExecute(const OpContext& c) { return c.inputs[0].permute(c.node.integers("axes", {})); }

Shape padShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    Shape out = in[0];
    const Ints before = node.integers("before", {}), after = node.integers("after", {});
    const std::string mode = node.word("mode", "constant");
    if (before.size() != out.size() || after.size() != out.size() || (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap"))
        misfit(node, "padding does not fit ", shapeText(in[0]));
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (before[i] == 0 && after[i] == 0)
            continue;
        needFixed(node, out, i);
        const std::int64_t most = mode == "reflect" ? out[i] - 1 : mode == "wrap" ? out[i] : std::numeric_limits<std::int64_t>::max();
        if (before[i] + after[i] + out[i] < 1 || before[i] > most || after[i] > most || before[i] <= -out[i] || after[i] <= -out[i])
            misfit(node, "padding of ", before[i], " and ", after[i], " does not fit ", shapeText(in[0]));
        out[i] += before[i] + after[i];
    }
    return out;
}

/// Where along an axis of so many each element of the padded one is taken from.
at::Tensor sources(std::int64_t size, std::int64_t before, std::int64_t after, const std::string& mode)
{
    const at::Tensor i = at::arange(-before, size + after, at::kLong);
    if (mode == "edge")
        return i.clamp(0, size - 1);
    if (mode == "wrap")
        return at::remainder(i, size);
    return size == 1 ? at::zeros_like(i) : (size - 1) - (at::remainder(i, 2 * (size - 1)) - (size - 1)).abs();
}

at::Tensor padExecute(const OpContext& c)
{
    const Ints before = c.node.integers("before", {}), after = c.node.integers("after", {});
    const std::string mode = c.node.word("mode", "constant");
    if (mode != "constant") {
        at::Tensor x = c.inputs[0];
        for (std::size_t i = 0; i < before.size(); ++i)
            if (before[i] != 0 || after[i] != 0) {
                const auto axis = static_cast<std::int64_t>(i);
                x = x.index_select(axis, sources(x.size(axis), before[i], after[i], mode));
            }
        return x;
    }
    Ints pad; // LibTorch lists the last dimension first
    for (std::size_t i = before.size(); i-- > 0;) {
        pad.push_back(before[i]);
        pad.push_back(after[i]);
    }
    return at::constant_pad_nd(c.inputs[0], pad, c.node.number("value", 0));
}

at::Tensor identityExecute(const OpContext& c) { return c.inputs[0]; }

Shape constantShape(const Node&, const std::vector<Shape>&, const ShapeOf& parameter) { return parameter("value"); }
at::Tensor constantExecute(const OpContext& c) { return c.parameter("value"); }

} // namespace

std::vector<OpRow> shapeRows()
{
    return {
        {Op::Concat, "concat", 1, kMany, concatShape, concatExecute},
        {Op::Slice, "slice", 1, 1, sliceShape, sliceExecute, true},
        {Op::Gather, "gather", 1, 1, gatherShape, gatherExecute, true},
        {Op::Flatten, "flatten", 1, 1, flattenShape, flattenExecute, true},
        {Op::Reshape, "reshape", 1, 1, reshapeShape, reshapeExecute, true},
        {Op::Transpose, "transpose", 1, 1, transposeShape, transposeExecute, true},
        {Op::Pad, "pad", 1, 1, padShape, padExecute, true},
        {Op::Identity, "identity", 1, 1, sameShape, identityExecute, true},
        {Op::Constant, "constant", 0, 0, constantShape, constantExecute},
    };
}

} // namespace mprdo::ops

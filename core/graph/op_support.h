// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of rows share; included by them alone.
#pragma once
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include <algorithm>

namespace mprdo::ops {

using Ints = std::vector<std::int64_t>;

template <class... Parts>
[[noreturn]] void misfit(const Node& node, const Parts&... parts)
{
    throw Error(ErrorCode::ShapeMismatch, text(node.name, ": ", parts...));
}

inline void needRank(const Node& node, const Shape& x, std::size_t rank)
{
    if (x.size() != rank)
        misfit(node, "expected an input of ", rank, " dimensions, got ", shapeText(x));
}

inline Shape sameShape(const Node&, const std::vector<Shape>& in, const ShapeOf&) { return in[0]; }

/// The attribute as an axis of x, counted from the end where it is negative.
inline std::size_t axisOf(const Node& node, const Shape& x, std::int64_t axis)
{
    const auto rank = static_cast<std::int64_t>(x.size());
    if (axis < -rank || axis >= rank)
        misfit(node, "axis ", axis, " of an input of ", rank, " dimensions");
    return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

/// The attribute "axes", each counted from the front. \throws Error{ShapeMismatch} one of them twice: operators differ in what that would mean
inline std::vector<std::size_t> axesOf(const Node& node, const Shape& x)
{
    std::vector<std::size_t> out;
    for (const std::int64_t a : node.integers("axes", {})) {
        const std::size_t axis = axisOf(node, x, a);
        if (std::find(out.begin(), out.end(), axis) != out.end())
            misfit(node, "axis ", axis, " is named twice");
        out.push_back(axis);
    }
    return out;
}

/// A batch dimension whose size is free (-1) must stay whole.
inline void needFixed(const Node& node, const Shape& x, std::size_t axis)
{
    if (x[axis] < 0)
        misfit(node, "works along the batch dimension of ", shapeText(x));
}

/// The rows of each family, in the order of Op within it.
std::vector<OpRow> convolutionRows();
std::vector<OpRow> elementwiseRows();
std::vector<OpRow> binaryRows();
std::vector<OpRow> poolingRows();
std::vector<OpRow> shapeRows();
OpRow resizeRow();

} // namespace mprdo::ops

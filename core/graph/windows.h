// SPDX-License-Identifier: GPL-3.0-or-later
// How a kernel slides along each axis: convolutions, pooling, what counts their weights and cuts their inputs into patches.
#pragma once
#include "core/graph/graph.h"

namespace mprdo {

/// Along one axis.
struct Window {
    std::int64_t kernel = 1, stride = 1, before = 0, after = 0, dilation = 1;
    bool ceil = false; ///< a last window that the input does not fill counts too, where it begins on the input or the padding before it

    std::int64_t span() const { return dilation * (kernel - 1) + 1; }
    /// Windows on an input of so many; below 1 when it does not fit.
    std::int64_t count(std::int64_t size) const;
};

/// Of a node with the attributes stride, padding (one number, one an axis, or all befores and then all afters), dilation, ceil.
/// \param kernel its sizes, one an axis   \param stride where the node has none
/// \throws Error{ShapeMismatch} naming the node: a stride or kernel below 1, a negative padding, a list of the wrong length
std::vector<Window> windowsOf(const Node&, const std::vector<std::int64_t>& kernel, const std::vector<std::int64_t>& stride);

/// Of a convolution or transposed convolution with a weight of the given shape [O, I / groups, kernel...].
std::vector<Window> windowsOf(const Node&, at::IntArrayRef weight);

/// All of them symmetric, not rounded up: LibTorch's own padding does.
bool symmetric(const std::vector<Window>&);

} // namespace mprdo

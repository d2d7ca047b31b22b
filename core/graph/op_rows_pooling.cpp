// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/op_support.h"
#include "core/graph/windows.h"
#include <algorithm>
#include <cmath>

namespace mprdo::ops {
namespace {

/// The attribute kernel (2 where there is none); stride is the kernel where it is not given.
std::vector<Window> poolWindows(const Node& node, std::size_t axes)
{
    const Ints kernel = node.perAxis("kernel", 2, axes);
    return windowsOf(node, kernel, kernel);
}

template <std::size_t Axes>
Shape poolShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    const Shape& x = in[0];
    needRank(node, x, Axes + 2);
    const std::vector<Window> windows = poolWindows(node, Axes);
    Shape out{x[0], x[1]};
    for (std::size_t i = 0; i < Axes; ++i) {
        const Window& w = windows[i];
        out.push_back(w.count(x[i + 2]));
        if (out.back() < 1 || w.before >= w.span() || w.after >= w.span()) // a window of padding alone has neither maximum nor mean
            misfit(node, "a kernel of ", w.kernel, " does not fit an input of ", x[i + 2], " padded by ", w.before);
    }
    return out;
}

/// 1-D pooling is 2-D pooling of one row.
struct Planes {
    at::Tensor x; ///< [N, C, H, W]
    std::vector<Window> windows;
    bool oneAxis = false;

    Ints each(std::int64_t Window::*member) const
    {
        Ints out;
        for (const Window& w : windows)
            out.push_back(w.*member);
        return out;
    }
    at::Tensor back(const at::Tensor& y) const { return oneAxis ? y.squeeze(2) : y; }
};

Planes planes(const OpContext& c)
{
    const at::Tensor& x = c.inputs[0];
    Planes out{x, poolWindows(c.node, static_cast<std::size_t>(x.dim() - 2)), x.dim() == 3};
    if (out.oneAxis) {
        out.x = x.unsqueeze(2);
        out.windows.insert(out.windows.begin(), Window{});
    }
    return out;
}

/// x with its padding written out, and what a last window that is not filled reaches beyond that.
at::Tensor padded(const Planes& p, const at::Tensor& x, double value, double beyond)
{
    Ints sides, rest;
    for (std::size_t i = p.windows.size(); i-- > 0;) {
        const Window& w = p.windows[i];
        const std::int64_t size = x.size(static_cast<std::int64_t>(i) + 2), end = (w.count(size) - 1) * w.stride + w.span();
        sides.insert(sides.end(), {w.before, w.after});
        rest.insert(rest.end(), {0, std::max<std::int64_t>(0, end - size - w.before - w.after)});
    }
    return at::constant_pad_nd(at::constant_pad_nd(x, sides, value), rest, beyond);
}

at::Tensor maxPoolExecute(const OpContext& c)
{
    const Planes p = planes(c);
    const Ints kernel = p.each(&Window::kernel), stride = p.each(&Window::stride), dilation = p.each(&Window::dilation);
    const bool native = symmetric(p.windows)
                        && std::all_of(p.windows.begin(), p.windows.end(), [](const Window& w) { return 2 * w.before <= w.kernel; });
    if (native)
        return p.back(at::max_pool2d(p.x, kernel, stride, p.each(&Window::before), dilation));
    return p.back(at::max_pool2d(padded(p, p.x, -INFINITY, -INFINITY), kernel, stride, Ints{0, 0}, dilation));
}

/// The mean over a window; padding counts where count_padding is 1 (it is when nothing is said), what lies beyond it never.
at::Tensor avgPoolExecute(const OpContext& c)
{
    const Planes p = planes(c);
    const Ints kernel = p.each(&Window::kernel), stride = p.each(&Window::stride), dilation = p.each(&Window::dilation);
    const bool counted = c.node.integer("count_padding", 1) != 0, dilated = dilation != Ints{1, 1};
    const bool native = symmetric(p.windows) && !dilated
                        && std::all_of(p.windows.begin(), p.windows.end(), [](const Window& w) { return 2 * w.before <= w.kernel; });
    if (native)
        return p.back(at::avg_pool2d(p.x, kernel, stride, p.each(&Window::before), false, counted));
    const auto sum = [&](const at::Tensor& x) {
        if (!dilated)
            return at::avg_pool2d(x, kernel, stride, Ints{0, 0}, false, true, /*divisor_override=*/1);
        const at::Tensor ones = at::ones({1, 1, kernel[0], kernel[1]}, x.options());
        const at::Tensor flat = x.reshape({-1, 1, x.size(2), x.size(3)});
        const at::Tensor y = at::conv2d(flat, ones, {}, stride, Ints{0, 0}, dilation);
        return y.reshape({x.size(0), x.size(1), y.size(2), y.size(3)});
    };
    const at::Tensor ones = at::ones({1, 1, p.x.size(2), p.x.size(3)}, p.x.options());
    return p.back(sum(padded(p, p.x, 0, 0)) / sum(padded(p, ones, counted ? 1 : 0, 0)));
}

Shape adaptivePoolShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    needRank(node, in[0], 4);
    const Ints size = node.perAxis("size", 1, 2);
    if (size[0] < 1 || size[1] < 1)
        misfit(node, "an output of ", size[0], " x ", size[1]);
    return {in[0][0], in[0][1], size[0], size[1]};
}

at::Tensor adaptivePoolExecute(const OpContext& c) { return at::adaptive_avg_pool2d(c.inputs[0], c.node.perAxis("size", 1, 2)); }

Shape meanShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    std::vector<bool> reduced(in[0].size(), false);
    for (const std::size_t axis : axesOf(node, in[0])) {
        needFixed(node, in[0], axis);
        reduced[axis] = true;
    }
    Shape out;
    for (std::size_t i = 0; i < in[0].size(); ++i)
        if (!reduced[i])
            out.push_back(in[0][i]);
        else if (node.integer("keep", 0))
            out.push_back(1);
    return out;
}

at::Tensor meanExecute(const OpContext& c)
{
    const Ints axes = c.node.integers("axes", {});
    return axes.empty() ? c.inputs[0] : c.inputs[0].mean(axes, c.node.integer("keep", 0) != 0);
}

} // namespace

std::vector<OpRow> poolingRows()
{
    return {
        {Op::MaxPool2d, "max_pool2d", 1, 1, poolShape<2>, maxPoolExecute, true},
        {Op::MaxPool1d, "max_pool1d", 1, 1, poolShape<1>, maxPoolExecute, true},
        {Op::AvgPool2d, "avg_pool2d", 1, 1, poolShape<2>, avgPoolExecute},
        {Op::AvgPool1d, "avg_pool1d", 1, 1, poolShape<1>, avgPoolExecute},
        {Op::AdaptiveAvgPool2d, "adaptive_avg_pool2d", 1, 1, adaptivePoolShape, adaptivePoolExecute},
        {Op::Mean, "mean", 1, 1, meanShape, meanExecute},
    };
}

} // namespace mprdo::ops

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/windows.h"
#include "core/base/error.h"
#include <algorithm>

namespace mprdo {

std::int64_t Window::count(std::int64_t size) const
{
    const std::int64_t room = size + before + after - span();
    if (room < 0)
        return 0;
    std::int64_t out = room / stride + 1;
    if (ceil && room % stride != 0 && out * stride < size + before)
        ++out;
    return out;
}

std::vector<Window> windowsOf(const Node& node, const std::vector<std::int64_t>& kernel, const std::vector<std::int64_t>& stride)
{
    const std::size_t axes = kernel.size();
    const std::vector<std::int64_t> strides = node.attributes.count("stride") ? node.perAxis("stride", 1, axes) : stride;
    const std::vector<std::int64_t> dilations = node.perAxis("dilation", 1, axes);
    std::vector<std::int64_t> padding;
    const auto given = node.attributes.find("padding");
    const auto* list = given != node.attributes.end() ? std::get_if<std::vector<std::int64_t>>(&given->second) : nullptr;
    if (list && list->size() == 2 * axes) {
        padding = *list;
    } else {
        padding = node.perAxis("padding", 0, axes);
        padding.insert(padding.end(), padding.begin(), padding.end());
    }
    std::vector<Window> out;
    for (std::size_t i = 0; i < axes; ++i) {
        const Window w{kernel[i], strides.at(i), padding[i], padding[axes + i], dilations[i], node.integer("ceil", 0) != 0};
        check(w.kernel >= 1 && w.stride >= 1 && w.dilation >= 1 && w.before >= 0 && w.after >= 0, ErrorCode::ShapeMismatch, node.name,
              ": a kernel of ", w.kernel, " with stride ", w.stride, ", dilation ", w.dilation, " and padding ", w.before, " and ", w.after,
              " is impossible");
        out.push_back(w);
    }
    return out;
}

std::vector<Window> windowsOf(const Node& node, at::IntArrayRef weight)
{
    const std::vector<std::int64_t> kernel(weight.begin() + 2, weight.end());
    return windowsOf(node, kernel, std::vector<std::int64_t>(kernel.size(), 1));
}

bool symmetric(const std::vector<Window>& windows)
{
    return std::all_of(windows.begin(), windows.end(), [](const Window& w) { return w.before == w.after && !w.ceil; });
}

} // namespace mprdo

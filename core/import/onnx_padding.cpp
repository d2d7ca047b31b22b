// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_padding.h"
#include <algorithm>

namespace mprdo::onnx {

Attribute compact(const Ints& numbers)
{
    const bool same = !numbers.empty() && std::all_of(numbers.begin(), numbers.end(), [&](std::int64_t n) { return n == numbers[0]; });
    return same ? Attribute(numbers[0]) : Attribute(numbers);
}

std::map<std::string, Attribute> Sliding::attributes() const
{
    Ints padding = before;
    padding.insert(padding.end(), after.begin(), after.end());
    return {{"stride", compact(stride)}, {"dilation", compact(dilation)}, {"padding", before == after ? compact(before) : Attribute(padding)}};
}

Sliding slidingOf(const Call& c, const Ints& input, const Ints& kernel)
{
    const std::size_t axes = input.size();
    const Ints ones(axes, 1);
    Sliding out{c.integers("kernel_shape", kernel), c.integers("strides", ones), c.integers("dilations", ones), {}, {}};
    const Ints pads = c.integers("pads", Ints(2 * axes, 0));
    if (out.kernel.size() != axes || out.stride.size() != axes || out.dilation.size() != axes || pads.size() != 2 * axes)
        c.bad("kernel_shape, strides, dilations or pads do not fit an input with ", axes, " axes");
    if (!kernel.empty() && out.kernel != kernel)
        c.bad("kernel_shape ", shapeText(out.kernel), " is not that of its weight, ", shapeText(kernel));
    for (std::size_t i = 0; i < axes; ++i)
        if (out.kernel[i] < 1 || out.stride[i] < 1 || out.dilation[i] < 1 || pads[i] < 0 || pads[axes + i] < 0)
            c.bad("a kernel of ", out.kernel[i], " with stride ", out.stride[i], ", dilation ", out.dilation[i], " and pads ", pads[i], " and ",
                  pads[axes + i], " is impossible");
    out.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
    out.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
    const std::string automatic = c.word("auto_pad", "NOTSET");
    if (automatic == "NOTSET" || automatic.empty())
        return out;
    if (automatic != "VALID" && automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
        c.refuse("auto_pad is ", automatic, ", which is not known");
    for (std::size_t i = 0; i < axes; ++i) {
        const std::int64_t windows = (input[i] + out.stride[i] - 1) / out.stride[i];
        const std::int64_t all
            = std::max<std::int64_t>(0, (windows - 1) * out.stride[i] + out.dilation[i] * (out.kernel[i] - 1) + 1 - input[i]);
        const std::int64_t total = automatic == "VALID" ? 0 : all;
        out.before[i] = automatic == "SAME_LOWER" ? total - total / 2 : total / 2;
        out.after[i] = total - out.before[i];
    }
    return out;
}

} // namespace mprdo::onnx

// SPDX-License-Identifier: GPL-3.0-or-later
// Pooling, means and resizing.
#include "core/import/torchscript_call.h"
#include <cmath>

namespace mprdo::script {
namespace {

Ints twice(const Ints& list)
{
    Ints out = list;
    out.insert(out.end(), list.begin(), list.end());
    return out;
}

void pool(const Call& c, const char* op, std::size_t axes)
{
    const Ints kernel = c.integers("kernel_size", axes);
    const Ints stride = c.integers("stride").empty() ? kernel : c.integers("stride", axes);
    Writer::Attributes attributes{
        {"kernel_shape", kernel}, {"strides", stride}, {"pads", twice(c.integers("padding", axes))}};
    if (c.has("dilation"))
        attributes["dilations"] = c.integers("dilation", axes);
    if (c.flag("ceil_mode", false))
        attributes["ceil_mode"] = std::int64_t(1);
    if (c.has("divisor_override"))
        c.refuse("divisor_override is not supported");
    if (c.has("count_include_pad"))
        attributes["count_include_pad"] = std::int64_t(c.flag("count_include_pad", true));
    c.give(c.add(op, {c.input("self")}, attributes));
}

void maxPool1d(const Call& c) { pool(c, "MaxPool", 1); }
void maxPool2d(const Call& c) { pool(c, "MaxPool", 2); }
void averagePool1d(const Call& c) { pool(c, "AveragePool", 1); }
void averagePool2d(const Call& c) { pool(c, "AveragePool", 2); }

/// To one element, or to as many as there are windows of one size beside each other.
void adaptive(const Call& c, std::size_t axes)
{
    const Ints shape = c.shape("self"), made = c.madeShape();
    if (shape.size() != axes + 2)
        c.refuse("an input of ", shape.size(), " dimensions");
    Ints kernel;
    bool whole = true, nothing = true;
    for (std::size_t i = 2; i < shape.size(); ++i) {
        if (made[i] < 1 || shape[i] % made[i] != 0)
            c.refuse("makes ", made[i], " of ", shape[i], " elements, whose windows overlap");
        kernel.push_back(shape[i] / made[i]);
        whole = whole && made[i] == 1;
        nothing = nothing && kernel.back() == 1;
    }
    if (nothing)
        c.give(c.input("self"));
    else if (whole)
        c.give(c.add("GlobalAveragePool", {c.input("self")}));
    else
        c.give(c.add("AveragePool", {c.input("self")}, {{"kernel_shape", kernel}, {"strides", kernel}}));
}
void adaptive1d(const Call& c) { adaptive(c, 1); }
void adaptive2d(const Call& c) { adaptive(c, 2); }

Ints reducedAxes(const Call& c)
{
    Ints axes = c.integers("dim");
    if (axes.empty())
        for (std::int64_t i = 0; i < c.rank("self"); ++i)
            axes.push_back(i);
    for (std::int64_t& a : axes)
        a = c.axis("self", a);
    return axes;
}

std::string averaged(const Call& c, const Ints& axes, const std::string& suffix)
{
    return c.add("ReduceMean", {c.input("self"), c.integerList(axes, "axes")},
                 {{"keepdims", std::int64_t(c.flag("keepdim", false))}}, suffix);
}

void mean(const Call& c) { c.give(averaged(c, reducedAxes(c), {})); }

void sum(const Call& c)
{
    const Ints axes = reducedAxes(c), shape = c.shape("self");
    double count = 1;
    for (const std::int64_t a : axes)
        count *= double(shape[static_cast<std::size_t>(a)]);
    c.give(c.add("Mul", {averaged(c, axes, ".mean"), c.scalar(count, "count")}));
}

/// The scales that were asked for, as far as the sizes that came out say the same; else those sizes.
void resize(const Call& c, std::size_t axes, Writer::Attributes attributes)
{
    const std::string x = c.has("input") ? "input" : "self";
    std::vector<double> scales = c.numbers("scale_factors");
    for (const char* one : {"scales", "scales_h", "scales_w"})
        if (c.has(one))
            scales.push_back(c.number(one));
    const Ints shape = c.shape(x), made = c.madeShape();
    if (shape.size() != axes + 2)
        c.refuse("an input of ", shape.size(), " dimensions");
    const Ints places = axes == 1 ? Ints{2} : Ints{2, 3};
    bool byScale = scales.size() == axes;
    for (std::size_t i = 0; i < axes && byScale; ++i)
        byScale = std::floor(double(shape[i + 2]) * scales[i]) == double(made[i + 2])
            && double(float(scales[i])) == scales[i];
    attributes["axes"] = places;
    std::vector<std::string> inputs{c.input(x), "", ""};
    if (byScale)
        inputs[2] = c.initializer(at::tensor(scales, at::kDouble).to(at::kFloat), "scales");
    else
        inputs.push_back(c.integerList({made.begin() + 2, made.end()}, "sizes"));
    c.give(c.add("Resize", inputs, attributes));
}

Writer::Attributes nearest()
{
    return {{"mode", std::string("nearest")},
            {"coordinate_transformation_mode", std::string("asymmetric")},
            {"nearest_mode", std::string("floor")}};
}
Writer::Attributes smooth(const Call& c, const char* mode)
{
    return {{"mode", std::string(mode)},
            {"coordinate_transformation_mode",
             std::string(c.flag("align_corners", false) ? "align_corners" : "half_pixel")}};
}

void nearest1d(const Call& c) { resize(c, 1, nearest()); }
void nearest2d(const Call& c) { resize(c, 2, nearest()); }
void linear1d(const Call& c) { resize(c, 1, smooth(c, "linear")); }
void bilinear2d(const Call& c) { resize(c, 2, smooth(c, "linear")); }
void bicubic2d(const Call& c) { resize(c, 2, smooth(c, "cubic")); }

} // namespace

const RowTable& poolingRows()
{
    static const RowTable rows{
        {"aten::max_pool1d", maxPool1d},
        {"aten::max_pool2d", maxPool2d},
        {"aten::max_pool2d_with_indices", maxPool2d},
        {"aten::avg_pool1d", averagePool1d},
        {"aten::avg_pool2d", averagePool2d},
        {"aten::adaptive_avg_pool1d", adaptive1d},
        {"aten::adaptive_avg_pool2d", adaptive2d},
        {"aten::_adaptive_avg_pool2d", adaptive2d},
        {"aten::mean", mean},
        {"aten::sum", sum},
        {"aten::upsample_nearest1d", nearest1d},
        {"aten::upsample_nearest2d", nearest2d},
        {"aten::upsample_linear1d", linear1d},
        {"aten::upsample_bilinear2d", bilinear2d},
        {"aten::upsample_bicubic2d", bicubic2d},
    };
    return rows;
}

} // namespace mprdo::script

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_importer.h"
#include "core/import/onnx_padding.h"
#include <algorithm>

namespace mprdo::onnx {
namespace {

void pool(Importer& im, const Call& c, Op twoAxes, Op oneAxis, std::map<std::string, Attribute> attributes)
{
    c.needInputs(1, 1);
    c.onlyFirstOutput(); // storage_order says how the second one counts
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    if (shape.size() != 3 && shape.size() != 4)
        c.refuse("an input of the shape ", shapeText(shape), "; pooling of one and two dimensions can be read");
    if (!c.has("kernel_shape"))
        c.bad("has no kernel_shape");
    const Sliding s = slidingOf(c, {shape.begin() + 2, shape.end()}, {});
    if (c.word("auto_pad", "NOTSET").starts_with("SAME") && std::any_of(s.dilation.begin(), s.dilation.end(), [](std::int64_t d) { return d != 1; }))
        c.refuse("auto_pad is ", c.word("auto_pad", ""), " of a dilated kernel, which ONNX and ONNX Runtime pad differently; with pads it can be read");
    attributes.merge(s.attributes());
    attributes["kernel"] = compact(s.kernel);
    if (c.integer("ceil_mode", 0))
        attributes["ceil"] = std::int64_t(1);
    im.bind(c, 0, im.add(c, shape.size() == 4 ? twoAxes : oneAxis, {x}, {}, attributes));
}

void maxPool(Importer& im, const Call& c) { pool(im, c, Op::MaxPool2d, Op::MaxPool1d, {}); }

void averagePool(Importer& im, const Call& c)
{
    pool(im, c, Op::AvgPool2d, Op::AvgPool1d, {{"count_padding", c.integer("count_include_pad", 0)}});
}

void globalAveragePool(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    const ValueId x = im.value(c, 0);
    const std::size_t rank = im.shape(x).size();
    if (rank == 4) {
        im.bind(c, 0, im.add(c, Op::AdaptiveAvgPool2d, {x}, {}, {{"size", std::int64_t(1)}}));
        return;
    }
    Ints axes;
    for (std::size_t i = 2; i < rank; ++i)
        axes.push_back(static_cast<std::int64_t>(i));
    im.bind(c, 0, im.add(c, Op::Mean, {x}, {}, {{"axes", axes}, {"keep", std::int64_t(1)}}));
}

void reduceMean(Importer& im, const Call& c)
{
    c.needInputs(1, 2);
    const ValueId x = im.value(c, 0);
    Ints axes = !c.input(1).empty() ? im.integersOf(c, 1, "axes") : c.integers("axes", {});
    if (axes.empty() && c.integer("noop_with_empty_axes", 0)) {
        im.bind(c, 0, x);
        return;
    }
    if (axes.empty())
        for (std::size_t i = 0; i < im.shape(x).size(); ++i)
            axes.push_back(static_cast<std::int64_t>(i));
    im.bind(c, 0, im.add(c, Op::Mean, {x}, {}, {{"axes", axes}, {"keep", c.integer("keepdims", 1)}}));
}

} // namespace

const RowTable& poolingRows()
{
    static const RowTable rows{{"MaxPool", maxPool}, {"AveragePool", averagePool}, {"GlobalAveragePool", globalAveragePool}, {"ReduceMean", reduceMean}};
    return rows;
}

} // namespace mprdo::onnx

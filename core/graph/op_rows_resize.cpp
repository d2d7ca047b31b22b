// SPDX-License-Identifier: GPL-3.0-or-later
// Resize as ONNX defines it (opset 11 to 25): axis by axis a matrix [output, input], since every mode is separable.
#include "core/graph/op_support.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace mprdo::ops {
namespace {

constexpr std::array<std::string_view, 7> kCoordinates{"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                                                       "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
constexpr std::array<std::string_view, 4> kNearest{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
constexpr std::array<std::string_view, 3> kModes{"nearest", "linear", "cubic"};

template <std::size_t N>
void needOneOf(const Node& node, const std::string& what, const std::string& word, const std::array<std::string_view, N>& known)
{
    if (std::find(known.begin(), known.end(), word) == known.end())
        misfit(node, what, " is ", word, ", which is not known");
}

/// One axis of a resize.
struct Axis {
    std::size_t dim;
    std::int64_t input, output;
    double scale, roiBegin = 0, roiEnd = 1;

    /// Where output element i lies in coordinates of the input. In float32, as runtimes compute it: what divides evenly there alone decides which
    /// element is the nearest.
    double source(std::int64_t i, const std::string& coordinates) const
    {
        const float x = float(i), out = float(output), in = float(input), by = float(scale), begin = float(roiBegin), end = float(roiEnd);
        if (coordinates == "asymmetric")
            return x / by;
        if (coordinates == "align_corners")
            return output == 1 ? 0 : x * (in - 1) / (out - 1);
        if (coordinates == "pytorch_half_pixel")
            return output > 1 ? (x + 0.5f) / by - 0.5f : 0;
        if (coordinates == "tf_half_pixel_for_nn")
            return (x + 0.5f) / by;
        if (coordinates == "tf_crop_and_resize")
            return output > 1 ? begin * (in - 1) + x * (end - begin) * (in - 1) / (out - 1) : 0.5f * (begin + end) * (in - 1);
        if (coordinates == "half_pixel_symmetric") {
            const float adjustment = out / (by * in), center = in / 2;
            return center * (1 - adjustment) + (x + 0.5f) / by - 0.5f;
        }
        return (x + 0.5f) / by - 0.5f;
    }
};

std::vector<Axis> resizedAxes(const Node& node, const Shape& x)
{
    const std::vector<std::size_t> axes = axesOf(node, x);
    const Ints sizes = node.integers("sizes", {});
    const std::vector<double> scales = node.numbers("scales", {}), roi = node.numbers("roi", {});
    if (sizes.size() != axes.size() || scales.size() != axes.size() || (!roi.empty() && roi.size() != 2 * axes.size()))
        misfit(node, "sizes, scales or roi do not fit ", axes.size(), " axes");
    std::vector<Axis> out;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axes[i];
        needFixed(node, x, axis);
        Axis a{axis, x[axis], sizes[i], scales[i]};
        if (!roi.empty()) {
            a.roiBegin = roi[i];
            a.roiEnd = roi[axes.size() + i];
        }
        if (a.output < 1 || !(a.scale > 0) || !std::isfinite(a.scale))
            misfit(node, "cannot resize ", shapeText(x), " to ", a.output, " along axis ", axis);
        out.push_back(a);
    }
    return out;
}

Shape resizeShape(const Node& node, const std::vector<Shape>& in, const ShapeOf&)
{
    needOneOf(node, "mode", node.word("mode", "nearest"), kModes);
    needOneOf(node, "coordinates", node.word("coordinates", "half_pixel"), kCoordinates);
    needOneOf(node, "nearest", node.word("nearest", "round_prefer_floor"), kNearest);
    Shape out = in[0];
    for (const Axis& axis : resizedAxes(node, in[0]))
        out[axis.dim] = axis.output;
    return out;
}

std::int64_t nearest(double x, const std::string& rule)
{
    if (rule == "floor")
        return static_cast<std::int64_t>(std::floor(x));
    if (rule == "ceil")
        return static_cast<std::int64_t>(std::ceil(x));
    return static_cast<std::int64_t>(rule == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5));
}

double cubic(double x, double a)
{
    x = std::abs(x);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// Weights of the input elements for each output element; elements beyond the edge are the edge's, or left out (exclude_outside).
at::Tensor matrix(const Node& node, const Axis& axis)
{
    const bool isCubic = node.word("mode", "nearest") == "cubic", excluded = node.integer("exclude_outside", 0) != 0;
    const double a = node.number("cubic_a", -0.75), stretch = node.integer("antialias", 0) && axis.scale < 1 ? axis.scale : 1;
    const double reach = (isCubic ? 2 : 1) / stretch;
    at::Tensor out = at::zeros({axis.output, axis.input}, at::kDouble);
    auto w = out.accessor<double, 2>();
    for (std::int64_t i = 0; i < axis.output; ++i) {
        double x = axis.source(i, node.word("coordinates", "half_pixel"));
        if (!isCubic && stretch == 1)
            x = std::clamp(x, 0.0, double(axis.input - 1));
        double sum = 0;
        for (auto k = static_cast<std::int64_t>(std::ceil(x - reach)); double(k) <= x + reach; ++k) {
            const double d = (double(k) - x) * stretch, weight = isCubic ? cubic(d, a) : std::max(0.0, 1 - std::abs(d));
            if (excluded && (k < 0 || k >= axis.input))
                continue;
            w[i][std::clamp<std::int64_t>(k, 0, axis.input - 1)] += weight;
            sum += weight;
        }
        if (sum != 0 && (excluded || stretch != 1))
            for (std::int64_t k = 0; k < axis.input; ++k)
                w[i][k] /= sum;
    }
    return out;
}

at::Tensor resizeExecute(const OpContext& c)
{
    at::Tensor x = c.inputs[0];
    const std::string coordinates = c.node.word("coordinates", "half_pixel");
    at::Tensor outside; // tf_crop_and_resize: elements whose source lies beyond the image
    for (const Axis& axis : resizedAxes(c.node, x.sizes().vec())) {
        const auto dim = static_cast<std::int64_t>(axis.dim);
        if (c.node.word("mode", "nearest") == "nearest") {
            Ints from;
            for (std::int64_t k = 0; k < axis.output; ++k)
                from.push_back(std::clamp<std::int64_t>(
                    nearest(axis.source(k, coordinates), c.node.word("nearest", "round_prefer_floor")), 0, axis.input - 1));
            x = x.index_select(dim, at::tensor(from, at::kLong));
        } else if (axis.output != axis.input || axis.scale != 1 || coordinates == "tf_crop_and_resize") {
            x = at::matmul(x.transpose(dim, -1), matrix(c.node, axis).to(x.scalar_type()).t()).transpose(dim, -1);
        }
        if (coordinates == "tf_crop_and_resize") {
            at::Tensor beyond = at::zeros({axis.output}, at::kBool);
            for (std::int64_t k = 0; k < axis.output; ++k)
                if (const double s = axis.source(k, coordinates); s < 0 || s > double(axis.input - 1))
                    beyond[k] = true;
            Ints shape(static_cast<std::size_t>(x.dim()), 1);
            shape[axis.dim] = axis.output;
            outside = outside.defined() ? outside | beyond.reshape(shape) : beyond.reshape(shape);
        }
    }
    if (outside.defined())
        x = x.masked_fill(outside, c.node.number("extrapolation", 0));
    return x.contiguous();
}

} // namespace

OpRow resizeRow() { return {Op::Resize, "resize", 1, 1, resizeShape, resizeExecute}; }

} // namespace mprdo::ops

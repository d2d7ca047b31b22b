// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that move values about; which way is a constant.
#include "core/import/onnx_importer.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace mprdo::onnx {
namespace {

std::int64_t axisIn(const Call& c, std::int64_t axis, std::size_t rank)
{
    const auto n = static_cast<std::int64_t>(rank);
    if (axis < -n || axis >= n)
        c.bad("axis ", axis, " of ", rank, " dimensions");
    return axis < 0 ? axis + n : axis;
}

std::int64_t product(Ints::const_iterator begin, Ints::const_iterator end)
{
    return std::accumulate(begin, end, std::int64_t(1), std::multiplies<>());
}

/// To a shape whose batch dimension, where x has one, is the first.
ValueId reshaped(Importer& im, const Call& c, ValueId x, Ints shape, const std::string& suffix = {})
{
    const bool free = !im.shape(x).empty() && im.shape(x)[0] == -1;
    if (free) {
        if (shape.empty() || shape[0] != -1)
            c.refuse("merges the batch dimension of ", shapeText(im.shape(x)), " with others");
        shape.erase(shape.begin());
    }
    return im.add(c, Op::Reshape, {x}, {}, {{"shape", shape}, {"whole", std::int64_t(!free)}}, suffix);
}

/// Fills in 0 (as in x), -1 (what is left) and the batch.
Ints targetShape(Importer& im, const Call& c, const Ints& x, Ints wanted)
{
    const bool free = !x.empty() && x[0] == -1;
    if (!c.integer("allowzero", 0))
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (wanted[i] == 0) {
                if (i >= x.size())
                    c.bad("shape ", shapeText(wanted), " takes dimension ", i, " of ", shapeText(x));
                wanted[i] = x[i] == -1 ? kBatch : x[i];
            }
    if (free && !wanted.empty() && wanted[0] == im.fileBatch() && wanted[0] > 0)
        wanted[0] = kBatch;
    if (std::count(wanted.begin(), wanted.end(), -1) > 1)
        c.bad("shape ", shapeText(wanted), " leaves two dimensions open");
    const std::int64_t have = product(x.begin() + free, x.end());
    const auto open = std::find(wanted.begin(), wanted.end(), -1);
    std::int64_t rest = 1, batches = 0;
    for (const std::int64_t d : wanted) {
        if (free && d == kBatch) {
            ++batches;
            continue;
        }
        if (d < -1 || (d != -1 && __builtin_mul_overflow(rest, d, &rest)) || rest > (std::int64_t(1) << 40))
            c.refuse("shape ", shapeText(wanted), " cannot be known before the network runs");
    }
    if (open != wanted.end()) {
        if (free && batches == 0 && rest == have) {
            *open = kBatch;
        } else {
            if (rest == 0 || have % rest != 0)
                c.bad("cannot reshape ", shapeText(x), " to ", shapeText(wanted));
            *open = have / rest;
        }
    }
    if (free)
        for (std::int64_t& d : wanted) {
            if (d != kBatch && d >= kBatch)
                c.refuse("merges the batch dimension of ", shapeText(x), " with others");
            d = d == kBatch ? -1 : d;
        }
    return wanted;
}

void reshape(Importer& im, const Call& c)
{
    c.needInputs(2, 2);
    const Ints wanted = im.integersOf(c, 1, "shape");
    if (const std::optional<ValueId> rows = im.rows(c.input(0))) { // taken apart again
        if (targetShape(im, c, im.shape(*rows), wanted) != im.shape(*rows))
            c.refuse("reads ", c.input(0), ", which merges the images of a batch with other dimensions");
        im.bind(c, 0, *rows);
        return;
    }
    const ValueId x = im.value(c, 0);
    const Ints& shape = im.shape(x);
    if (shape.size() > 2 && shape[0] == -1 && wanted.size() == 2 && wanted[0] == -1 && wanted[1] == shape.back()) {
        im.bindRows(c, x);
        return;
    }
    im.bind(c, 0, reshaped(im, c, x, targetShape(im, c, shape, wanted)));
}

void flatten(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    std::int64_t axis = c.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(shape.size());
    if (axis < -rank || axis > rank)
        c.bad("axis ", axis, " of ", rank, " dimensions");
    axis = axis < 0 ? axis + rank : axis;
    if (!shape.empty() && shape[0] == -1 && axis == 1 && rank > 1)
        im.bind(c, 0, im.add(c, Op::Flatten, {x}, {}, {{"axis", axis}}));
    else if (!shape.empty() && shape[0] == -1)
        c.refuse("merges the batch dimension of ", shapeText(shape), " with others");
    else
        im.bind(c, 0, reshaped(im, c, x, {product(shape.begin(), shape.begin() + axis), product(shape.begin() + axis, shape.end())}));
}

/// Axes from input 1 (opset 13) or the attribute.
Ints axesOf(Importer& im, const Call& c)
{
    return !c.input(1).empty() ? im.integersOf(c, 1, "axes") : c.integers("axes", {});
}

void squeeze(Importer& im, const Call& c)
{
    c.needInputs(1, 2);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x), axes = axesOf(im, c);
    std::vector<bool> gone(shape.size(), false);
    for (const std::int64_t a : axes)
        gone[static_cast<std::size_t>(axisIn(c, a, shape.size()))] = true;
    Ints out;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (gone[i] && shape[i] != 1)
            c.bad("squeezes dimension ", i, " of ", shapeText(shape));
        if (!(gone[i] || (axes.empty() && shape[i] == 1)))
            out.push_back(shape[i]);
    }
    im.bind(c, 0, reshaped(im, c, x, out));
}

void unsqueeze(Importer& im, const Call& c)
{
    c.needInputs(1, 2);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x), axes = axesOf(im, c);
    std::vector<bool> isNew(shape.size() + axes.size(), false);
    for (const std::int64_t a : axes)
        isNew[static_cast<std::size_t>(axisIn(c, a, isNew.size()))] = true;
    if (std::count(isNew.begin(), isNew.end(), true) != std::ptrdiff_t(axes.size()))
        c.bad("names an axis twice");
    Ints out;
    auto old = shape.begin();
    for (const bool added : isNew)
        out.push_back(added ? 1 : *old++);
    im.bind(c, 0, reshaped(im, c, x, out));
}

void transpose(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    const ValueId x = im.value(c, 0);
    Ints reversed(im.shape(x).size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    im.bind(c, 0, im.add(c, Op::Transpose, {x}, {}, {{"axes", c.integers("perm", reversed)}}));
}

void concat(Importer& im, const Call& c)
{
    c.needInputs(1, 1024);
    std::vector<ValueId> parts;
    for (std::size_t i = 0; i < c.inputs(); ++i)
        parts.push_back(im.value(c, i));
    std::size_t rank = im.shape(parts[0]).size();
    im.bind(c, 0, im.add(c, Op::Concat, parts, {}, {{"axis", axisIn(c, c.integer("axis", 0), rank)}}));
}

void split(Importer& im, const Call& c)
{
    c.needInputs(1, 2);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const std::int64_t axis = axisIn(c, c.integer("axis", 0), shape.size()), size = shape[static_cast<std::size_t>(axis)];
    if (size == -1)
        c.refuse("splits the batch dimension of ", shapeText(shape));
    Ints sizes = !c.input(1).empty() ? im.integersOf(c, 1, "split") : c.integers("split", {});
    const auto outputs = static_cast<std::int64_t>(c.node.outputs.size());
    if (const std::int64_t pieces = c.integer("num_outputs", outputs); pieces != outputs || (c.has("num_outputs") && !c.input(1).empty()))
        c.bad(pieces != outputs ? text("num_outputs is ", pieces, " of ", outputs, " outputs") : std::string("has both num_outputs and a list of sizes"));
    if (sizes.empty()) {
        if (im.opset() < 18 && size % outputs != 0) // from then on the last piece may be smaller
            c.bad("cannot split ", size, " into ", outputs, " equal pieces");
        const std::int64_t part = (size + outputs - 1) / outputs;
        for (std::int64_t i = 0; i < outputs; ++i)
            sizes.push_back(std::min(part, size - i * part));
    }
    std::int64_t begin = 0;
    const bool possible = std::all_of(sizes.begin(), sizes.end(), [&](std::int64_t piece) { return piece >= 1 && piece <= size; });
    if (static_cast<std::int64_t>(sizes.size()) != outputs || !possible || std::accumulate(sizes.begin(), sizes.end(), std::int64_t(0)) != size)
        c.bad("pieces of ", shapeText(sizes), " do not make the ", size, " of dimension ", axis);
    for (std::int64_t i = 0; i < outputs; ++i) {
        const std::int64_t end = begin + sizes[static_cast<std::size_t>(i)];
        im.bind(c, static_cast<std::size_t>(i), im.add(c, Op::Slice, {x}, {}, {{"axes", Ints{axis}}, {"starts", Ints{begin}}, {"ends", Ints{end}}, {"steps", Ints{1}}}, text(".", i)));
        begin = end;
    }
}

void slice(Importer& im, const Call& c)
{
    c.needInputs(1, 5);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const bool asInputs = im.opset() >= 10;
    const Ints starts = asInputs ? im.integersOf(c, 1, "starts") : c.integers("starts", {}), ends = asInputs ? im.integersOf(c, 2, "ends") : c.integers("ends", {});
    Ints axes(starts.size()), steps(starts.size(), 1);
    std::iota(axes.begin(), axes.end(), 0);
    if (asInputs && !c.input(3).empty())
        axes = im.integersOf(c, 3, "axes");
    else if (!asInputs)
        axes = c.integers("axes", axes);
    if (asInputs && !c.input(4).empty())
        steps = im.integersOf(c, 4, "steps");
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        c.bad("starts, ends, axes and steps differ in length");
    Ints kept, from, to, by;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axisIn(c, axes[i], shape.size()), size = shape[static_cast<std::size_t>(axis)], step = steps[i];
        if (step == 0)
            c.bad("a step of 0");
        if (size == -1) {
            if (starts[i] == 0 && ends[i] >= kBatch && step == 1)
                continue; // everything
            c.refuse("cuts the batch dimension of ", shapeText(shape));
        }
        const auto place = [&](std::int64_t v, std::int64_t low, std::int64_t high) { return std::clamp(v < 0 ? (v < -size ? std::int64_t(-1) : v + size) : v, low, high); };
        const std::int64_t start = step > 0 ? place(starts[i], 0, size) : place(starts[i], 0, size - 1);
        const std::int64_t end = step > 0 ? place(ends[i], 0, size) : place(ends[i], -1, size - 1);
        if (step > 0 ? start >= end : start <= end)
            c.refuse("cuts nothing out of ", shapeText(shape));
        if (start == 0 && end == size && step == 1)
            continue;
        kept.push_back(axis);
        from.push_back(start);
        to.push_back(end);
        by.push_back(step);
    }
    im.bind(c, 0, kept.empty() ? x : im.add(c, Op::Slice, {x}, {}, {{"axes", kept}, {"starts", from}, {"ends", to}, {"steps", by}}));
}

void gather(Importer& im, const Call& c)
{
    c.needInputs(2, 2);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const at::Tensor indices = im.needConstant(c, 1, "indices").value.to(at::kLong).contiguous();
    const std::int64_t axis = axisIn(c, c.integer("axis", 0), shape.size()), size = shape[static_cast<std::size_t>(axis)];
    if (size == -1)
        c.refuse("picks images out of the batch of ", shapeText(shape));
    Ints list(indices.data_ptr<std::int64_t>(), indices.data_ptr<std::int64_t>() + indices.numel());
    for (std::int64_t& i : list) {
        if (i < -size || i >= size)
            c.bad("index ", i, " of ", size);
        i = i < 0 ? i + size : i;
    }
    const ValueId picked = im.add(c, Op::Gather, {x}, {}, {{"axis", axis}, {"indices", list}});
    if (indices.dim() == 1) {
        im.bind(c, 0, picked);
        return;
    }
    Ints out(shape.begin(), shape.begin() + axis);
    out.insert(out.end(), indices.sizes().begin(), indices.sizes().end());
    out.insert(out.end(), shape.begin() + axis + 1, shape.end());
    im.bind(c, 0, reshaped(im, c, picked, out, ".shape"));
}

void pad(Importer& im, const Call& c)
{
    c.needInputs(1, 4);
    const ValueId x = im.value(c, 0);
    const std::size_t rank = im.shape(x).size();
    const bool asInputs = im.opset() >= 11;
    const Ints pads = asInputs ? im.integersOf(c, 1, "pads") : c.integers("pads", {});
    Ints axes(rank);
    std::iota(axes.begin(), axes.end(), 0);
    if (!c.input(3).empty())
        axes = im.integersOf(c, 3, "axes");
    if (pads.size() != 2 * axes.size())
        c.bad("pads ", shapeText(pads), " do not fit ", axes.size(), " axes");
    Ints before(rank, 0), after(rank, 0);
    std::vector<bool> named(static_cast<std::size_t>(rank), false);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axisIn(c, axes[i], rank));
        if (named[axis])
            c.bad("axis ", axis, " is named twice");
        named[axis] = true;
        before[axis] = pads[i];
        after[axis] = pads[axes.size() + i];
        if (std::abs(pads[i]) > (1 << 20) || std::abs(pads[axes.size() + i]) > (1 << 20))
            c.bad("pads ", shapeText(pads), " are out of bounds");
    }
    std::map<std::string, Attribute> attributes{{"before", before}, {"after", after}};
    if (const std::string mode = c.word("mode", "constant"); mode != "constant") {
        if (mode == "wrap" && im.opset() < 19)
            c.refuse("mode is wrap, which came with opset 19; the file is of opset ", im.opset());
        attributes["mode"] = mode;
    }
    const double value = !asInputs ? c.number("value", 0) : c.input(2).empty() ? 0 : im.numberOf(c, 2, "value");
    if (value != 0)
        attributes["value"] = value;
    im.bind(c, 0, im.add(c, Op::Pad, {x}, {}, attributes));
}

std::vector<double> doublesOf(Importer& im, const Call& c, std::size_t input, const char* what)
{
    if (c.input(input).empty())
        return {};
    const at::Tensor list = im.needConstant(c, input, what).value.to(at::kDouble).contiguous().reshape({-1});
    return {list.data_ptr<double>(), list.data_ptr<double>() + list.numel()};
}

/// A length that was computed: what no value can have is told before it becomes an integer.
std::int64_t sideOf(const Call& c, double length)
{
    constexpr double kMaxSide = 2147483648.0;
    if (!(length >= 1 && length <= kMaxSide))
        c.bad("resizes to ", length);
    return static_cast<std::int64_t>(length);
}

/// Resize of opset 10 on, and Upsample of 7 and 9, whose coordinates were asymmetric and whose nearest was the floor.
void resize(Importer& im, const Call& c)
{
    c.needInputs(1, 4);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const bool old = c.node.op == "Upsample" || im.opset() < 11;
    Ints axes(shape.size());
    std::iota(axes.begin(), axes.end(), 0);
    for (std::int64_t& a : axes = c.integers("axes", axes))
        a = axisIn(c, a, shape.size());
    std::vector<double> scales = c.has("scales") ? c.numbers("scales") : doublesOf(im, c, old ? 1 : 2, "scales"), roi;
    Ints sizes = old || c.input(3).empty() ? Ints() : im.integersOf(c, 3, "sizes");
    if (!old)
        roi = doublesOf(im, c, 1, "roi");
    if ((scales.empty() == sizes.empty()) || (!scales.empty() && scales.size() != axes.size()) || (!sizes.empty() && sizes.size() != axes.size())
        || (!roi.empty() && roi.size() != 2 * axes.size()))
        c.bad("scales, sizes or roi do not fit ", axes.size(), " axes");
    if (const std::string policy = c.word("keep_aspect_ratio_policy", "stretch"); policy != "stretch" && !sizes.empty()) {
        double common = policy == "not_larger" ? INFINITY : 0;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const double s = double(sizes[i]) / double(shape[static_cast<std::size_t>(axes[i])]);
            common = policy == "not_larger" ? std::min(common, s) : std::max(common, s);
        }
        for (std::size_t i = 0; i < axes.size(); ++i)
            sizes[i] = sideOf(c, std::floor(common * double(shape[static_cast<std::size_t>(axes[i])]) + 0.5));
        scales.assign(axes.size(), common);
    }
    const std::string coordinates = old ? "asymmetric" : c.word("coordinate_transformation_mode", "half_pixel");
    if (coordinates == "half_pixel_symmetric" && im.opset() < 19)
        c.refuse("coordinate_transformation_mode is half_pixel_symmetric, which came with opset 19; the file is of opset ", im.opset());
    if (coordinates == "tf_half_pixel_for_nn" && im.opset() >= 13)
        c.refuse("coordinate_transformation_mode is tf_half_pixel_for_nn, which there is up to opset 12; the file is of opset ", im.opset());
    Ints kept, to;
    std::vector<double> by, begins, ends;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t size = shape[static_cast<std::size_t>(axes[i])];
        if (size == -1) {
            if ((!scales.empty() && scales[i] != 1) || (!sizes.empty() && sizes[i] != kBatch && sizes[i] != im.fileBatch()))
                c.refuse("resizes the batch dimension of ", shapeText(shape));
            continue;
        }
        if (coordinates == "tf_crop_and_resize" && sizes.empty() && !roi.empty() && roi[axes.size() + i] - roi[i] != 1)
            c.refuse("resizes the region from ", roi[i], " to ", roi[axes.size() + i], " by a scale, which ONNX takes as one of the region and ONNX Runtime "
                     "as one of the whole; with sizes instead of scales it can be read");
        const double wanted = scales.empty() ? 0 : scales[i];
        if (!scales.empty() && !(wanted > 0 && wanted < 1e6))
            c.bad("a scale of ", wanted);
        const std::int64_t output = sideOf(c, !sizes.empty() ? double(sizes[i]) : std::floor(double(static_cast<float>(size) * static_cast<float>(wanted)))); // as runtimes multiply
        kept.push_back(axes[i]);
        to.push_back(output);
        by.push_back(!scales.empty() ? wanted : double(output) / double(size));
        if (!roi.empty()) {
            begins.push_back(roi[i]);
            ends.push_back(roi[axes.size() + i]);
        }
    }
    std::string mode = c.word("mode", "nearest");
    mode = mode == "bilinear" ? "linear" : mode;
    std::map<std::string, Attribute> attributes{{"axes", kept}, {"sizes", to}, {"scales", by}, {"mode", mode}, {"coordinates", coordinates}};
    if (mode == "nearest")
        attributes["nearest"] = old ? std::string("floor") : c.word("nearest_mode", "round_prefer_floor");
    if (mode == "cubic")
        attributes["cubic_a"] = c.number("cubic_coeff_a", -0.75);
    if (c.integer("exclude_outside", 0))
        attributes["exclude_outside"] = std::int64_t(1);
    if (c.integer("antialias", 0))
        attributes["antialias"] = std::int64_t(1);
    if (coordinates == "tf_crop_and_resize") {
        begins.insert(begins.end(), ends.begin(), ends.end());
        attributes["roi"] = begins;
        attributes["extrapolation"] = c.number("extrapolation_value", 0);
    }
    // Up to opset 10 nearest is the next element where there become fewer and the one before where there become more.
    const auto shrinks = [&](std::size_t i) { return old && mode == "nearest" && by[i] < 1; };
    std::map<std::string, Attribute> shrinking = attributes;
    Ints first, rest, firstTo, restTo;
    std::vector<double> firstBy, restBy;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        (shrinks(i) ? first : rest).push_back(kept[i]);
        (shrinks(i) ? firstTo : restTo).push_back(to[i]);
        (shrinks(i) ? firstBy : restBy).push_back(by[i]);
    }
    ValueId y = x;
    if (!first.empty()) {
        shrinking["nearest"] = std::string("ceil");
        shrinking["axes"] = first;
        shrinking["sizes"] = firstTo;
        shrinking["scales"] = firstBy;
        y = im.add(c, Op::Resize, {y}, {}, shrinking, rest.empty() ? "" : ".smaller");
        attributes["axes"] = rest;
        attributes["sizes"] = restTo;
        attributes["scales"] = restBy;
    }
    if (first.empty() || !rest.empty())
        y = im.add(c, Op::Resize, {y}, {}, attributes);
    im.bind(c, 0, y);
}

} // namespace

const RowTable& shapeRows()
{
    static const RowTable rows{
        {"Reshape", reshape}, {"Flatten", flatten}, {"Squeeze", squeeze}, {"Unsqueeze", unsqueeze}, {"Transpose", transpose}, {"Concat", concat},
        {"Split", split},     {"Slice", slice},     {"Gather", gather},   {"Pad", pad},             {"Resize", resize},       {"Upsample", resize},
    };
    return rows;
}

} // namespace mprdo::onnx

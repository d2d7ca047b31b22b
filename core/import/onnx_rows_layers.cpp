// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that hold weights, and norms.
#include "core/graph/channel_order.h"
#include "core/import/onnx_importer.h"
#include "core/import/onnx_padding.h"
#include <algorithm>

namespace mprdo::onnx {
namespace {

Ints spatial(const Ints& shape) { return {shape.begin() + std::min<std::ptrdiff_t>(2, std::ptrdiff_t(shape.size())), shape.end()}; }

/// The parameters of a layer with the given weight and, unless it is left out, the bias of input 2.
std::map<std::string, std::string> layerParameters(Importer& im, const Call& c, const Constant& weight, const std::string& transform)
{
    std::map<std::string, std::string> out{{"weight", im.parameter(c, weight, "weight", transform)}};
    if (!c.input(2).empty())
        out["bias"] = im.parameter(c, im.needConstant(c, 2, "bias"), "bias");
    return out;
}

void conv(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    const ValueId x = im.value(c, 0);
    const Ints& shape = im.shape(x);
    const Constant& w = im.needConstant(c, 1, "weight");
    const std::size_t axes = shape.size() < 3 ? 0 : shape.size() - 2;
    if (axes < 1 || axes > 2)
        c.refuse("an input of the shape ", shapeText(shape), "; convolutions of one and two dimensions can be read");
    if (w.value.dim() != static_cast<std::int64_t>(shape.size()))
        c.bad("a weight of the shape ", shapeText(w.value.sizes()), " for an input of the shape ", shapeText(shape));
    auto attributes = slidingOf(c, spatial(shape), spatial(w.value.sizes().vec())).attributes();
    attributes["groups"] = c.integer("group", 1);
    im.bind(c, 0, im.add(c, axes == 2 ? Op::Conv2d : Op::Conv1d, {x}, layerParameters(im, c, w, {}), attributes));
}

/// Scales along ONNX's axis 1 (one group) or, depthwise, 0 are our axis 0. Between the two no axis of ONNX has them, and files hold
/// the integers in our order and turn them. Others cannot be kept as integers.
std::optional<QuantizedTensor> outputsFirst(const Constant& w, std::int64_t groups)
{
    const auto& q = w.quantized;
    if (const auto& before = w.reordered; before && before->grid.axis == 0) {
        const at::Tensor ours = channelsSwapped(w.value, groups);
        return ours.sizes() == before->codes.sizes() && at::equal(ours, before->values()) ? before : std::nullopt;
    }
    if (!q)
        return {};
    const bool perOutput = (groups == 1 && q->grid.axis == 1) || (w.value.size(1) == 1 && q->grid.axis == 0);
    if (q->grid.scale.numel() > 1 && !perOutput)
        return {};
    QuantizedTensor out{q->grid, channelsSwapped(q->codes, groups)};
    out.grid.axis = 0;
    return out;
}

void convTranspose(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const Constant& given = im.needConstant(c, 1, "weight");
    const std::size_t axes = shape.size() < 3 ? 0 : shape.size() - 2;
    const std::int64_t groups = c.integer("group", 1);
    if (axes < 1 || axes > 2)
        c.refuse("an input of the shape ", shapeText(shape), "; transposed convolutions of one and two dimensions can be read");
    if (given.value.dim() != static_cast<std::int64_t>(shape.size()) || groups < 1 || given.value.size(0) % groups != 0
        || given.value.size(0) != shape[1])
        c.bad("a weight of the shape ", shapeText(given.value.sizes()), " in ", groups, " groups for an input of the shape ", shapeText(shape));
    const Constant w{channelsSwapped(given.value, groups), outputsFirst(given, groups), given.name};
    const Ints kernel = spatial(given.value.sizes().vec()), wanted = c.integers("output_shape", {}), size = spatial(shape);
    Sliding s = slidingOf(c, size, kernel);
    Ints extra = c.integers("output_padding", Ints(axes, 0));
    const std::string automatic = c.word("auto_pad", "NOTSET");
    if (extra.size() != axes || (!wanted.empty() && wanted.size() != axes && wanted.size() != axes + 2))
        c.bad("output_padding or output_shape do not fit an input with ", axes, " axes");
    for (std::size_t i = 0; i < axes; ++i) {
        const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
        if (wanted.empty() && !same)
            continue;
        const std::int64_t output = wanted.empty() ? size[i] * s.stride[i] : wanted[wanted.size() - axes + i];
        const std::int64_t total = s.stride[i] * (size[i] - 1) + extra[i] + s.dilation[i] * (kernel[i] - 1) + 1 - output;
        if (total < 0)
            extra[i] -= total;
        const std::int64_t cut = std::max<std::int64_t>(0, total);
        s.before[i] = automatic == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
        s.after[i] = cut - s.before[i];
    }
    auto attributes = s.attributes();
    attributes["groups"] = groups;
    attributes["output_padding"] = compact(extra);
    im.bind(c, 0, im.add(c, axes == 2 ? Op::ConvTranspose2d : Op::ConvTranspose1d, {x}, layerParameters(im, c, w, text("transposed ", groups)), attributes));
}

Constant transposed(const Constant& w)
{
    Constant out{w.value.t().contiguous(), w.quantized, w.name, w.turned};
    if (out.quantized) {
        out.quantized->codes = out.quantized->codes.t().contiguous();
        out.quantized->grid.axis = 1 - out.quantized->grid.axis;
    }
    return out;
}

/// A constant weight [K, N] as a linear layer's [N, K]; scales that run along K cannot be kept as integers per output.
std::string linearWeight(Importer& im, const Call& c, const Constant& w, bool isTransposed)
{
    Constant out = isTransposed ? w : transposed(w);
    if (out.quantized && out.quantized->grid.scale.numel() > 1 && out.quantized->grid.axis != 0)
        out.quantized.reset();
    if (out.quantized)
        out.quantized->grid.axis = 0;
    return im.parameter(c, out, "weight", isTransposed ? "" : "t");
}

ValueId turned(Importer& im, const Call& c, ValueId v)
{
    return im.add(c, Op::Transpose, {v}, {}, {{"axes", Ints{1, 0}}}, ".transpose");
}

void gemm(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    const double alpha = c.number("alpha", 1), beta = c.number("beta", 1);
    const std::optional<ValueId> rows = im.rows(c.input(0));
    ValueId x = rows && !c.integer("transA", 0) && im.constant(c.input(1)) ? *rows : im.value(c, 0);
    if (im.shape(x).size() != 2 && !rows)
        c.bad("an input of the shape ", shapeText(im.shape(x)), ", expected two dimensions");
    if (c.integer("transA", 0))
        x = turned(im, c, x);
    const bool transB = c.integer("transB", 0) != 0;
    const Constant* weight = im.constant(c.input(1));
    if (weight && weight->value.dim() == 2) {
        Constant w = *weight;
        if (alpha != 1)
            w = {w.value * alpha, {}, {}};
        const std::int64_t outputs = w.value.size(transB ? 0 : 1);
        std::map<std::string, std::string> parameters{{"weight", linearWeight(im, c, w, transB)}};
        const Constant* bias = c.input(2).empty() ? nullptr : im.constant(c.input(2));
        const bool perOutput = bias && (bias->value.numel() == 1 || bias->value.numel() == outputs) && (bias->value.dim() == 0 || bias->value.size(-1) == bias->value.numel());
        if (perOutput) {
            const bool asItIs = beta == 1 && bias->value.sizes() == at::IntArrayRef{outputs};
            parameters["bias"] = im.parameter(c, asItIs ? *bias : Constant{(bias->value.to(at::kFloat) * beta).reshape({-1}).expand({outputs}).contiguous(), {}, {}}, "bias");
        }
        ValueId y = im.add(c, Op::Linear, {x}, parameters);
        if (!perOutput && !c.input(2).empty()) {
            if (!bias)
                c.refuse("its bias ", c.input(2), " is computed while the network runs; it must be a constant");
            y = im.add(c, Op::Add, {y}, {{"constant", im.parameter(c, {bias->value.to(at::kFloat) * beta, {}, {}}, "bias")}}, {}, ".bias");
        }
        if (rows)
            im.bindRows(c, y);
        else
            im.bind(c, 0, y);
        return;
    }
    ValueId b = im.value(c, 1);
    if (transB)
        b = turned(im, c, b);
    ValueId y = im.add(c, Op::MatMul, {x, b});
    const auto scaled = [&](ValueId v, double factor, const char* suffix) {
        return factor == 1 ? v : im.add(c, Op::Mul, {v}, {{"constant", im.parameter(c, {at::full({1}, factor, at::kFloat), {}, {}}, "constant")}}, {}, suffix);
    };
    y = scaled(y, alpha, ".alpha");
    if (!c.input(2).empty())
        y = im.add(c, Op::Add, {y, scaled(im.value(c, 2), beta, ".beta")}, {}, {}, ".bias");
    im.bind(c, 0, y);
}

void matMul(Importer& im, const Call& c)
{
    c.needInputs(2, 2);
    const Constant *a = im.constant(c.input(0)), *b = im.constant(c.input(1));
    if (b && !a && b->value.dim() == 2 && im.shape(im.value(c, 0)).size() >= 2) {
        im.bind(c, 0, im.add(c, Op::Linear, {im.value(c, 0)}, {{"weight", linearWeight(im, c, *b, false)}}));
        return;
    }
    if (a && b)
        c.refuse("both of its inputs are constants");
    if (a || b) {
        std::map<std::string, Attribute> attributes;
        if (a)
            attributes["constant_first"] = std::int64_t(1);
        im.bind(c, 0, im.add(c, Op::MatMul, {im.value(c, a ? 1 : 0)}, {{"constant", im.parameter(c, a ? *a : *b, "constant")}}, attributes));
        return;
    }
    im.bind(c, 0, im.add(c, Op::MatMul, {im.value(c, 0), im.value(c, 1)}));
}

void batchNorm(Importer& im, const Call& c)
{
    c.needInputs(5, 5);
    // Up to opset 13 further outputs are what says that it is training; from 14 on an attribute does.
    const auto made = std::count_if(c.node.outputs.begin(), c.node.outputs.end(), [](const std::string& o) { return !o.empty(); });
    constexpr const char* kTraining = "it is in training form, which normalises each batch by that batch's own mean and variance; "
                                      "export the network for inference (evaluation mode)";
    if (im.opset() < 14 && made > 1)
        c.refuse("has ", made, " outputs: ", kTraining);
    if (c.integer("training_mode", 0))
        c.refuse("training_mode is ", c.integer("training_mode", 0), ": ", kTraining);
    c.onlyFirstOutput();
    if (c.integer("spatial", 1) != 1)
        c.refuse("spatial is ", c.integer("spatial", 1), ": a mean and variance of each element cannot be read, only those of each channel");
    std::map<std::string, std::string> parameters;
    constexpr const char* roles[] = {"weight", "bias", "mean", "variance"};
    constexpr const char* names[] = {"norm_weight", "norm_bias", "running_mean", "running_var"};
    for (std::size_t i = 0; i < 4; ++i)
        parameters[roles[i]] = im.parameter(c, im.needConstant(c, i + 1, roles[i]), names[i]);
    im.bind(c, 0, im.add(c, Op::BatchNorm, {im.value(c, 0)}, parameters, {{"epsilon", c.number("epsilon", 1e-5)}}));
}

void layerNorm(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    c.onlyFirstOutput();
    const ValueId x = im.value(c, 0);
    const auto rank = static_cast<std::int64_t>(im.shape(x).size());
    std::int64_t axis = c.integer("axis", -1);
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis >= rank)
        c.bad("axis ", c.integer("axis", -1), " of an input of ", rank, " dimensions");
    const Ints normed(im.shape(x).begin() + axis, im.shape(x).end());
    std::map<std::string, std::string> parameters;
    constexpr const char* roles[] = {"weight", "bias"};
    for (std::size_t i = 0; i < 2; ++i)
        if (!c.input(i + 1).empty()) {
            Constant p = im.needConstant(c, i + 1, roles[i]);
            if (p.value.sizes() != at::IntArrayRef(normed)) {
                if (p.value.dim() > static_cast<std::int64_t>(normed.size()))
                    c.bad("its ", roles[i], " has the shape ", shapeText(p.value.sizes()), ", expected ", shapeText(normed));
                p = {p.value.expand(normed).contiguous(), {}, {}};
            }
            parameters[roles[i]] = im.parameter(c, p, i == 0 ? "norm_weight" : "norm_bias");
        }
    im.bind(c, 0, im.add(c, Op::LayerNorm, {x}, parameters, {{"axis", axis}, {"epsilon", c.number("epsilon", 1e-5)}}));
}

} // namespace

const RowTable& layerRows()
{
    static const RowTable rows{{"Conv", conv},     {"ConvTranspose", convTranspose},   {"Gemm", gemm},
                               {"MatMul", matMul}, {"BatchNormalization", batchNorm}, {"LayerNormalization", layerNorm}};
    return rows;
}

} // namespace mprdo::onnx

// SPDX-License-Identifier: GPL-3.0-or-later
// Constant folding: the ops that exporters compute shapes and weights with.
#include "core/import/onnx_importer.h"
#include <algorithm>
#include <numeric>

namespace mprdo::onnx {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t(1) << 28; ///< of a constant that is computed

struct Folding {
    const Call& call;
    std::int64_t opset;
    const std::vector<const Constant*>& inputs;

    const at::Tensor& at(std::size_t i) const
    {
        if (i >= inputs.size() || !inputs[i])
            call.bad("input ", i, " is left out");
        return inputs[i]->value;
    }
    bool has(std::size_t i) const { return i < inputs.size() && inputs[i]; }
    Ints list(std::size_t i) const
    {
        const at::Tensor t = at(i).to(at::kLong).contiguous().reshape({-1});
        if (t.numel() > 4096)
            call.bad("input ", i, " has ", t.numel(), " elements");
        return Ints(t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel());
    }
    Ints axes(std::size_t input) const { return has(input) ? list(input) : call.integers("axes", {}); }
};

using Fold = at::Tensor (*)(const Folding&);

Ints checkedShape(const Folding& f, Ints shape)
{
    std::int64_t elements = 1;
    for (const std::int64_t d : shape)
        if (d < 0 || d > kMaxElements || (elements *= std::max<std::int64_t>(d, 1)) > kMaxElements)
            f.call.refuse("makes a constant of the shape ", shapeText(shape));
    return shape;
}

at::ScalarType typeOf(const Folding& f, std::int64_t elementType)
{
    switch (elementType) {
    case onnx_type::kFloat:
        return at::kFloat;
    case onnx_type::kFloat16:
        return at::kHalf;
    case onnx_type::kBfloat16:
        return at::kBFloat16;
    case onnx_type::kDouble:
        return at::kDouble;
    case onnx_type::kBool:
        return at::kBool;
    case onnx_type::kInt8:
        return at::kChar;
    case onnx_type::kUint8:
        return at::kByte;
    case onnx_type::kInt16:
        return at::kShort;
    case onnx_type::kInt32:
    case onnx_type::kUint16:
        return at::kInt;
    case onnx_type::kInt64:
    case onnx_type::kUint32:
    case onnx_type::kUint64:
        return at::kLong;
    default:
        f.call.refuse("casts to the element type ", elementType);
    }
}

at::Tensor constantNode(const Folding& f)
{
    const auto& attributes = f.call.node.attributes;
    if (attributes.size() != 1)
        f.call.bad("has ", attributes.size(), " attributes, expected its value");
    const OnnxAttribute& value = attributes.begin()->second;
    if (const auto* tensor = std::get_if<OnnxTensor>(&value))
        return tensor->value;
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return at::scalar_tensor(*integer, at::kLong);
    if (const auto* number = std::get_if<double>(&value))
        return at::scalar_tensor(*number, at::kFloat);
    if (const auto* integers = std::get_if<Ints>(&value))
        return at::tensor(*integers, at::kLong);
    if (const auto* numbers = std::get_if<std::vector<double>>(&value))
        return at::tensor(*numbers, at::kDouble).to(at::kFloat);
    f.call.refuse("its value is neither a tensor nor numbers");
}

at::Tensor same(const Folding& f) { return f.at(0); }
at::Tensor cast(const Folding& f) { return f.at(0).to(typeOf(f, f.call.integer("to", 0))); }
at::Tensor shapeOf(const Folding& f) { return at::tensor(shapeBetween(f.call, f.at(0).sizes().vec()), at::kLong); }

at::Tensor constantOfShape(const Folding& f)
{
    const Ints shape = checkedShape(f, f.list(0));
    const auto it = f.call.node.attributes.find("value");
    const auto* value = it == f.call.node.attributes.end() ? nullptr : std::get_if<OnnxTensor>(&it->second);
    if (value && value->value.numel() != 1)
        f.call.bad("its value has ", value->value.numel(), " elements");
    return value ? value->value.reshape({-1}).expand({1}).reshape(Ints(shape.size(), 1)).expand(shape).clone() : at::zeros(shape, at::kFloat);
}

at::Tensor expand(const Folding& f)
{
    Ints shape = f.list(1);
    if (!shape.empty() && shape[0] == kBatch) // one for each image: a constant of one does as well
        shape[0] = 1;
    checkedShape(f, shape);
    const at::Tensor& x = f.at(0);
    Ints out(std::max<std::size_t>(shape.size(), static_cast<std::size_t>(x.dim())), 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int64_t a = i < shape.size() ? shape[shape.size() - 1 - i] : 1;
        const std::int64_t b = i < static_cast<std::size_t>(x.dim()) ? x.size(x.dim() - 1 - static_cast<std::int64_t>(i)) : 1;
        out[out.size() - 1 - i] = a == 1 ? b : a;
    }
    return x.expand(checkedShape(f, out)).clone();
}

at::Tensor range(const Folding& f)
{
    const double begin = f.at(0).to(at::kDouble).item<double>(), end = f.at(1).to(at::kDouble).item<double>(), step = f.at(2).to(at::kDouble).item<double>();
    if (!(step != 0) || !(std::abs((end - begin) / step) < 1e7))
        f.call.refuse("makes a range that cannot be known before the network runs");
    return at::arange(begin, end, step, at::kDouble).to(f.at(0).scalar_type());
}

at::Tensor gather(const Folding& f)
{
    const at::Tensor &x = f.at(0), indices = f.at(1).to(at::kLong);
    const std::int64_t axis = at::maybe_wrap_dim(f.call.integer("axis", 0), x.dim());
    const at::Tensor flat = indices.reshape({-1}), wrapped = at::where(flat < 0, flat + x.size(axis), flat);
    Ints shape(x.sizes().begin(), x.sizes().begin() + axis);
    shape.insert(shape.end(), indices.sizes().begin(), indices.sizes().end());
    shape.insert(shape.end(), x.sizes().begin() + axis + 1, x.sizes().end());
    return x.index_select(axis, wrapped).reshape(shape);
}

at::Tensor concat(const Folding& f)
{
    std::vector<at::Tensor> parts;
    for (std::size_t i = 0; i < f.inputs.size(); ++i)
        parts.push_back(f.at(i));
    return at::cat(parts, f.call.integer("axis", 0));
}

at::Tensor slice(const Folding& f)
{
    at::Tensor x = f.at(0);
    const bool asInputs = f.opset >= 10;
    const Ints starts = asInputs ? f.list(1) : f.call.integers("starts", {}), ends = asInputs ? f.list(2) : f.call.integers("ends", {});
    Ints axes(starts.size()), steps(starts.size(), 1);
    std::iota(axes.begin(), axes.end(), 0);
    if (asInputs && f.has(3))
        axes = f.list(3);
    else if (!asInputs)
        axes = f.call.integers("axes", axes);
    if (asInputs && f.has(4))
        steps = f.list(4);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (i >= ends.size() || i >= axes.size() || i >= steps.size() || steps[i] == 0)
            f.call.bad("starts, ends, axes and steps do not fit");
        const std::int64_t axis = at::maybe_wrap_dim(axes[i], x.dim()), size = x.size(axis), step = steps[i];
        if (step > 0) {
            x = x.slice(axis, std::max(starts[i], -size), std::max(ends[i], -size), step);
            continue;
        }
        const auto place = [&](std::int64_t v, std::int64_t least) { return std::clamp<std::int64_t>(v < 0 ? std::max(v, -size - 1) + size : v, least, size - 1); };
        Ints picked;
        for (std::int64_t k = place(starts[i], 0), end = place(ends[i], -1); size > 0 && k > end; k += step)
            picked.push_back(k);
        x = x.index_select(axis, at::tensor(picked, at::kLong));
    }
    return x;
}

at::Tensor squeeze(const Folding& f)
{
    Ints axes = f.axes(1);
    if (axes.empty())
        return f.at(0).squeeze();
    at::Tensor x = f.at(0);
    for (std::int64_t& a : axes)
        a = at::maybe_wrap_dim(a, x.dim());
    std::sort(axes.rbegin(), axes.rend());
    for (const std::int64_t a : axes) {
        if (x.size(a) != 1)
            f.call.bad("squeezes dimension ", a, " of ", shapeText(f.at(0).sizes()));
        x = x.squeeze(a);
    }
    return x;
}

at::Tensor unsqueeze(const Folding& f)
{
    Ints axes = f.axes(1);
    at::Tensor x = f.at(0);
    const std::int64_t rank = x.dim() + static_cast<std::int64_t>(axes.size());
    for (std::int64_t& a : axes)
        a = at::maybe_wrap_dim(a, rank);
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
        f.call.bad("names an axis twice");
    for (const std::int64_t a : axes)
        x = x.unsqueeze(a);
    return x;
}

at::Tensor reshape(const Folding& f)
{
    Ints shape = f.list(1);
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] == 0 && !f.call.integer("allowzero", 0))
            shape[i] = f.at(0).size(static_cast<std::int64_t>(i));
    return f.at(0).reshape(shape);
}

Ints order(const Folding& f)
{
    Ints reversed(static_cast<std::size_t>(f.at(0).dim()));
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return f.call.integers("perm", reversed);
}

at::Tensor transpose(const Folding& f) { return f.at(0).permute(order(f)).contiguous(); }

/// Of all inputs, however many.
template <at::Tensor (*Of)(const at::Tensor&, const at::Tensor&)>
at::Tensor extreme(const Folding& f)
{
    at::Tensor out = f.at(0);
    for (std::size_t i = 1; i < f.inputs.size(); ++i)
        out = Of(out, f.at(i));
    return out;
}

at::Tensor div(const Folding& f)
{
    return at::isFloatingType(f.at(0).scalar_type()) ? at::div(f.at(0), f.at(1)) : at::div(f.at(0), f.at(1), "trunc");
}

const std::map<std::string_view, Fold>& folds()
{
    static const std::map<std::string_view, Fold> all{
        {"Constant", constantNode},
        {"Identity", same},
        {"Cast", cast},
        {"Shape", shapeOf},
        {"ConstantOfShape", constantOfShape},
        {"Expand", expand},
        {"Range", range},
        {"Gather", gather},
        {"Concat", concat},
        {"Slice", slice},
        {"Squeeze", squeeze},
        {"Unsqueeze", unsqueeze},
        {"Reshape", reshape},
        {"Transpose", transpose},
        {"Div", div},
        {"Add", [](const Folding& f) { return f.at(0) + f.at(1); }},
        {"Sub", [](const Folding& f) { return f.at(0) - f.at(1); }},
        {"Mul", [](const Folding& f) { return f.at(0) * f.at(1); }},
        {"Pow", [](const Folding& f) { return at::pow(f.at(0), f.at(1)).to(f.at(0).scalar_type()); }},
        {"Sqrt", [](const Folding& f) { return f.at(0).sqrt(); }},
        {"Neg", [](const Folding& f) { return f.at(0).neg(); }},
        {"Floor", [](const Folding& f) { return f.at(0).floor(); }},
        {"Ceil", [](const Folding& f) { return f.at(0).ceil(); }},
        {"Min", extreme<at::minimum>},
        {"Max", extreme<at::maximum>},
        {"Equal", [](const Folding& f) { return at::eq(f.at(0), f.at(1)); }},
        {"Where", [](const Folding& f) { return at::where(f.at(0).to(at::kBool), f.at(1), f.at(2)); }},
    };
    return all;
}

/// The integers stay integers where their order alone changes, and as they were before where no axis has the scales any more.
void moveIntegers(const Folding& f, const std::string& op, Constant& out)
{
    const Constant* from = f.inputs.empty() ? nullptr : f.inputs[0];
    if (!from || (!from->quantized && !from->reordered) || (op != "Identity" && op != "Transpose" && op != "Reshape"))
        return;
    if (op == "Identity") {
        out.quantized = from->quantized;
        out.reordered = from->reordered;
    } else if (op == "Transpose" && from->quantized) {
        const Ints axes = order(f);
        out.quantized = from->quantized;
        out.quantized->codes = from->quantized->codes.permute(axes).contiguous();
        out.quantized->grid.axis = std::find(axes.begin(), axes.end(), from->quantized->grid.axis) - axes.begin();
    } else if (op == "Reshape" && from->quantized && from->quantized->grid.scale.numel() == 1) {
        out.quantized = from->quantized;
        out.quantized->codes = from->quantized->codes.reshape(out.value.sizes());
        out.quantized->grid.axis = 0;
    } else {
        out.reordered = from->quantized ? from->quantized : from->reordered;
    }
}

} // namespace

Ints shapeBetween(const Call& c, const Ints& shape)
{
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto place = [&](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank); };
    const std::int64_t begin = place(c.integer("start", 0)), end = place(c.integer("end", rank));
    return {shape.begin() + begin, shape.begin() + std::max(begin, end)};
}

std::optional<Constant> folded(const Call& call, std::int64_t opset, const std::vector<const Constant*>& inputs)
{
    const auto it = folds().find(call.node.op);
    if (it == folds().end() || (inputs.empty() && call.node.op != "Constant"))
        return {};
    const Folding f{call, opset, inputs};
    Constant out{it->second(f), {}, {}, false};
    moveIntegers(f, call.node.op, out);
    if (call.node.op == "Identity" || (call.node.op == "Transpose" && f.at(0).dim() == 2 && order(f) == Ints{1, 0})) {
        out.name = inputs[0]->name;
        out.turned = inputs[0]->turned != (call.node.op == "Transpose");
    }
    return out;
}

} // namespace mprdo::onnx

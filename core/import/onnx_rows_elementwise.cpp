// SPDX-License-Identifier: GPL-3.0-or-later
// Activations, and ops of two values.
#include "core/import/onnx_importer.h"
#include <cmath>

namespace mprdo::onnx {
namespace {

template <Op op>
void plain(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    im.bind(c, 0, im.add(c, op, {im.value(c, 0)}));
}

void same(Importer& im, const Call& c) { im.bind(c, 0, im.value(c, 0)); }

void leakyRelu(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    im.bind(c, 0, im.add(c, Op::LeakyRelu, {im.value(c, 0)}, {}, {{"alpha", c.number("alpha", 0.01)}}));
}

void prelu(Importer& im, const Call& c)
{
    c.needInputs(2, 2);
    im.bind(c, 0, im.add(c, Op::PRelu, {im.value(c, 0)}, {{"slope", im.parameter(c, im.needConstant(c, 1, "slope"), "slope")}}));
}

void clip(Importer& im, const Call& c)
{
    c.needInputs(1, 3);
    std::map<std::string, Attribute> attributes;
    constexpr const char* names[] = {"min", "max"};
    for (std::size_t i = 0; i < 2; ++i)
        if (im.opset() < 11 && c.has(names[i]))
            attributes[names[i]] = c.number(names[i], 0);
        else if (im.opset() >= 11 && !c.input(i + 1).empty())
            attributes[names[i]] = im.numberOf(c, i + 1, names[i]);
    im.bind(c, 0, im.add(c, Op::Clamp, {im.value(c, 0)}, {}, attributes));
}

void hardSigmoid(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    im.bind(c, 0, im.add(c, Op::HardSigmoid, {im.value(c, 0)}, {}, {{"alpha", c.number("alpha", 0.2)}, {"beta", c.number("beta", 0.5)}}));
}

void gelu(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    im.bind(c, 0, im.add(c, Op::Gelu, {im.value(c, 0)}, {}, {{"approximate", c.word("approximate", "none")}}));
}

/// Softmax and LogSoftmax. Before opset 13 everything from the axis on is one row.
template <bool isLog>
void softmax(Importer& im, const Call& c)
{
    c.needInputs(1, 1);
    const ValueId x = im.value(c, 0);
    const Ints shape = im.shape(x);
    const auto rank = static_cast<std::int64_t>(shape.size());
    std::int64_t axis = c.integer("axis", im.opset() < 13 ? 1 : -1);
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis >= rank)
        c.bad("axis ", c.integer("axis", -1), " of an input of ", rank, " dimensions");
    std::map<std::string, Attribute> attributes{{"axis", axis}};
    if (isLog)
        attributes["log"] = std::int64_t(1);
    if (im.opset() >= 13 || axis == rank - 1) {
        im.bind(c, 0, im.add(c, Op::Softmax, {x}, {}, attributes));
        return;
    }
    const bool free = shape[0] == -1;
    if (free && axis == 0)
        c.refuse("works along the batch dimension of ", shapeText(shape));
    Ints rows(shape.begin() + free, shape.begin() + axis), back(shape.begin() + free, shape.end());
    std::int64_t row = 1;
    for (std::int64_t i = axis; i < rank; ++i)
        row *= shape[static_cast<std::size_t>(i)];
    rows.push_back(row);
    const std::int64_t whole = !free;
    const ValueId flat = im.add(c, Op::Reshape, {x}, {}, {{"shape", rows}, {"whole", whole}}, ".rows");
    const ValueId y = im.add(c, Op::Softmax, {flat}, {}, attributes);
    im.bind(c, 0, im.add(c, Op::Reshape, {y}, {}, {{"shape", back}, {"whole", whole}}, ".back"));
}

void dropout(Importer& im, const Call& c)
{
    c.onlyFirstOutput();
    if (!c.input(2).empty() && im.numberOf(c, 2, "training_mode") != 0)
        c.refuse("training_mode is on; export the network for inference");
    same(im, c);
}

/// Between floating-point types a cast changes nothing here: all is computed in FP32.
void cast(Importer& im, const Call& c)
{
    const std::int64_t to = c.integer("to", 0);
    if (to != onnx_type::kFloat && to != onnx_type::kFloat16 && to != onnx_type::kDouble && to != onnx_type::kBfloat16)
        c.refuse("casts a value of the network to the element type ", to, ", which is not one of floating-point numbers");
    same(im, c);
}

template <Op op>
void binary(Importer& im, const Call& c)
{
    c.needInputs(2, 2);
    if (c.integer("broadcast", 0))
        c.refuse("the broadcast attribute of opset 6 and before is not supported");
    const Constant *a = im.constant(c.input(0)), *b = im.constant(c.input(1));
    if (!a && !b) {
        im.bind(c, 0, im.add(c, op, {im.value(c, 0), im.value(c, 1)}));
        return;
    }
    const Constant& constant = a ? *a : *b;
    std::map<std::string, Attribute> attributes;
    if (a)
        attributes["constant_first"] = std::int64_t(1);
    const Constant wide{constant.value.to(at::kFloat), {}, constant.name};
    im.bind(c, 0, im.add(c, op, {im.value(c, a ? 1 : 0)}, {{"constant", im.parameter(c, wide, "constant")}}, attributes));
}

} // namespace

const RowTable& activationRows()
{
    static const RowTable rows{
        {"Relu", plain<Op::Relu>}, {"LeakyRelu", leakyRelu},      {"PRelu", prelu},           {"Clip", clip},
        {"Sigmoid", plain<Op::Sigmoid>}, {"HardSigmoid", hardSigmoid},  {"HardSwish", plain<Op::HardSwish>}, {"Tanh", plain<Op::Tanh>},
        {"Gelu", gelu},            {"Erf", plain<Op::Erf>},       {"Sqrt", plain<Op::Sqrt>},  {"Softmax", softmax<false>}, {"LogSoftmax", softmax<true>},
        {"Identity", same},        {"Dropout", dropout},          {"Cast", cast},
    };
    return rows;
}

const RowTable& binaryRows()
{
    static const RowTable rows{{"Add", binary<Op::Add>}, {"Sub", binary<Op::Sub>}, {"Mul", binary<Op::Mul>}, {"Div", binary<Op::Div>}, {"Pow", binary<Op::Pow>}};
    return rows;
}

} // namespace mprdo::onnx

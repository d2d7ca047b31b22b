// SPDX-License-Identifier: GPL-3.0-or-later
// QuantizeLinear and DequantizeLinear: weights that come as integers, activations that are rounded.
#include "core/import/onnx_importer.h"

namespace mprdo::onnx {
namespace {

/// Bits of a container and whether it is signed; 0: none that a grid of ours has.
std::pair<Bits, bool> container(int elementType)
{
    switch (elementType) {
    case onnx_type::kInt8:
        return {8, true};
    case onnx_type::kUint8:
        return {8, false};
    case onnx_type::kInt4:
        return {4, true};
    case onnx_type::kUint4:
        return {4, false};
    default:
        return {0, false};
    }
}

int elementTypeOf(const Call& c, std::size_t input)
{
    const auto it = c.file.initializers.find(c.input(input));
    if (it != c.file.initializers.end())
        return it->second.elementType;
    for (const OnnxNode& node : c.file.nodes) // a Constant node
        if (node.op == "Constant" && !node.outputs.empty() && node.outputs[0] == c.input(input))
            if (const auto value = node.attributes.find("value"); value != node.attributes.end())
                if (const auto* tensor = std::get_if<OnnxTensor>(&value->second))
                    return tensor->elementType;
    return 0;
}

void needOneScale(const Importer& im, const Call& c, const at::Tensor& scale)
{
    if (im.opset() < 13 && scale.numel() != 1)
        c.refuse("has ", scale.numel(), " scales, which came with opset 13; the file is of opset ", im.opset());
}

/// scale (input 1) and zero point (input 2) for codes of the given container. Signed codes with zero points are counted from the lowest.
Grid gridOf(Importer& im, const Call& c, Bits bits, bool isSigned, std::int64_t axis)
{
    Grid grid;
    grid.bits = bits;
    grid.axis = axis;
    const at::Tensor& scale = im.needConstant(c, 1, "scale").value;
    if (scale.dim() > 1)
        c.refuse("quantizes in blocks: its scale ", c.input(1), " has the shape ", shapeText(scale.sizes()));
    needOneScale(im, c, scale);
    grid.scale = scale.to(at::kFloat).reshape({-1}).contiguous();
    if (grid.scale.numel() < 1 || !(grid.scale.gt(0) & grid.scale.isfinite()).all().item<bool>())
        c.bad("its scale ", c.input(1), " is not positive throughout");
    grid.zeroPoint = at::zeros_like(grid.scale);
    if (!c.input(2).empty()) {
        const at::Tensor zero = im.needConstant(c, 2, "zero point").value.to(at::kFloat).reshape({-1});
        if (zero.numel() != grid.scale.numel())
            c.bad("has ", grid.scale.numel(), " scales and ", zero.numel(), " zero points");
        grid.zeroPoint = zero;
    }
    grid.symmetric = isSigned && grid.zeroPoint.eq(0).all().item<bool>();
    if (isSigned && !grid.symmetric)
        grid.zeroPoint = grid.zeroPoint + double(std::int64_t(1) << (bits - 1));
    return grid;
}

/// The grid of a rounded value: one scale, codes counted from the lowest one.
Grid activationGrid(Importer& im, const Call& c, Bits bits, bool isSigned)
{
    Grid grid = gridOf(im, c, bits, isSigned, 0);
    if (grid.scale.numel() != 1)
        c.refuse("has ", grid.scale.numel(), " scales; activations of one scale can be read");
    if (grid.symmetric) {
        grid.symmetric = false;
        grid.zeroPoint = at::full_like(grid.scale, double(std::int64_t(1) << (bits - 1)));
    }
    return grid;
}

void constantDequantize(Importer& im, const Call& c, const at::Tensor& codes, int elementType)
{
    const auto [bits, isSigned] = container(elementType);
    const std::int64_t given = c.integer("axis", 1), axis = given < 0 ? given + codes.dim() : given;
    if (c.integer("block_size", 0))
        c.refuse("quantizes in blocks of ", c.integer("block_size", 0), "; one scale for each channel can be read");
    const at::Tensor& scale = im.needConstant(c, 1, "scale").value;
    needOneScale(im, c, scale);
    const bool perChannel = scale.numel() > 1 || (scale.dim() == 1 && axis < codes.dim() && axis >= 0 && codes.size(axis) == 1);
    if (perChannel && (axis < 0 || axis >= codes.dim() || codes.size(axis) != scale.numel()))
        c.bad("has ", scale.numel(), " scales for dimension ", given, " of ", shapeText(codes.sizes()));
    if (bits == 0) { // biases as int32
        Ints view(static_cast<std::size_t>(codes.dim()), 1);
        if (perChannel)
            view[static_cast<std::size_t>(axis)] = -1;
        at::Tensor value = codes.to(at::kDouble);
        if (!c.input(2).empty())
            value = value - im.needConstant(c, 2, "zero point").value.to(at::kDouble).reshape(view);
        im.bind(c, 0, Constant{(value * scale.to(at::kDouble).reshape(view)).to(at::kFloat), {}, c.input(0)});
        return;
    }
    const Grid grid = gridOf(im, c, bits, isSigned, perChannel ? axis : 0);
    at::Tensor wide = codes.to(at::kFloat);
    if (isSigned && !grid.symmetric)
        wide = wide + double(std::int64_t(1) << (bits - 1));
    QuantizedTensor q{grid, wide.contiguous()};
    im.bind(c, 0, Constant{q.values(), q, c.input(0)});
}

void dequantize(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    if (const Constant* codes = im.constant(c.input(0))) {
        constantDequantize(im, c, codes->value, elementTypeOf(c, 0));
        return;
    }
    const std::optional<Codes> made = im.codes(c.input(0));
    if (!made)
        c.refuse("dequantizes ", c.input(0), ", which no QuantizeLinear made; integer arithmetic inside the network is not supported");
    const std::optional<Grid> grid = im.activation(made->rounded);
    const Grid own = activationGrid(im, c, grid->bits, made->isSigned);
    if (!at::equal(own.scale, grid->scale) || !at::equal(own.zeroPoint, grid->zeroPoint))
        c.refuse("dequantizes with another scale or zero point than its values were quantized with");
    im.bind(c, 0, made->rounded);
}

/// The rounded value is one of its own: other readers may want it unrounded.
void quantize(Importer& im, const Call& c)
{
    c.needInputs(2, 3);
    if (c.integer("block_size", 0))
        c.refuse("quantizes in blocks of ", c.integer("block_size", 0), "; activations of one scale can be read");
    if (const std::int64_t precision = c.integer("precision", 0); precision != 0 && precision != onnx_type::kFloat)
        c.refuse("divides in the element type ", precision, "; 32-bit floating-point numbers can be read");
    const std::int64_t said = c.integer("output_dtype", 0);
    const int type = c.input(2).empty() ? static_cast<int>(said ? said : onnx_type::kUint8) : elementTypeOf(c, 2);
    if (said && said != type)
        c.bad("output_dtype is ", said, ", its zero point is of the element type ", type);
    const auto [bits, isSigned] = container(type ? type : onnx_type::kUint8);
    if (const Constant* known = im.constant(c.input(0)))
        c.refuse("quantizes the constant ", known->name, "; export its integers");
    if (bits == 0)
        c.refuse("quantizes to the element type ", type, "; 4 and 8 bits can be read");
    const Grid grid = activationGrid(im, c, bits, isSigned);
    const ValueId rounded = im.add(c, Op::Identity, {im.value(c, 0)}, {}, {}, ".rounded");
    im.keepActivation(rounded, grid);
    im.bindCodes(c, {rounded, isSigned});
}

} // namespace

const RowTable& quantizeRows()
{
    static const RowTable rows{{"QuantizeLinear", quantize}, {"DequantizeLinear", dequantize}};
    return rows;
}

} // namespace mprdo::onnx

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grid.h"
#include "core/base/error.h"

namespace mprdo {
namespace {

/// [C] shaped to broadcast along axis of w; [1] stays as it is.
at::Tensor alongAxis(const at::Tensor& perChannel, const at::Tensor& w, std::int64_t axis)
{
    if (perChannel.numel() == 1)
        return perChannel;
    check(axis >= 0 && axis < w.dim() && perChannel.numel() == w.size(axis), ErrorCode::ShapeMismatch, "grid of ",
          perChannel.numel(), " channels does not fit axis ", axis, " of ", shapeText(w.sizes()));
    std::vector<std::int64_t> shape(static_cast<std::size_t>(w.dim()), 1);
    shape[static_cast<std::size_t>(axis)] = -1;
    return perChannel.reshape(shape);
}

} // namespace

at::Tensor Grid::scaleFor(const at::Tensor& w) const { return alongAxis(scale, w, axis); }
at::Tensor Grid::zeroPointFor(const at::Tensor& w) const { return alongAxis(zeroPoint, w, axis); }

at::Tensor quantize(const at::Tensor& w, const Grid& grid)
{
    return (w / grid.scaleFor(w)).round().add(grid.zeroPointFor(w)).clamp(double(grid.qMin()), double(grid.qMax()));
}

at::Tensor dequantize(const at::Tensor& codes, const Grid& grid)
{
    return (codes - grid.zeroPointFor(codes)) * grid.scaleFor(codes);
}

at::Tensor fakeQuantize(const at::Tensor& w, const Grid& grid) { return dequantize(quantize(w, grid), grid); }

at::Tensor storableScale(const at::Tensor& scale)
{
    constexpr double smallestNormal = 6.103515625e-05, largest = 65504; // of FP16; subnormals would lose precision
    return scale.clamp(smallestNormal, largest).to(at::kHalf).to(at::kFloat);
}

Grid gridForRange(const at::Tensor& low, const at::Tensor& high, Bits bits, bool symmetric, std::int64_t axis)
{
    Grid grid;
    grid.bits = bits;
    grid.axis = axis;
    grid.symmetric = symmetric;
    const at::Tensor lo = low.clamp_max(0), hi = high.clamp_min(0); // zero is always representable
    if (symmetric) {
        const at::Tensor reach = at::maximum(lo.neg() / double(-grid.qMin()), hi / double(grid.qMax()));
        grid.scale = storableScale(reach);
        grid.zeroPoint = at::zeros_like(grid.scale);
    } else {
        grid.scale = storableScale((hi - lo) / double(grid.qMax()));
        grid.zeroPoint = (lo.neg() / grid.scale).round().clamp(0, double(grid.qMax()));
    }
    return grid;
}

at::Tensor channelRows(const at::Tensor& w, std::int64_t axis)
{
    return axis < 0 ? w.reshape({1, -1}) : w.movedim(axis, 0).reshape({w.size(axis), -1});
}

Grid minMaxGrid(const at::Tensor& w, Bits bits, bool symmetric, std::int64_t axis)
{
    check(bits >= kMinBits && bits <= kMaxBits, ErrorCode::Usage, "a grid of ", bits, " bits: only 2 to 8 are possible");
    check(w.numel() > 0, ErrorCode::ShapeMismatch, "an empty tensor ", shapeText(w.sizes()), " has no range");
    const at::Tensor rows = channelRows(w, axis);
    return gridForRange(rows.amin(1), rows.amax(1), bits, symmetric, std::max<std::int64_t>(axis, 0));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grid.h"
#include "core/base/error.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

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

constexpr float kSmallestHalf = 0x1p-14F; ///< normal; subnormal ones would keep fewer bits
constexpr float kSmallest = std::numeric_limits<float>::min(), kLargest = 0x1p120F;
constexpr int kLeastExponent = -126; ///< of a normal FP32 number

/// Rounded to 11 significant bits, ties to even. A value that is not above 0 (nothing to span): FP16's smallest normal number.
float elevenBits(float value)
{
    if (std::isnan(value))
        return value;
    if (value <= 0)
        return kSmallestHalf;
    constexpr int spare = std::numeric_limits<float>::digits - 11;
    const auto bits = std::bit_cast<std::uint32_t>(std::clamp(value, kSmallest, kLargest));
    const std::uint32_t half = (1U << (spare - 1)) - 1 + (bits >> spare & 1U);
    return std::bit_cast<float>((bits + half) >> spare << spare);
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
    const at::Tensor in = scale.to(at::kFloat).contiguous();
    at::Tensor out = at::empty_like(in);
    const float* from = in.data_ptr<float>();
    float* to = out.data_ptr<float>();
    for (std::int64_t i = 0; i < in.numel(); ++i)
        to[i] = elevenBits(from[i]);
    return out;
}

bool fitsHalf(const at::Tensor& scale)
{
    const at::Tensor in = scale.to(at::kFloat);
    return at::equal(in.to(at::kHalf).to(at::kFloat), in) && in.ge(kSmallestHalf).all().item<bool>();
}

at::ScalarType scaleType(const at::Tensor& scale) { return fitsHalf(scale) ? at::kHalf : at::kFloat; }

at::Tensor rowUnits(const at::Tensor& rows)
{
    at::Tensor units = rows.abs().amax(1, true);
    float* unit = units.data_ptr<float>();
    for (std::int64_t row = 0; row < units.numel(); ++row)
        unit[row] = unit[row] > 0 && std::isfinite(unit[row]) ? std::ldexp(1.0F, std::max(std::ilogb(unit[row]), kLeastExponent)) : 1;
    return units;
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/activation_grid.h"
#include "core/base/error.h"
#include <cmath>

namespace mprdo {
namespace {

constexpr double kTail = 1e-4; ///< share of the values that the percentile rule cuts off at either end
constexpr std::int64_t kGrain = 1 << 15;

/// Values of fakeQuantize: dividing, clamping and rounding in one go. Adding and taking off 1.5 * 2^23 rounds to nearest,
/// ties to even.
at::Tensor rounded(const at::Tensor& x, const Grid& grid)
{
    constexpr float kRounder = 12582912.0F;
    const at::Tensor in = x.is_non_overlapping_and_dense() ? x : x.contiguous();
    at::Tensor out = at::empty_like(in);
    const float scale = grid.scale.item<float>(), zero = grid.zeroPoint.item<float>();
    const float low = float(grid.qMin()) - zero, high = float(grid.qMax()) - zero;
    const float* from = in.data_ptr<float>();
    float* to = out.data_ptr<float>();
    at::parallel_for(0, in.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            float q = from[i] / scale;
            q = q < low ? low : q > high ? high : q;
            to[i] = ((q + kRounder) - kRounder) * scale;
        }
    });
    return out;
}

/// The value below which a share of the sample lies.
double valueAt(const at::Tensor& sorted, double share)
{
    const auto index = static_cast<std::int64_t>(std::llround(share * double(sorted.numel() - 1)));
    return sorted[index].item<double>();
}

Grid span(double low, double high, Bits bits)
{
    return gridForRange(at::full({1}, low), at::full({1}, high), bits, /*symmetric=*/false, /*axis=*/0);
}

} // namespace

Grid activationGrid(const ActivationSample& sample, Bits bits, RangeRule rule)
{
    NoGrad noGrad;
    check(bits >= kMinBits && bits <= kMaxBits, ErrorCode::Usage, "activations of ", bits, " bits: only 2 to 8 are possible");
    check(std::isfinite(sample.lowest) && std::isfinite(sample.highest), ErrorCode::NonFinite,
          "an activation is not finite on the calibration images");
    if (rule == RangeRule::MinMax)
        return span(sample.lowest, sample.highest, bits);
    if (rule == RangeRule::Mse)
        return mseGrid(sample.values, bits, GridMode::Affine, {}, /*axis=*/-1);
    check(rule == RangeRule::Percentile, ErrorCode::Internal, "activation grid: no rule was chosen");
    const at::Tensor sorted = std::get<0>(sample.values.flatten().sort());
    return span(valueAt(sorted, kTail), valueAt(sorted, 1 - kTail), bits);
}

at::Tensor roundActivation(const at::Tensor& x, const Grid& grid)
{
    if (!at::GradMode::is_enabled() || !x.requires_grad())
        return rounded(x, grid);
    const float scale = grid.scale.item<float>(), zero = grid.zeroPoint.item<float>();
    const at::Tensor inRange = x.clamp(scale * (float(grid.qMin()) - zero), scale * (float(grid.qMax()) - zero));
    return inRange + (rounded(x.detach(), grid) - inRange.detach());
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/quant/grid.h"
#include <algorithm>

namespace mprdo {
namespace {

/// A grid per channel together with its importance-weighted squared error [C] (double).
struct Scored {
    Grid grid;
    at::Tensor error;
};

constexpr std::int64_t kLanes = 8, kStretch = 1024; ///< sums are in float over a stretch, in double between them

/// Importance-weighted squared error of one row on a grid of codes low..high (zero point taken off): the values are those of
/// fakeQuantize, made without leaving the cache. Adding and taking off 1.5 * 2^23 rounds to nearest, ties to even.
template <bool weighted>
inline __attribute__((always_inline)) double rowErrorAsBuilt(const float* w, const float* importance, std::int64_t n, float scale, float low, float high)
{
    constexpr float kRounder = 12582912.0F;
    const auto squared = [&](std::int64_t i) {
        float q = w[i] / scale;
        q = q < low ? low : q > high ? high : q;
        const float d = scale * ((q + kRounder) - kRounder) - w[i];
        return weighted ? d * d * importance[i] : d * d;
    };
    double sum = 0;
    std::int64_t i = 0;
    while (i + kLanes <= n) {
        const std::int64_t end = std::min(n - n % kLanes, i + kStretch);
        float lanes[kLanes] = {};
        for (; i + kLanes <= end; i += kLanes)
            for (std::int64_t k = 0; k < kLanes; ++k)
                lanes[k] += squared(i + k);
        for (const float lane : lanes)
            sum += lane;
    }
    for (; i < n; ++i)
        sum += squared(i);
    return sum;
}

#if defined(__x86_64__) && defined(__GNUC__)
/// The same in wider vectors. Without fused multiplication: the same bits.
template <bool weighted>
__attribute__((target("avx2"))) double rowErrorAvx2(const float* w, const float* importance, std::int64_t n, float scale,
                                                    float low, float high)
{
    return rowErrorAsBuilt<weighted>(w, importance, n, scale, low, high);
}
#endif

template <bool weighted>
double rowError(const float* w, const float* importance, std::int64_t n, float scale, float low, float high)
{
#if defined(__x86_64__) && defined(__GNUC__)
    static const bool wide = __builtin_cpu_supports("avx2");
    if (wide)
        return rowErrorAvx2<weighted>(w, importance, n, scale, low, high);
#endif
    return rowErrorAsBuilt<weighted>(w, importance, n, scale, low, high);
}

/// Per row, float64 [C]. rows and importance (same shape, or undefined): contiguous float32 [C, K].
at::Tensor errorOf(const at::Tensor& rows, const at::Tensor& importance, const Grid& grid)
{
    const std::int64_t count = rows.size(0), n = rows.size(1);
    const at::Tensor scale = grid.scale.expand({count}).contiguous(), zero = grid.zeroPoint.expand({count}).contiguous();
    at::Tensor out = at::empty({count}, at::kDouble);
    const float *w = rows.data_ptr<float>(), *s = scale.data_ptr<float>(), *z = zero.data_ptr<float>();
    const float* weights = importance.defined() ? importance.data_ptr<float>() : nullptr;
    double* error = out.data_ptr<double>();
    at::parallel_for(0, count, std::max<std::int64_t>(1, 32768 / n), [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; ++r) {
            const float low = float(grid.qMin()) - z[r], high = float(grid.qMax()) - z[r];
            error[r] = weights ? rowError<true>(w + r * n, weights + r * n, n, s[r], low, high)
                               : rowError<false>(w + r * n, nullptr, n, s[r], low, high);
        }
    });
    return out;
}

/// Per channel, the better of two.
void keepBetter(Scored& best, Scored candidate)
{
    if (!best.error.defined()) {
        best = std::move(candidate);
        return;
    }
    const at::Tensor better = candidate.error < best.error;
    best.grid.scale = at::where(better, candidate.grid.scale, best.grid.scale);
    best.grid.zeroPoint = at::where(better, candidate.grid.zeroPoint, best.grid.zeroPoint);
    best.error = at::where(better, candidate.error, best.error);
}

/// Shrinks the min-max range from both ends (affine) or as a whole (symmetric); the full range is the first candidate,
/// so the result is never worse than min-max.
Scored search(const at::Tensor& rows, const at::Tensor& importance, Bits bits, bool symmetric)
{
    const at::Tensor low = rows.amin(1), high = rows.amax(1);
    Scored best;
    const auto attempt = [&](const at::Tensor& lo, const at::Tensor& hi) {
        const Grid grid = gridForRange(lo, hi, bits, symmetric, 0);
        keepBetter(best, {grid, errorOf(rows, importance, grid)});
    };
    attempt(low, high);
    const double deepest = bits <= 3 ? 0.35 : bits <= 5 ? 0.5 : 0.8; // narrow grids gain from clipping more
    constexpr int steps = 24;
    for (int i = 1; i <= steps; ++i) {
        const double factor = 1 - (1 - deepest) * i / steps;
        attempt(low * factor, high * factor);
    }
    // Then single ends (affine) and finer steps around what won.
    const double step = (1 - deepest) / steps;
    for (const double move : {-0.5, 0.5, -0.25, 0.25}) {
        const at::Tensor lo = (best.grid.qMin() - best.grid.zeroPoint) * best.grid.scale;
        const at::Tensor hi = (best.grid.qMax() - best.grid.zeroPoint) * best.grid.scale;
        attempt(lo * (1 + move * step), hi * (1 + move * step));
        if (!symmetric)
            for (const double wide : {4 * move * step, 12 * move * step}) {
                attempt(lo * (1 + wide), hi);
                attempt(lo, hi * (1 + wide));
            }
    }
    return best;
}

} // namespace

Grid mseGrid(const at::Tensor& w, Bits bits, GridMode mode, const at::Tensor& importance, std::int64_t axis)
{
    NoGrad noGrad;
    check(bits >= kMinBits && bits <= kMaxBits, ErrorCode::Usage, "a grid of ", bits, " bits: only 2 to 8 are possible");
    check(w.numel() > 0, ErrorCode::ShapeMismatch, "an empty tensor ", shapeText(w.sizes()), " has no range");
    const at::Tensor given = channelRows(w, axis).to(at::kFloat).contiguous(), units = rowUnits(given);
    const at::Tensor rows = given / units; // squares of weights of any size fit into float
    at::Tensor weights;
    if (importance.defined()) {
        const at::Tensor most = rowUnits(importance.to(at::kFloat).reshape({1, -1})); // a factor common to all moves no grid
        weights = channelRows((importance.to(at::kFloat) / most.item<float>()).expand_as(w), axis).contiguous();
    }
    Scored best;
    if (mode != GridMode::Affine) {
        best = search(rows, weights, bits, true);
        if (mode == GridMode::Auto) { // as affine codes, so that both kinds can stand in one tensor
            best.grid.symmetric = false;
            best.grid.zeroPoint = at::full_like(best.grid.scale, double(std::int64_t(1) << (bits - 1)));
        }
    }
    if (mode != GridMode::Symmetric)
        keepBetter(best, search(rows, weights, bits, false));
    best.grid.scale = storableScale(best.grid.scale * units.flatten());
    best.grid.axis = std::max<std::int64_t>(axis, 0);
    return best.grid;
}

} // namespace mprdo

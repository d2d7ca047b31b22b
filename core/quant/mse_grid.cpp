// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/quant/grid.h"

namespace mprdo {
namespace {

/// A grid per channel together with its importance-weighted squared error [C] (double).
struct Scored {
    Grid grid;
    at::Tensor error;
};

at::Tensor errorOf(const at::Tensor& rows, const at::Tensor& importance, const Grid& grid)
{
    const at::Tensor difference = fakeQuantize(rows, grid) - rows;
    const at::Tensor squared = difference * difference;
    return (importance.defined() ? squared * importance : squared).sum(1, false, at::kDouble);
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
    const at::Tensor rows = channelRows(w, axis);
    const at::Tensor weights = importance.defined() ? channelRows(importance.expand_as(w), axis) : at::Tensor();
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
    best.grid.axis = std::max<std::int64_t>(axis, 0);
    return best.grid;
}

} // namespace mprdo

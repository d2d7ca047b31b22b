// SPDX-License-Identifier: GPL-3.0-or-later
// The integer grid of a tensor: what weights (and activations) are rounded to.
#pragma once
#include "core/api/types.h"
#include "core/base/torch.h"

namespace mprdo {

/// w_hat = scale * (q - zeroPoint), q in [qMin, qMax], one scale per slice along axis (or one in all).
/// Symmetric: qMin = -2^(b-1), qMax = 2^(b-1) - 1, zeroPoint = 0. Affine: qMin = 0, qMax = 2^b - 1.
/// In a tensor where both kinds occur (GridMode::Auto decides per channel) all codes are affine ones:
/// a symmetric channel has zeroPoint = 2^(b-1). Scales have 11 significant bits, as many as FP16 keeps, whatever their size: rescaling a
/// layer by a power of two changes its scales alone.
struct Grid {
    Bits bits = 8;
    std::int64_t axis = 0;
    bool symmetric = false;
    at::Tensor scale;      ///< float32 [C] or [1], > 0
    at::Tensor zeroPoint;  ///< float32 holding integers, [C] or [1]; zeros when symmetric

    std::int64_t qMin() const { return symmetric ? -(std::int64_t(1) << (bits - 1)) : 0; }
    std::int64_t qMax() const { return symmetric ? (std::int64_t(1) << (bits - 1)) - 1 : (std::int64_t(1) << bits) - 1; }
    /// scale and zeroPoint shaped to broadcast against w.
    at::Tensor scaleFor(const at::Tensor& w) const;
    at::Tensor zeroPointFor(const at::Tensor& w) const;
};

/// Integer codes of w as float32, nearest (ties to even), clamped to the grid. Same shape as w.
at::Tensor quantize(const at::Tensor& w, const Grid&);
/// scale * (q - zeroPoint).
at::Tensor dequantize(const at::Tensor& codes, const Grid&);
/// dequantize(quantize(w)).
at::Tensor fakeQuantize(const at::Tensor& w, const Grid&);
/// Each scale rounded to 11 significant bits, ties to even, so that two or four bytes store it as it is. 0 (a row of zeros) becomes FP16's
/// smallest normal number; what FP32 cannot hold with 11 bits goes to the nearest that it can. \return float32, contiguous
at::Tensor storableScale(const at::Tensor& scale);
/// All are normal FP16 numbers, which two bytes hold exactly; false for scales of other programs that have more bits. float32.
bool fitsHalf(const at::Tensor& scale);
/// kHalf where fitsHalf, else kFloat: what every file stores a tensor's scales in.
at::ScalarType scaleType(const at::Tensor& scale);
/// The power of two of the largest magnitude in each row of float32 [C, K], as [C, 1] (1 for a row of zeros): dividing by it is exact, and
/// what is computed then neither overflows nor vanishes.
at::Tensor rowUnits(const at::Tensor& rows);

/// w as rows, one per slice along axis (axis < 0: one row): [C, elements of a slice].
at::Tensor channelRows(const at::Tensor& w, std::int64_t axis);
/// The grid that spans [low, high], widened to hold zero; low and high are [C].
Grid gridForRange(const at::Tensor& low, const at::Tensor& high, Bits, bool symmetric, std::int64_t axis);

/// Min-max range per slice along axis (axis < 0: the whole tensor). Zero is always representable.
Grid minMaxGrid(const at::Tensor& w, Bits, bool symmetric, std::int64_t axis = 0);

/// Ranges that minimise sum_i importance_i (w_i - w_hat_i)^2 per channel by search over shrink factors of the min-max
/// range. importance: same shape as w, or [1, I, ...] broadcast, or undefined for plain MSE.
/// mode Auto: per channel the kind of lower error.
Grid mseGrid(const at::Tensor& w, Bits, GridMode, const at::Tensor& importance = {}, std::int64_t axis = 0);

/// A quantized tensor: codes on a grid.
struct QuantizedTensor {
    Grid grid;
    at::Tensor codes;  ///< float32 holding integers, same shape as the weight
    at::Tensor values() const { return dequantize(codes, grid); }
};

} // namespace mprdo

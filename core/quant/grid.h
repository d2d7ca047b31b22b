// SPDX-License-Identifier: GPL-3.0-or-later
// The integer grid of a tensor: what weights (and activations) are rounded to.
#pragma once
#include "core/api/types.h"
#include "core/base/torch.h"

namespace mprdo {

/// w_hat = scale * (q - zeroPoint), q in [qMin, qMax], one scale per slice along axis (or one in all).
/// Symmetric: qMin = -2^(b-1), qMax = 2^(b-1) - 1, zeroPoint = 0. Affine: qMin = 0, qMax = 2^b - 1.
/// In a tensor where both kinds occur (GridMode::Auto decides per channel) all codes are affine ones:
/// a symmetric channel has zeroPoint = 2^(b-1). Scales are representable in FP16: files store them so.
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
/// The value each scale takes when stored in FP16 (never 0 or infinite), as float32.
at::Tensor storableScale(const at::Tensor& scale);

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

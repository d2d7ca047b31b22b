// SPDX-License-Identifier: GPL-3.0-or-later
// Second moments of what a layer sees: the Hessian of its output error.
#pragma once
#include "core/exec/executor.h"

namespace mprdo {

/// What a layer's weight rows meet: patches of x for a node, float32 [groups, positions, K], K = I/groups * kH * kW in the
/// order of the weight's row (linear layers: in_features). x: the node's input value, [N, C, H, W], [N, C, L] or [N, ..., features].
/// A transposed convolution's rows hold, for each output position, the input elements that its kernel carries there, zeros between.
/// keep > 0: at most so many positions, spread over the batch.
at::Tensor inputPatches(const Node&, const at::Tensor& weight, const at::Tensor& x, std::int64_t keep = 0);

/// H = sum over positions of x x^T, float64 [groups, K, K], for one batch of a node's inputs (not divided).
/// Cost: one GEMM of K x positions x K per group.
at::Tensor inputSecondMoment(const Node&, const at::Tensor& weight, const at::Tensor& x);

/// Sums over positions of a layer's inputs x and of the outputs t it should give: all that a quadratic output error needs.
struct LayerMoments {
    at::Tensor xx;            ///< float64 [groups, K, K]
    at::Tensor tx;            ///< float64 [O, K]: t x^T
    at::Tensor x;             ///< float64 [groups, K]
    at::Tensor t, tt;         ///< float64 [O]: sums of t and t^2
    std::int64_t count = 0;   ///< positions

    /// Adds a batch: x the node's input, t its wanted output [N, O, H, W] or [N, O]; keep as for inputPatches.
    void add(const Node&, const at::Tensor& weight, const at::Tensor& x, const at::Tensor& t, std::int64_t keep = 0);

    at::Tensor covariance() const;       ///< [groups, K, K], centred, per position
    at::Tensor variance() const;         ///< [groups, K], the covariance's diagonal alone
    at::Tensor crossCovariance() const;  ///< [O, K], centred, per position
    at::Tensor meanInput() const;        ///< [groups, K]
    at::Tensor meanTarget() const;       ///< [O]
    /// Mean squared difference between t and W x + b per output channel when b is chosen best, float64 [O].
    /// rows: float64 [O, K].
    at::Tensor residual(const at::Tensor& rows) const;
    /// The same for a given b, float64 [O].
    at::Tensor residual(const at::Tensor& rows, const at::Tensor& bias) const;
    /// The b that is best: mean t - W mean x, float64 [O].
    at::Tensor bestBias(const at::Tensor& rows) const;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Closed-form rounding with second-order error compensation.
#pragma once
#include "core/api/run_control.h"
#include "core/quant/grid.h"

namespace mprdo {

struct CompensationOptions {
    double damping = 0.01;      ///< times mean(diag H), added to the diagonal
    bool decreasingDiagonal = true; ///< column order (GPTQ's act_order)
    std::int64_t panel = 128;   ///< columns per blocked update
};

/// Codes for w on the grid such that (w - w_hat) H (w - w_hat)^T is small: columns are rounded one by one and the error of
/// each is pushed onto those not yet rounded through the Cholesky factor of H^-1 (OBQ, arXiv 2208.11580; GPTQ, arXiv
/// 2210.17323). Columns with H_ii = 0 (dead: they meet only padding) are left out of the factor and rounded to nearest.
/// \param w  float32 [O, ...] weight; output axis 0; groups split O evenly
/// \param hessian  float64 [groups, K, K], K = elements of w per output channel
/// \return codes, float32 integers, shape of w
/// \throws Error{NonFinite} when H is not finite; Cancelled
/// Cost: K^3/3 + K^2 O flops per group; cancel is polled once a panel.
at::Tensor roundCompensated(const at::Tensor& w, const at::Tensor& hessian, const Grid&, const CompensationOptions&,
                            const RunControl&);

/// sum over channels of (w - w_hat) H (w - w_hat)^T per output channel, float64 [O].
at::Tensor quadraticError(const at::Tensor& difference, const at::Tensor& hessian);

} // namespace mprdo

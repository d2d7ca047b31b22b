// SPDX-License-Identifier: GPL-3.0-or-later
// Second moments of what a layer sees: the Hessian of its output error.
#pragma once
#include "core/exec/executor.h"

namespace mprdo {

/// Columns of a layer's weight rows: w as [O, K] with K = I/groups * kH * kW (unfolded patches), or in_features.
/// patches of x for that node, [groups, positions, K]; x is the node's input value, [N, C, H, W] or [N, features].
at::Tensor inputPatches(const Graph&, const Node&, const at::Tensor& x);

/// H = sum over positions of x x^T, float64 [groups, K, K], for one batch of a node's inputs (not divided).
/// Cost: one GEMM of K x positions x K per group.
at::Tensor inputSecondMoment(const Graph&, const Node&, const at::Tensor& x);

} // namespace mprdo

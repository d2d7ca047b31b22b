// SPDX-License-Identifier: GPL-3.0-or-later
// What logits say: the formulas of every measure, for one choice between C classes and for K choices between two alike.
#pragma once
#include "core/base/torch.h"
#include <cstdint>

namespace mprdo {

/// Logits are [N, C], of one softmax, or [N, K, 2], of K independent choices each (a sigmoid z is the choice between 0 and z): what asLogits
/// in core/graph/passes.h brings a network's output to. All functions take both; sums over choices are sums of independent ones.

/// Log probabilities, float64, the shape of the logits.
at::Tensor logProbabilities(const at::Tensor& logits);
/// KL(p || q) of each image, nats. p, q: log probabilities. \return float64 [N]
at::Tensor klPerImage(const at::Tensor& p, const at::Tensor& q);
/// Log probability of each image's label: of K choices, that the label's is taken and no other. labels: int64 [N].
/// p keeps its type, and gradients go through. \return [N]
at::Tensor logLikelihood(const at::Tensor& p, const at::Tensor& labels);
/// Of K independent choices, whether each is taken where one class is the label's: int64 [N, K]. labels: int64 [N].
at::Tensor choicesOf(const at::Tensor& labels, std::int64_t count);
/// The number of each class whose largest is the answer. \return [N, C] or [N, K]
at::Tensor scores(const at::Tensor& logits);
/// L v, with L L^T the Fisher matrix of the logits (of one softmax diag(p) - p p^T; of several, block by block): v standard normal gives
/// Gauss-Newton probes (Martens, arXiv 1412.1193). p: probabilities, v: the same shape.
at::Tensor fisherRoot(const at::Tensor& p, const at::Tensor& v);

} // namespace mprdo

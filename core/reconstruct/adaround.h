// SPDX-License-Identifier: GPL-3.0-or-later
// The relaxed rounding of AdaRound (arXiv 2004.10568): each weight between two neighbouring codes.
#pragma once
#include "core/quant/grid.h"

namespace mprdo {

/// w_hat = s (lower + h(V) - z), h the rectified sigmoid clamp(1.2 sigmoid(V) - 0.1, 0, 1). The lower code is the one below
/// the weight where the start has a neighbour of the weight; else (error compensation went further) start or start - 1.
/// h starts at the weight's own fraction, drawn towards the start's choice.
class SoftRounding {
public:
    SoftRounding(const at::Tensor& weight, const QuantizedTensor& start);

    const at::Tensor& variable() const { return m_v; }  ///< V, requires a gradient
    at::Tensor values() const;                          ///< differentiable, shape of the weight
    /// mean of 1 - |2 h - 1|^beta.
    at::Tensor regulariser(double beta) const;
    QuantizedTensor hard() const;                       ///< h >= 0.5 rounds up

private:
    at::Tensor h() const;
    QuantizedTensor m_start;
    at::Tensor m_lower, m_v;
};

} // namespace mprdo

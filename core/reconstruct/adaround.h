// SPDX-License-Identifier: GPL-3.0-or-later
// The relaxed rounding of AdaRound (arXiv 2004.10568): each weight between two neighbouring codes.
#pragma once
#include "core/quant/code_rate.h"

namespace mprdo {

/// w_hat = s (lower + h(V) - z), h the rectified sigmoid clamp(1.2 sigmoid(V) - 0.1, 0, 1). The lower code is the one below
/// the weight where the start has a neighbour of the weight; else (error compensation went further) start or start - 1.
/// h starts at the weight's own fraction, drawn towards the start's choice.
class SoftRounding {
public:
    SoftRounding(const at::Tensor& weight, const QuantizedTensor& start);
    /// From now on codes cost as often as they occur in the start's. \param lambda loss per bit
    void charge(double lambda);

    const at::Tensor& variable() const { return m_v; }  ///< V, requires a gradient
    at::Tensor values() const;                          ///< differentiable, shape of the weight
    /// mean of 1 - |2 h - 1|^beta.
    at::Tensor regulariser(double beta) const;
    /// What the codes are expected to cost, h the chance of the upper one, without the constant part; differentiable.
    at::Tensor cost() const { return (h() * m_upCost).sum(); }
    QuantizedTensor hard() const;                       ///< h >= 0.5 rounds up

private:
    at::Tensor h() const;
    QuantizedTensor m_start;
    at::Tensor m_lower, m_v, m_upCost; ///< m_upCost: cost of the upper code above the lower one's
};

} // namespace mprdo

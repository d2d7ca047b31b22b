// SPDX-License-Identifier: GPL-3.0-or-later
// Stochastic gradient descent with Nesterov momentum, and the learning rate over a training.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <vector>

namespace mprdo {

/// v <- momentum v + (g + decay w); w <- w - rate (g + decay w + momentum v), as PyTorch defines it (Sutskever et al. 2013).
/// Tensors of one dimension (biases, batch norm) are not decayed.
class NesterovSgd {
public:
    NesterovSgd(std::vector<at::Tensor> parameters, double momentum, double weightDecay);

    /// One step, in place; gradients in the order of the parameters, undefined ones leave their parameter alone.
    void step(const std::vector<at::Tensor>& gradients, double rate);

    /// One per parameter; zeros before the first step. Their contents may be replaced to go on from an earlier state.
    const std::vector<at::Tensor>& velocities() const { return m_velocities; }

private:
    std::vector<at::Tensor> m_parameters, m_velocities;
    double m_momentum, m_weightDecay;
};

/// Learning rate of step 0 .. steps - 1: linear from peak / 10 to peak over the first 15 %, then a half cosine towards 0
/// ("one cycle", arXiv 1708.07120).
double oneCycleRate(std::int64_t step, std::int64_t steps, double peak);

} // namespace mprdo

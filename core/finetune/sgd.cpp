// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/finetune/sgd.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

NesterovSgd::NesterovSgd(std::vector<at::Tensor> parameters, double momentum, double weightDecay)
    : m_parameters(std::move(parameters))
    , m_momentum(momentum)
    , m_weightDecay(weightDecay)
{
    for (const at::Tensor& p : m_parameters)
        m_velocities.push_back(at::zeros_like(p));
}

void NesterovSgd::step(const std::vector<at::Tensor>& gradients, double rate)
{
    NoGrad noGrad;
    for (std::size_t i = 0; i < m_parameters.size(); ++i) {
        if (!gradients[i].defined())
            continue;
        at::Tensor& w = m_parameters[i];
        const at::Tensor g = w.dim() > 1 && m_weightDecay != 0 ? gradients[i].add(w, m_weightDecay) : gradients[i];
        m_velocities[i].mul_(m_momentum).add_(g);
        w.add_(g, -rate).add_(m_velocities[i], -rate * m_momentum);
    }
}

double oneCycleRate(std::int64_t step, std::int64_t steps, double peak)
{
    constexpr double pi = 3.141592653589793;
    const double warm = std::max(1.0, 0.15 * double(steps));
    const double position = double(step) + 0.5;
    if (position < warm)
        return peak * (0.1 + 0.9 * position / warm);
    return peak * 0.5 * (1 + std::cos(pi * (position - warm) / std::max(1e-9, double(steps) - warm)));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/adaround.h"

namespace mprdo {
namespace {

constexpr double kStretch = 1.2, kShift = 0.1; ///< zeta - gamma and -gamma of the paper
constexpr double kDraw = 0.5;                  ///< how far h starts towards the start's own choice

} // namespace

SoftRounding::SoftRounding(const at::Tensor& weight, const QuantizedTensor& start)
    : m_start(start)
{
    NoGrad noGrad;
    const Grid& grid = start.grid;
    const double qMin = double(grid.qMin()), qMax = double(grid.qMax());
    const at::Tensor u = (weight / grid.scaleFor(weight) + grid.zeroPointFor(weight)).clamp(qMin, qMax);
    // The other candidate lies on the weight's side of the start's code.
    m_lower = at::where(u >= start.codes, start.codes, start.codes - 1).clamp(qMin, qMax - 1);
    const at::Tensor fraction = (u - m_lower).clamp(0, 1), chosen = start.codes - m_lower;
    const at::Tensor h = (fraction + kDraw * (chosen - fraction)).clamp(0.02, 0.98);
    const at::Tensor sigmoid = (h + kShift) / kStretch;
    m_v = (sigmoid / (1 - sigmoid)).log().set_requires_grad(true);
}

void SoftRounding::charge(double lambda)
{
    NoGrad noGrad;
    const at::Tensor zeroPoint = m_start.grid.zeroPointFor(m_start.codes);
    const CodeRate rate(m_start.codes - zeroPoint, lambda);
    m_upCost = rate.costs(m_lower + 1 - zeroPoint) - rate.costs(m_lower - zeroPoint);
}

at::Tensor SoftRounding::h() const { return (at::sigmoid(m_v) * kStretch - kShift).clamp(0, 1); }

at::Tensor SoftRounding::values() const { return dequantize(m_lower + h(), m_start.grid); }

at::Tensor SoftRounding::regulariser(double beta) const { return (1 - (2 * h() - 1).abs().pow(beta)).mean(); }

QuantizedTensor SoftRounding::hard() const
{
    NoGrad noGrad;
    return {m_start.grid, m_lower + (h() >= 0.5).to(at::kFloat)};
}

} // namespace mprdo

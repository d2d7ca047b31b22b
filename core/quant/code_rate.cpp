// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/code_rate.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

double codeInformation(const QuantizedTensor& tensor)
{
    NoGrad noGrad;
    const at::Tensor offsets = tensor.codes - tensor.grid.zeroPointFor(tensor.codes);
    const at::Tensor counts = at::bincount((offsets - offsets.min()).flatten().to(at::kLong)).to(at::kDouble);
    return -at::xlogy(counts, counts / double(offsets.numel())).sum().item<double>() / std::log(2.0);
}

double highRateSlope(double error, double weights)
{
    return weights > 0 ? 2 * std::log(2.0) * std::max(0.0, error) / weights : 0;
}

bool costFalls(const ErrorAndBits& before, const ErrorAndBits& after, double weights, double lambda)
{
    const double slope = lambda * highRateSlope(std::min(before.error, after.error), weights);
    return after.error + slope * after.bits < before.error + slope * before.bits;
}

CodeRate::CodeRate(const at::Tensor& offsets, double lambda)
{
    NoGrad noGrad;
    const at::Tensor places = (offsets.flatten() + kReach).to(at::kLong).contiguous();
    const at::Tensor counts = at::bincount(places, {}, std::int64_t(m_cost.size()));
    const auto* count = counts.data_ptr<std::int64_t>();
    // A code that has not occurred may: half an occurrence.
    const double total = double(places.numel()) + 0.5 * double(m_cost.size());
    for (std::size_t i = 0; i < m_cost.size(); ++i)
        m_cost[i] = float(-lambda * std::log2((double(count[i]) + 0.5) / total));
}

at::Tensor CodeRate::costs(const at::Tensor& offsets) const
{
    NoGrad noGrad;
    const at::Tensor table = at::from_blob(const_cast<float*>(m_cost.data()), {std::int64_t(m_cost.size())});
    return table.index_select(0, (offsets.flatten() + kReach).to(at::kLong)).reshape(offsets.sizes());
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/likelihood.h"

namespace mprdo {
namespace {

at::Tensor perImage(const at::Tensor& t) { return t.reshape({t.size(0), -1}).sum(1); }

} // namespace

at::Tensor logProbabilities(const at::Tensor& logits) { return at::log_softmax(logits.to(at::kDouble), -1); }

at::Tensor klPerImage(const at::Tensor& p, const at::Tensor& q) { return perImage(p.exp() * (p - q)); }

at::Tensor logLikelihood(const at::Tensor& p, const at::Tensor& labels)
{
    if (p.dim() == 2)
        return p.gather(1, labels.unsqueeze(1)).squeeze(1);
    return p.gather(2, choicesOf(labels, p.size(1)).unsqueeze(2)).squeeze(2).sum(1);
}

at::Tensor choicesOf(const at::Tensor& labels, std::int64_t count)
{
    return at::arange(count, at::kLong).eq(labels.unsqueeze(1)).to(at::kLong);
}

at::Tensor scores(const at::Tensor& logits) { return logits.dim() == 3 ? logits.select(2, 1) - logits.select(2, 0) : logits; }

at::Tensor fisherRoot(const at::Tensor& p, const at::Tensor& v)
{
    const at::Tensor root = p.sqrt();
    return root * v - p * (root * v).sum(-1, true);
}

} // namespace mprdo

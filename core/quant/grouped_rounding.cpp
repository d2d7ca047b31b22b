// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/grouped_rounding.h"
#include "core/base/error.h"
#include "core/quant/row_grid.h"

namespace mprdo {
namespace {

constexpr std::int64_t kGrain = 16; ///< rows per thread at least

/// Upper factors U of H = U U^T for each group: the lower ones of H read backwards.
at::Tensor upperFactors(at::Tensor h, const at::Tensor& largest)
{
    for (int attempt = 0;; ++attempt)
        try {
            return at::linalg_cholesky(h.flip({1, 2})).flip({1, 2}).contiguous();
        } catch (const c10::Error&) { // not positive definite to rounding: more damping
            check(attempt < 8, ErrorCode::NonFinite, "the Hessian of the layer's inputs cannot be factorised");
            h = h.clone();
            h.diagonal(0, 1, 2).add_((largest * std::pow(10.0, attempt - 8)).unsqueeze(1));
        }
}

} // namespace

GroupedRounder::GroupedRounder(const at::Tensor& hessian, const CompensationOptions& options, const RunControl& run)
    : m_options(options)
{
    NoGrad noGrad;
    run.throwIfCancelled();
    const at::Tensor diagonal = hessian.diagonal(0, 1, 2); // [g, K]
    check(at::isfinite(diagonal).all().item<bool>(), ErrorCode::NonFinite,
          "the Hessian of the layer's inputs holds a value that is not finite");
    const at::Tensor largest = diagonal.amax(1), alive = diagonal > 1e-12 * largest.unsqueeze(1);
    const at::Tensor place = options.decreasingDiagonal ? -diagonal : at::arange(diagonal.size(1), at::kDouble).expand(diagonal.sizes());
    m_order = at::where(alive, place, at::full_like(place, INFINITY)).argsort(/*stable=*/true, 1, false);
    m_mask = alive.gather(1, m_order);
    const at::Tensor counts = m_mask.sum(1).contiguous();
    m_live.assign(counts.data_ptr<std::int64_t>(), counts.data_ptr<std::int64_t>() + counts.numel());
    const std::int64_t groups = hessian.size(0), k = hessian.size(1);
    const at::Tensor rows = m_order.unsqueeze(2).expand({groups, k, k}), columns = m_order.unsqueeze(1).expand({groups, k, k});
    at::Tensor h = hessian.gather(1, rows).gather(2, columns);
    const at::Tensor both = m_mask.unsqueeze(1).logical_and(m_mask.unsqueeze(2));
    h = at::where(both, h, at::zeros_like(h));
    m_damping = at::where(alive, diagonal, at::zeros_like(diagonal)).sum(1) / counts.clamp_min(1).to(at::kDouble) * options.damping;
    h.diagonal(0, 1, 2).add_(m_damping.unsqueeze(1) * m_mask.to(at::kDouble));
    m_hessian = h.to(at::kFloat).contiguous();
    h = h.clone();
    h.diagonal(0, 1, 2).add_(m_mask.logical_not().to(at::kDouble));
    m_factor = upperFactors(h, largest);
    m_factor32 = m_factor.to(at::kFloat).contiguous();
}

at::Tensor GroupedRounder::ordered(const at::Tensor& rows) const
{
    const std::int64_t groups = m_order.size(0), each = rows.size(0) / groups, k = m_order.size(1);
    return rows.reshape({groups, each, k}).gather(2, m_order.unsqueeze(1).expand({groups, each, k})).reshape({-1, k});
}

at::Tensor GroupedRounder::inPlace(const at::Tensor& rows, const at::Tensor& inOrder) const
{
    const std::int64_t groups = m_order.size(0), each = rows.size(0) / groups, k = m_order.size(1);
    const at::Tensor mask = m_mask.unsqueeze(1).expand({groups, each, k});
    const at::Tensor mixed = at::where(mask, inOrder.reshape({groups, each, k}), ordered(rows).reshape({groups, each, k}));
    return at::empty_like(mixed).scatter_(2, m_order.unsqueeze(1).expand({groups, each, k}), mixed).reshape({-1, k});
}

at::Tensor GroupedRounder::live(std::int64_t rows) const
{
    const at::Tensor mask = at::empty_like(m_mask).scatter_(1, m_order, m_mask);
    return mask.repeat_interleave(rows / m_order.size(0), 0);
}

at::Tensor GroupedRounder::leastSquares(const at::Tensor& w, const at::Tensor& b) const
{
    NoGrad noGrad;
    const std::int64_t groups = m_order.size(0), each = w.size(0) / groups, k = m_order.size(1);
    const at::Tensor wide = w.to(at::kDouble).contiguous();
    const at::Tensor rhs = ordered(b.to(at::kDouble) + m_damping.repeat_interleave(each).unsqueeze(1) * wide).reshape({groups, each, k});
    // X U U^T = rhs
    const at::Tensor half = at::linalg_solve_triangular(m_factor.transpose(1, 2), rhs, false, false);
    return inPlace(wide, at::linalg_solve_triangular(m_factor, half, true, false).reshape({-1, k}));
}

at::Tensor GroupedRounder::round(const at::Tensor& wIn, const at::Tensor& scaleIn, const at::Tensor& zeroPointIn, std::int64_t qMin,
                                 std::int64_t qMax, const RunControl& run, const CodeRate* rate) const
{
    NoGrad noGrad;
    run.throwIfCancelled();
    const at::Tensor scale = scaleIn.contiguous(), zeroPoint = zeroPointIn.contiguous(), all = wIn.to(at::kFloat).contiguous();
    const at::Tensor nearest = rate ? zeroPoint.unsqueeze(1).expand(all.sizes()).contiguous()
                                    : ((all / scale.unsqueeze(1)).round() + zeroPoint.unsqueeze(1)).clamp(double(qMin), double(qMax));
    const at::Tensor w = ordered(all);
    at::Tensor picked = at::zeros_like(w);
    const std::int64_t k = w.size(1), each = w.size(0) / m_order.size(0);
    const RowGrid grid{scale.data_ptr<float>(), zeroPoint.data_ptr<float>(), float(qMin), float(qMax), rate};
    const float *values = w.data_ptr<float>(), *factors = m_factor32.data_ptr<float>();
    float* codes = picked.data_ptr<float>();
    at::parallel_for(0, w.size(0), kGrain, [&](std::int64_t first, std::int64_t last) {
        std::vector<float> carry(static_cast<std::size_t>(k));
        for (std::int64_t r = first; r < last; ++r) {
            const std::int64_t n = m_live[static_cast<std::size_t>(r / each)];
            const float *wr = values + r * k, *u = factors + r / each * k * k;
            std::fill(carry.begin(), carry.end(), 0.0f);
            for (std::int64_t c = 0; c < n; ++c) {
                const float* uc = u + c * k;
                const float code = codes[r * k + c] = grid.best(r, wr[c] + carry[std::size_t(c)] / uc[c], uc[c] * uc[c]);
                const float d = wr[c] - grid.value(r, code);
                for (std::int64_t j = c + 1; j < n; ++j)
                    carry[std::size_t(j)] += d * uc[j];
            }
        }
    });
    return inPlace(nearest, picked);
}

at::Tensor GroupedRounder::descend(const at::Tensor& wIn, const at::Tensor& codesIn, const at::Tensor& scaleIn, const at::Tensor& zeroPointIn,
                                   std::int64_t qMin, std::int64_t qMax, const RunControl& run, const CodeRate* rate) const
{
    NoGrad noGrad;
    run.throwIfCancelled();
    const at::Tensor scale = scaleIn.contiguous(), zeroPoint = zeroPointIn.contiguous(), w = ordered(wIn.to(at::kFloat).contiguous());
    at::Tensor picked = ordered(codesIn.contiguous()).contiguous();
    const std::int64_t k = w.size(1), each = w.size(0) / m_order.size(0);
    const RowGrid grid{scale.data_ptr<float>(), zeroPoint.data_ptr<float>(), float(qMin), float(qMax), rate};
    const float *values = w.data_ptr<float>(), *hessians = m_hessian.data_ptr<float>();
    float* codes = picked.data_ptr<float>();
    at::parallel_for(0, w.size(0), kGrain, [&](std::int64_t first, std::int64_t last) {
        std::vector<float> slope(static_cast<std::size_t>(k)); // half the gradient of the error in w_hat
        for (std::int64_t r = first; r < last; ++r) {
            const std::int64_t n = m_live[static_cast<std::size_t>(r / each)];
            const float *wr = values + r * k, *h = hessians + r / each * k * k;
            float* code = codes + r * k;
            std::fill(slope.begin(), slope.end(), 0.0f);
            for (std::int64_t c = 0; c < n; ++c) {
                const float d = grid.value(r, code[c]) - wr[c];
                for (std::int64_t j = 0; j < n; ++j)
                    slope[std::size_t(j)] += d * h[c * k + j];
            }
            bool moved = true;
            for (int sweep = 0; sweep < m_options.sweeps && moved; ++sweep) {
                moved = false;
                for (std::int64_t c = 0; c < n; ++c) {
                    const float* hc = h + c * k;
                    const float now = grid.value(r, code[c]);
                    const float better = grid.best(r, now - slope[std::size_t(c)] / hc[c], hc[c]);
                    const float d = grid.value(r, better) - now;
                    // strictly better only: d (2 slope + d H) < 0, so that ties cannot cycle
                    const float change = d * (2 * slope[std::size_t(c)] + d * hc[c]) + grid.cost(r, better) - grid.cost(r, code[c]);
                    if (better == code[c] || change >= 0)
                        continue;
                    code[c] = better;
                    moved = true;
                    for (std::int64_t j = 0; j < n; ++j)
                        slope[std::size_t(j)] += d * hc[j];
                }
            }
        }
    });
    return inPlace(codesIn.contiguous(), picked);
}

at::Tensor GroupedRounder::error(const at::Tensor& difference) const
{
    NoGrad noGrad;
    const std::int64_t groups = m_order.size(0), k = m_order.size(1);
    const at::Tensor d = ordered(difference.to(at::kFloat).contiguous()).reshape({groups, -1, k});
    return (at::bmm(d, m_hessian) * d).sum(2, false, at::kDouble).reshape({-1});
}

at::Tensor GroupedRounder::bestScale(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint) const
{
    NoGrad noGrad;
    const std::int64_t groups = m_order.size(0), k = m_order.size(1);
    const at::Tensor v = ordered((codes - zeroPoint.unsqueeze(1)).contiguous()).reshape({groups, -1, k});
    const at::Tensor vh = at::bmm(v, m_hessian), ordered32 = ordered(w.to(at::kFloat).contiguous()).reshape({groups, -1, k});
    const at::Tensor up = (vh * ordered32).sum(2, false, at::kDouble).reshape({-1}), down = (vh * v).sum(2, false, at::kDouble).reshape({-1});
    const at::Tensor best = storableScale((up / down).to(at::kFloat));
    return at::where((up > 0).logical_and(down > 0), best, scale);
}

} // namespace mprdo

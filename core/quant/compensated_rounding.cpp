// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/compensated_rounding.h"
#include "core/base/error.h"
#include "core/quant/grouped_rounding.h"
#include "core/quant/row_grid.h"
#include <algorithm>
#include <atomic>
#include <cmath>

namespace mprdo {
namespace {

/// Lower Cholesky factor of a (destroyed), in panels so that a cancelled run stops within one.
at::Tensor choleskyInPanels(at::Tensor a, const RunControl& run)
{
    constexpr std::int64_t width = 512;
    const std::int64_t n = a.size(0);
    for (std::int64_t p = 0; p < n; p += width) {
        run.throwIfCancelled();
        const std::int64_t e = std::min(n, p + width);
        const at::Tensor corner = at::linalg_cholesky(a.slice(0, p, e).slice(1, p, e));
        a.slice(0, p, e).slice(1, p, e).copy_(corner);
        if (e == n)
            break;
        // X corner^T = A  ->  X = A corner^-T
        const at::Tensor below
            = at::linalg_solve_triangular(corner.t(), a.slice(0, e, n).slice(1, p, e).contiguous(), true, false);
        a.slice(0, e, n).slice(1, p, e).copy_(below);
        for (std::int64_t c = e; c < n; c += width) { // at and below the diagonal alone
            const std::int64_t d = std::min(n, c + width);
            a.slice(0, c, n).slice(1, c, d).addmm_(below.slice(0, c - e), below.slice(0, c - e, d - e).t(), 1, -1);
        }
    }
    return a.tril();
}

constexpr std::int64_t kGrain = 4;   ///< rows per thread at least
constexpr std::int64_t kPanel = 256; ///< columns of a product that symmetry halves

} // namespace

CompensatedRounder::CompensatedRounder(const at::Tensor& hessian, const CompensationOptions& options, const RunControl& run)
    : m_options(options)
{
    NoGrad noGrad;
    const at::Tensor diagonal = hessian.diagonal();
    check(at::isfinite(diagonal).all().item<bool>(), ErrorCode::NonFinite,
          "the Hessian of the layer's inputs holds a value that is not finite");
    const double largest = diagonal.numel() > 0 ? diagonal.max().item<double>() : 0;
    const at::Tensor live = at::nonzero(diagonal > 1e-12 * largest).reshape({-1});
    const at::Tensor alive = diagonal.index_select(0, live);
    m_order = options.decreasingDiagonal ? live.index_select(0, std::get<1>(alive.sort(0, true))) : live;
    const std::int64_t n = m_order.size(0);
    m_damping = n > 0 ? alive.mean() * options.damping : at::zeros({}, at::kDouble);
    if (n == 0) {
        m_hessian = m_factor32 = at::empty({0, 0});
        m_factor = at::empty({0, 0}, at::kDouble);
        return;
    }
    at::Tensor ordered = hessian.index_select(0, m_order).index_select(1, m_order);
    ordered.diagonal().add_(m_damping.item<double>());
    m_hessian = ordered.to(at::kFloat);
    // H = U U^T with U upper: the lower factor of H read backwards.
    double boost = m_damping.item<double>();
    for (int attempt = 0;; ++attempt) {
        try {
            m_factor = choleskyInPanels(ordered.flip({0, 1}).contiguous(), run).flip({0, 1}).contiguous();
            break;
        } catch (const c10::Error&) { // not positive definite to rounding: more damping
            check(attempt < 8, ErrorCode::NonFinite, "the Hessian of the layer's inputs cannot be factorised");
            boost = std::max(10 * boost, 1e-8 * largest);
            ordered.diagonal().add_(boost);
        }
    }
    m_factor32 = m_factor.to(at::kFloat);
}

at::Tensor CompensatedRounder::leastSquares(const at::Tensor& w, const at::Tensor& b) const
{
    NoGrad noGrad;
    at::Tensor out = w.to(at::kDouble).clone();
    if (m_order.size(0) == 0)
        return out;
    const at::Tensor rhs = (b.to(at::kDouble) + m_damping * out).index_select(1, m_order);
    // X U U^T = rhs
    const at::Tensor half = at::linalg_solve_triangular(m_factor.t(), rhs, false, false);
    out.index_copy_(1, m_order, at::linalg_solve_triangular(m_factor, half, true, false));
    return out;
}

at::Tensor CompensatedRounder::round(const at::Tensor& wIn, const at::Tensor& scaleIn, const at::Tensor& zeroPointIn,
                                     std::int64_t qMin, std::int64_t qMax, const RunControl& run,
                                     const CodeRate* rate) const
{
    NoGrad noGrad;
    const at::Tensor scale = scaleIn.contiguous(), zeroPoint = zeroPointIn.contiguous();
    const at::Tensor all = wIn.to(at::kFloat);
    at::Tensor codes = rate ? zeroPoint.unsqueeze(1).expand(all.sizes()).clone(at::MemoryFormat::Contiguous) // never the caller's own
                            : ((all / scale.unsqueeze(1)).round() + zeroPoint.unsqueeze(1)).clamp(double(qMin), double(qMax));
    const std::int64_t n = m_order.size(0), rows = all.size(0);
    if (n == 0)
        return codes;
    const at::Tensor w = all.index_select(1, m_order).contiguous();
    at::Tensor carried = at::zeros_like(w); // sum over rounded columns j of e_j U_jk
    at::Tensor errors = at::empty_like(w), picked = at::empty_like(w);
    const float* u = m_factor32.data_ptr<float>();
    const RowGrid grid{scale.data_ptr<float>(), zeroPoint.data_ptr<float>(), float(qMin), float(qMax), rate};
    for (std::int64_t p = 0; p < n; p += m_options.panel) {
        run.throwIfCancelled();
        const std::int64_t e = std::min(n, p + m_options.panel);
        at::parallel_for(0, rows, kGrain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t r = first; r < last; ++r) {
                const float* wr = w.data_ptr<float>() + r * n;
                float* carry = carried.data_ptr<float>() + r * n;
                float* error = errors.data_ptr<float>() + r * n;
                float* code = picked.data_ptr<float>() + r * n;
                for (std::int64_t k = p; k < e; ++k) {
                    const float* uk = u + k * n;
                    code[k] = grid.best(r, wr[k] + carry[k] / uk[k], uk[k] * uk[k]);
                    const float d = error[k] = wr[k] - grid.value(r, code[k]);
                    for (std::int64_t j = k + 1; j < e; ++j)
                        carry[j] += d * uk[j];
                }
            }
        });
        if (e < n)
            carried.slice(1, e, n).addmm_(errors.slice(1, p, e), m_factor32.slice(0, p, e).slice(1, e, n));
    }
    codes.index_copy_(1, m_order, picked);
    return codes;
}

at::Tensor CompensatedRounder::descend(const at::Tensor& wIn, const at::Tensor& codesIn, const at::Tensor& scaleIn,
                                       const at::Tensor& zeroPointIn, std::int64_t qMin, std::int64_t qMax,
                                       const RunControl& run, const CodeRate* rate) const
{
    NoGrad noGrad;
    const std::int64_t n = m_order.size(0), rows = wIn.size(0);
    if (n == 0 || m_options.sweeps == 0)
        return codesIn;
    const at::Tensor scale = scaleIn.contiguous(), zeroPoint = zeroPointIn.contiguous();
    const at::Tensor w = wIn.to(at::kFloat).index_select(1, m_order).contiguous();
    at::Tensor codes = codesIn.index_select(1, m_order).contiguous();
    const at::Tensor start = (codes - zeroPoint.unsqueeze(1)) * scale.unsqueeze(1) - w;
    at::Tensor slope = at::matmul(start, m_hessian); // half the gradient of the error in w_hat
    const float* h = m_hessian.data_ptr<float>();
    const RowGrid grid{scale.data_ptr<float>(), zeroPoint.data_ptr<float>(), float(qMin), float(qMax), rate};
    for (int sweep = 0; sweep < m_options.sweeps; ++sweep) {
        std::atomic<std::int64_t> changed{0};
        for (std::int64_t p = 0; p < n; p += m_options.panel) {
            run.throwIfCancelled();
            const std::int64_t e = std::min(n, p + m_options.panel);
            at::Tensor moved = at::zeros({rows, e - p});
            at::parallel_for(0, rows, kGrain, [&](std::int64_t first, std::int64_t last) {
                std::vector<float> local(static_cast<std::size_t>(e - p));
                std::int64_t moves = 0;
                for (std::int64_t r = first; r < last; ++r) {
                    const float* s = slope.data_ptr<float>() + r * n;
                    float* code = codes.data_ptr<float>() + r * n;
                    float* move = moved.data_ptr<float>() + r * (e - p);
                    std::copy(s + p, s + e, local.begin());
                    for (std::int64_t k = p; k < e; ++k) {
                        const float* hk = h + k * n;
                        const float now = grid.value(r, code[k]);
                        const float better = grid.best(r, now - local[std::size_t(k - p)] / hk[k], hk[k]);
                        const float d = grid.value(r, better) - now;
                        // strictly better only: d (2 slope + d H) < 0, so that ties cannot cycle
                        const float change = d * (2 * local[std::size_t(k - p)] + d * hk[k]) + grid.cost(r, better)
                                             - grid.cost(r, code[k]);
                        if (better == code[k] || change >= 0)
                            continue;
                        code[k] = better;
                        move[k - p] = d;
                        ++moves;
                        for (std::int64_t j = p; j < e; ++j)
                            local[std::size_t(j - p)] += d * hk[j];
                    }
                }
                changed += moves;
            });
            slope.addmm_(moved, m_hessian.slice(0, p, e));
        }
        if (changed == 0)
            break;
    }
    at::Tensor out = codesIn.clone();
    out.index_copy_(1, m_order, codes);
    return out;
}

at::Tensor CompensatedRounder::error(const at::Tensor& difference) const
{
    NoGrad noGrad;
    const at::Tensor d = difference.to(at::kFloat).index_select(1, m_order);
    const std::int64_t columns = d.size(1);
    at::Tensor out = at::zeros({d.size(0)}, at::kDouble);
    for (std::int64_t begin = 0; begin < columns; begin += kPanel) { // H is symmetric: what stands off its diagonal counts twice
        const std::int64_t end = std::min(columns, begin + kPanel);
        const at::Tensor panel = d.slice(1, begin, end);
        at::Tensor product = at::matmul(panel, m_hessian.slice(0, begin, end).slice(1, begin, end));
        if (end < columns)
            product.addmm_(d.slice(1, end), m_hessian.slice(0, end).slice(1, begin, end), 1, 2);
        out += (product * panel).sum(1, false, at::kDouble);
    }
    return out;
}

at::Tensor CompensatedRounder::bestScale(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale,
                                         const at::Tensor& zeroPoint) const
{
    NoGrad noGrad;
    if (m_order.size(0) == 0)
        return scale;
    const at::Tensor v = (codes - zeroPoint.unsqueeze(1)).index_select(1, m_order);
    const at::Tensor vh = at::matmul(v, m_hessian);
    const at::Tensor up = (vh * w.to(at::kFloat).index_select(1, m_order)).sum(1, false, at::kDouble);
    const at::Tensor down = (vh * v).sum(1, false, at::kDouble);
    const at::Tensor best = storableScale((up / down).to(at::kFloat));
    return at::where((up > 0).logical_and(down > 0), best, scale);
}

at::Tensor roundCompensated(const at::Tensor& w, const at::Tensor& hessian, const Grid& grid,
                            const CompensationOptions& options, const RunControl& run)
{
    NoGrad noGrad;
    const std::int64_t groups = hessian.size(0), perGroup = w.size(0) / groups;
    const at::Tensor rows = w.reshape({w.size(0), -1});
    const at::Tensor scale = grid.scale.expand({w.size(0)}), zeroPoint = grid.zeroPoint.expand({w.size(0)});
    if (GroupedRounder::suits(groups, rows.size(1))) {
        const GroupedRounder rounder(hessian, options, run);
        const at::Tensor first = rounder.round(rows, scale, zeroPoint, grid.qMin(), grid.qMax(), run);
        return rounder.descend(rows, first, scale, zeroPoint, grid.qMin(), grid.qMax(), run).reshape(w.sizes());
    }
    std::vector<at::Tensor> codes;
    for (std::int64_t g = 0; g < groups; ++g) {
        const CompensatedRounder rounder(hessian[g], options, run);
        const auto part = [&](const at::Tensor& t) { return t.slice(0, g * perGroup, (g + 1) * perGroup); };
        const at::Tensor first
            = rounder.round(part(rows), part(scale), part(zeroPoint), grid.qMin(), grid.qMax(), run);
        codes.push_back(rounder.descend(part(rows), first, part(scale), part(zeroPoint), grid.qMin(), grid.qMax(), run));
    }
    return at::cat(codes).reshape(w.sizes());
}

} // namespace mprdo

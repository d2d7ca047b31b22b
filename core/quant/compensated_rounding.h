// SPDX-License-Identifier: GPL-3.0-or-later
// Closed-form rounding with second-order error compensation.
#pragma once
#include "core/api/run_control.h"
#include "core/quant/code_rate.h"

namespace mprdo {

struct CompensationOptions {
    double damping = 0.01;          ///< times mean(diag H) over live columns, added to the diagonal (GPTQ's default)
    bool decreasingDiagonal = true; ///< column order (GPTQ's act_order); else the weight's own order
    std::int64_t panel = 128;       ///< columns per blocked update
    int sweeps = 4;                 ///< coordinate-descent sweeps after the first rounding (QuantEase, arXiv 2309.01885)
};

/// Minimises (w - w_hat) H (w - w_hat)^T over the codes of w_hat, row by row, for one H. The factor is made once and serves
/// any number of rows and grids. Columns with H_ii = 0 (dead: they meet only padding) stay out of the factor.
class CompensatedRounder {
public:
    /// \param hessian float64 [K, K], symmetric, positive semidefinite
    /// \throws Error{NonFinite} when H is not finite; Cancelled (polled once a panel)
    /// Cost: K^3 / 3 flops, once.
    CompensatedRounder(const at::Tensor& hessian, const CompensationOptions&, const RunControl&);

    /// argmin over real rows of (v - w) (damping) (v - w)^T + v H v^T - 2 v b^T: least squares, pulled towards w where the
    /// data say little; dead columns keep w. w, b: float64 [C, K]; returns float64 [C, K].
    at::Tensor leastSquares(const at::Tensor& w, const at::Tensor& b) const;

    /// Codes of w (float32 [C, K]) for one scale and zero point per row (float32 [C]), codes in [qMin, qMax]: columns are
    /// rounded one by one, the error of each is taken into account by those that follow (OBQ, arXiv 2208.11580; GPTQ,
    /// arXiv 2210.17323; in the form of Babai's nearest plane, arXiv 2507.18553, which needs the factor of H alone).
    /// With a rate, each takes the code of least error plus rate among the nearest, its neighbour towards zero and zero, as
    /// CERWU does (arXiv 2505.18758), and dead columns take zero. Cost: C K^2 flops.
    at::Tensor round(const at::Tensor& w, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin,
                     std::int64_t qMax, const RunControl&, const CodeRate* rate = nullptr) const;

    /// Coordinate descent over codes: each in turn takes the value that is best given all others, until a sweep changes
    /// nothing or options.sweeps are done. Never raises the error, with a rate error plus rate. Cost: 4 C K^2 flops per sweep.
    at::Tensor descend(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint,
                       std::int64_t qMin, std::int64_t qMax, const RunControl&, const CodeRate* rate = nullptr) const;

    /// The columns of rows [C, K] that are not dead, [C, L].
    at::Tensor live(const at::Tensor& rows) const { return rows.index_select(1, m_order); }

    /// d (H + damping) d^T of every row, float64 [C]; d: float32 or float64 [C, K].
    at::Tensor error(const at::Tensor& difference) const;

    /// The scale per row that is best for fixed codes: (v H w^T) / (v H v^T), v = codes - zero point; where that is not
    /// positive the given scale stays. float32 [C].
    at::Tensor bestScale(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale,
                         const at::Tensor& zeroPoint) const;

private:
    CompensationOptions m_options;
    at::Tensor m_hessian;  ///< float32 [L, L], live columns in rounding order, damped
    at::Tensor m_order;    ///< int64 [L]: column of w at each place
    at::Tensor m_factor;   ///< float64 [L, L] upper triangular U, H = U U^T
    at::Tensor m_factor32;
    at::Tensor m_damping;  ///< float64 scalar
};

/// Codes for a whole weight. \param w float32 [O, ...]; output axis 0; groups split O evenly  \param hessian float64
/// [groups, K, K], K = elements of w per output channel. Returns codes, float32 integers, shape of w.
at::Tensor roundCompensated(const at::Tensor& w, const at::Tensor& hessian, const Grid&, const CompensationOptions&,
                            const RunControl&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Compensated rounding of many small groups at once: depthwise and grouped convolutions, whose matrices are a few columns wide.
#pragma once
#include "core/quant/compensated_rounding.h"

namespace mprdo {

/// What CompensatedRounder does, for each group with its own H: the same results, without the cost of a dozen small tensors for every
/// group. Rows are those of all groups, C = groups * (C / groups).
class GroupedRounder {
public:
    /// Are there groups enough, and small enough, for this to pay?
    static bool suits(std::int64_t groups, std::int64_t columns) { return groups > 1 && columns <= 128; }

    /// \param hessian float64 [groups, K, K], each symmetric, positive semidefinite
    /// \throws Error{NonFinite} when one is not finite. Cost: groups * K^3 / 3 flops.
    GroupedRounder(const at::Tensor& hessian, const CompensationOptions&, const RunControl&);

    // As those of CompensatedRounder, for w, b, codes [C, K], scale, zeroPoint [C].
    at::Tensor leastSquares(const at::Tensor& w, const at::Tensor& b) const;
    at::Tensor round(const at::Tensor& w, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin, std::int64_t qMax,
                     const RunControl&, const CodeRate* rate = nullptr) const;
    at::Tensor descend(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin,
                       std::int64_t qMax, const RunControl&, const CodeRate* rate = nullptr) const;
    at::Tensor error(const at::Tensor& difference) const;
    at::Tensor bestScale(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint) const;
    /// bool [C, K]: which columns of each row are not dead.
    at::Tensor live(std::int64_t rows) const;

private:
    at::Tensor ordered(const at::Tensor& rows) const;                              ///< columns in each group's order
    at::Tensor inPlace(const at::Tensor& rows, const at::Tensor& ordered) const;   ///< ... and back, dead ones from rows

    CompensationOptions m_options;
    at::Tensor m_order;               ///< int64 [groups, K]: live columns first, in rounding order
    std::vector<std::int64_t> m_live; ///< of each group
    at::Tensor m_mask;                ///< bool [groups, K], in that order
    at::Tensor m_hessian;             ///< float32 [groups, K, K] in that order, damped; dead rows and columns zero
    at::Tensor m_factor, m_factor32;  ///< [groups, K, K] upper triangular, H = U U^T; identity on dead columns
    at::Tensor m_damping;             ///< float64 [groups]
};

} // namespace mprdo

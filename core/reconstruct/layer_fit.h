// SPDX-License-Identifier: GPL-3.0-or-later
// One layer of a block under work: what it sees, what it should give, and how far a set of integers is from that.
#pragma once
#include "core/exec/input_statistics.h"
#include "core/quant/grouped_rounding.h"
#include "core/reconstruct/block_walk.h"

namespace mprdo {

/// Moments of the layer's inputs from the quantized prefix (the block's earlier layers as in model) and its wanted outputs:
/// the FP32 network's. Where the output goes into an addition alone, the wanted output also makes up for the error that
/// the other summand already carries.
LayerMoments layerMoments(const BlockTask&, const QuantizedModel& model, const Layer&, Effort);

/// The quadratic output error of one layer, ready for many candidate grids.
class LayerFit {
public:
    /// Factorises the inputs' covariance, once for every aim; the aim is 1 at first.
    LayerFit(const Graph&, const Layer&, const LayerMoments&, const CompensationOptions&, const RunControl&);

    /// \param aim in [0, 1]: 0 rounds towards the FP32 weights, 1 towards the least-squares weights that make up for the
    /// prefix's error; between them a mixture.
    void setAim(double aim);

    const at::Tensor& weight() const { return m_weight; }   ///< float32 [O, K], FP32 weights
    /// Per output channel, float64 [O]: quadratic error of rows (float32 [O, K]) with the best bias.
    at::Tensor error(const at::Tensor& rows) const;
    /// The same with the bias given (float64 [O]).
    at::Tensor error(const at::Tensor& rows, const at::Tensor& bias) const;
    /// Best bias for rows, float64 [O].
    at::Tensor bestBias(const at::Tensor& rows) const { return m_moments.bestBias(rows.to(at::kDouble)); }
    /// diag(H) per weight, float32 of the weight's own shape: importance for mseGrid.
    at::Tensor importance() const;

    /// Compensated codes [O, K] for a grid given per channel.
    at::Tensor round(const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin, std::int64_t qMax,
                     const RunControl&, const CodeRate* = nullptr) const;
    at::Tensor descend(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint, std::int64_t qMin,
                       std::int64_t qMax, const RunControl&, const CodeRate* = nullptr) const;
    /// What codes [O, K] cost in an entropy-coded file, for bits as often as they occur among codes; dead columns, whose
    /// codes are zero there, are left out. Lambda is in units of the layer's own high-rate slope: 2 ln 2 error / weights.
    /// \param error sum of error() over the rows
    CodeRate rateOf(const at::Tensor& codes, const at::Tensor& zeroPoint, double lambda, double error) const;
    /// Sum of rate's cost over each row of codes, float64 [O].
    at::Tensor cost(const CodeRate& rate, const at::Tensor& codes, const at::Tensor& zeroPoint) const;
    at::Tensor bestScale(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint) const;

private:
    template <class F>
    at::Tensor perGroup(F&&) const;

    LayerMoments m_moments;
    std::vector<std::int64_t> m_shape;
    at::Tensor m_weight, m_aim;              ///< float32 [O, K]
    at::Tensor m_leastSquares;               ///< float64 [O, K]
    std::vector<CompensatedRounder> m_rounders;  ///< one a group ...
    std::optional<GroupedRounder> m_grouped;     ///< ... or one for all of them, where they are many and small
};

/// rows [O, K] of values for codes [O, K].
inline at::Tensor valuesOf(const at::Tensor& codes, const at::Tensor& scale, const at::Tensor& zeroPoint)
{
    return (codes - zeroPoint.unsqueeze(1)) * scale.unsqueeze(1);
}

/// Positions of calibration images that the moments of rows of k weights use: so many for each of the k unknowns that more
/// change nothing but the time.
std::int64_t positionsFor(Effort, std::int64_t k);

} // namespace mprdo

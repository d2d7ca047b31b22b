// SPDX-License-Identifier: GPL-3.0-or-later
// The second currency: what a code costs in an entropy-coded file.
#pragma once
#include "core/quant/grid.h"

namespace mprdo {

/// Bits that an ideal order-0 entropy coder spends on a tensor's codes, each counted from its channel's zero point.
double codeInformation(const QuantizedTensor&);

/// Error that one bit more saves on a quantizer of fine steps: error falls by 6 dB per bit and weight, so 2 ln 2 error /
/// weights (Gish and Pierce, IEEE Transactions on Information Theory 14(5), 1968).
double highRateSlope(double error, double weights);

struct ErrorAndBits {
    double error = 0, bits = 0;
};
/// Going from before to after lowers the error, or with lambda > 0 error + lambda * bits, lambda in units of the high-rate
/// slope at the smaller of both errors.
bool costFalls(const ErrorAndBits& before, const ErrorAndBits& after, double weights, double lambda);

/// Bits of each code, by how often it occurs among the codes it was made from, and what a bit is worth in error: the term
/// lambda R of rate-distortion optimised quantization (Sullivan and Wiegand, IEEE Signal Processing Magazine 15(6), 1998).
class CodeRate {
public:
    /// \param offsets codes minus zero points, float32, any shape, whole numbers of -255 to 255
    /// \param lambda error per bit, >= 0
    CodeRate(const at::Tensor& offsets, double lambda);

    /// lambda times the bits of a code that lies offset from the zero point.
    float cost(float offset) const { return m_cost[std::size_t(int(offset) + kReach)]; }
    /// The same for each of many, float32 of their shape.
    at::Tensor costs(const at::Tensor& offsets) const;

private:
    static constexpr int kReach = 255;
    std::array<float, 2 * kReach + 1> m_cost{};
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// How much each output of a block matters for the network's answer.
#pragma once
#include "core/api/run_control.h"
#include "core/base/random.h"
#include "core/data/image_set.h"
#include "core/exec/executor.h"
#include "core/graph/passes.h"

namespace mprdo {

/// The Fisher diagonal of a value, factored into images and places so that it stays small and smooth:
/// F[n, place] ~ image[n] * place[place] / unit^2, mean of image = 1.
struct OutputFisher {
    at::Tensor image;  ///< float32 [N]
    at::Tensor place;  ///< float32 [1, C, H, W] or [1, C], of the value in units
    double unit = 1;   ///< a power of two, about the value's largest magnitude: squares neither overflow nor vanish

    /// 0.5 * mean over images of sum_place F (a - b)^2: to second order the KL divergence in nats that the change causes.
    double error(const at::Tensor& a, const at::Tensor& b) const;
    /// place * (difference / unit)^2, the shape of difference; gradients go through.
    at::Tensor weightedSquares(const at::Tensor& difference) const;
};

/// Of every block's output, on FP32 activations. Gauss-Newton probes: the squared gradient of logits . (sqrt(p) v - p
/// (sqrt(p) . v)), v standard normal, has the Fisher diagonal of the softmax output as its mean (natural-gradient
/// literature: Martens, arXiv 1412.1193). Cost: probes backward passes.
std::vector<OutputFisher> outputFisher(const Graph&, const std::vector<Block>&, const ImageSet&, std::uint64_t seed,
                                       const RunControl&, int probes = 2);

} // namespace mprdo

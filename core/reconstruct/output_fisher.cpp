// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/output_fisher.h"
#include "core/evaluate/likelihood.h"
#include "core/quant/grid.h"

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 64;

} // namespace

double OutputFisher::error(const at::Tensor& a, const at::Tensor& b) const
{
    NoGrad noGrad;
    const at::Tensor squares = weightedSquares(a - b);
    const at::Tensor perImage = squares.reshape({squares.size(0), -1}).sum(1, false, at::kDouble);
    return 0.5 * (perImage * image).mean().item<double>();
}

at::Tensor OutputFisher::weightedSquares(const at::Tensor& difference) const
{
    const at::Tensor d = unit == 1 ? difference : difference / unit;
    return d * d * place;
}

std::vector<OutputFisher> outputFisher(const Graph& graph, const std::vector<Block>& blocks, const ImageSet& set,
                                       std::uint64_t seed, const RunControl& run, int probes)
{
    std::vector<ValueId> fetches;
    for (const Block& block : blocks)
        fetches.push_back(block.output);
    const ValueId logitsId = graph.outputs.at(0);
    std::vector<double> units;                                       // of each output, from the first batch
    std::vector<at::Tensor> place(blocks.size());                    // sums
    std::vector<std::vector<at::Tensor>> image(blocks.size());
    for (std::int64_t b = 0; b < set.size(); b += kBatch) {
        run.throwIfCancelled();
        const std::int64_t e = std::min(set.size(), b + kBatch);
        const GradMode grad(true);
        const at::Tensor x = set.batch(b, e).set_requires_grad(true);
        std::vector<ValueId> wanted = fetches;
        wanted.push_back(logitsId);
        const ValueMap values = execute(graph, {{graph.inputs.at(0), x}}, wanted);
        const at::Tensor logits = values.at(logitsId);
        std::vector<at::Tensor> outputs;
        for (const ValueId v : fetches)
            outputs.push_back(values.at(v));
        if (units.empty())
            for (const at::Tensor& output : outputs)
                units.push_back(rowUnits(output.detach().reshape({1, -1})).item<double>());
        const at::Tensor p = at::softmax(logits.detach(), -1);
        std::vector<at::Tensor> squares(blocks.size());
        for (int k = 0; k < probes; ++k) {
            auto g = generator(seed, "output fisher", {b, k});
            const at::Tensor v = at::randn(p.sizes(), g);
            const at::Tensor direction = fisherRoot(p, v);
            const auto grads = gradients({(logits * direction).sum()}, outputs, false, k + 1 < probes);
            NoGrad noGrad;
            for (std::size_t i = 0; i < blocks.size(); ++i) {
                const at::Tensor slope = grads[i] * units[i]; // of a small output it is large, of a large one small: squares stay in range
                const at::Tensor square = (slope * slope) / double(probes);
                squares[i] = squares[i].defined() ? squares[i] + square : square;
            }
        }
        NoGrad noGrad;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const at::Tensor sum = squares[i].sum(0, true);
            place[i] = place[i].defined() ? place[i] + sum : sum;
            image[i].push_back(squares[i].reshape({e - b, -1}).sum(1));
        }
    }
    NoGrad noGrad;
    std::vector<OutputFisher> out;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        OutputFisher f;
        f.unit = units[i];
        f.place = place[i] / double(set.size());
        const at::Tensor weight = at::cat(image[i]);
        const at::Tensor mean = weight.mean().clamp_min(1e-30);
        // Half the weight stays uniform: a confident image says little about the answer, but much about the activations.
        f.image = 0.5 + 0.5 * weight / mean;
        out.push_back(f);
    }
    return out;
}

} // namespace mprdo

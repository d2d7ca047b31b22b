// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 6.
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/reconstruct/adaround.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/block_walk.h"

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 32;

int iterationsFor(Effort effort) { return effort == Effort::Fast ? 200 : effort == Effort::Normal ? 800 : 4000; }

/// Power of the output error relative to the output's own, on the first calibration images.
double relativeOutputError(const BlockTask& task, const QuantizedModel& model, const Layer& layer)
{
    NoGrad noGrad;
    const std::int64_t images = std::min<std::int64_t>(64, task.calibration.quantized.size(0));
    double worst = 0;
    for (const std::size_t n : layer.nodes) {
        if (n < task.block.begin || n >= task.block.end)
            continue;
        const ValueId v = task.graph.nodes[n].outputs[0];
        const at::Tensor q = execute(task.graph, {{task.block.input, task.calibration.quantized.slice(0, 0, images)}}, {v},
                                     model.overlay()).at(v);
        const at::Tensor fp
            = execute(task.graph, {{task.block.input, task.calibration.fp.slice(0, 0, images)}}, {v}).at(v);
        worst = std::max(worst, ((q - fp).square().mean() / fp.var().clamp_min(1e-30)).item<double>());
    }
    return worst;
}

/// Adam (arXiv 1412.6980) on one tensor, in units of its own: the same steps whatever it is measured in.
struct Adam {
    at::Tensor parameter, first, second;
    double rate, unit; ///< rate: of a step, in units

    Adam(const at::Tensor& p, double r, double u = 1)
        : parameter(p)
        , first(at::zeros_like(p))
        , second(at::zeros_like(p))
        , rate(r)
        , unit(u)
    {
    }
    void step(const at::Tensor& slope, int iteration, double factor)
    {
        NoGrad noGrad;
        const at::Tensor gradient = unit == 1 ? slope : slope * unit;
        first.mul_(0.9).add_(gradient, 0.1);
        second.mul_(0.999).addcmul_(gradient, gradient, 0.001);
        const double c1 = 1 - std::pow(0.9, iteration + 1), c2 = 1 - std::pow(0.999, iteration + 1);
        parameter.addcdiv_(first, (second / c2).sqrt().add_(1e-8), -rate * unit * factor / c1);
    }
};

QuantizedModel roundBlock(const BlockTask& task, const QuantizedModel& start, const std::vector<std::size_t>& sensitive,
                          const ReconstructOptions& options)
{
    const int iterations = iterationsFor(options.effort);
    const std::int64_t images = task.calibration.quantized.size(0);
    std::vector<SoftRounding> soft;
    std::vector<std::string> biases;
    std::vector<Adam> optimisers;
    for (const std::size_t l : sensitive) {
        const std::string& parameter = task.layers[l].parameter;
        soft.emplace_back(start.graph->parameter(parameter), start.weights.at(parameter));
        optimisers.emplace_back(soft.back().variable(), 1e-2);
    }
    for (const std::size_t l : sensitive)
        for (const std::string& name : biasNames(task.graph, task.layers[l])) {
            const auto it = start.biases.find(name);
            const at::Tensor value = (it != start.biases.end() ? it->second : start.graph->parameter(name)).clone();
            biases.push_back(name);
            const double unit = rowUnits(value.reshape({1, -1})).item<double>();
            optimisers.emplace_back(value.set_requires_grad(true), 1e-3 * (value.abs() / unit).mean().item<double>(), unit);
        }
    const auto hardened = [&] {
        NoGrad noGrad;
        QuantizedModel model = start;
        for (std::size_t i = 0; i < soft.size(); ++i)
            model.weights[task.layers[sensitive[i]].parameter] = soft[i].hard();
        for (std::size_t i = 0; i < biases.size(); ++i)
            model.biases[biases[i]] = optimisers[soft.size() + i].parameter.detach().clone();
        return model;
    };
    const double reference = std::max(task.quickCalibrationError(start), 1e-30);
    if (options.lambda > 0) {
        double weights = 0;
        for (const SoftRounding& s : soft)
            weights += double(s.variable().numel());
        for (SoftRounding& s : soft)
            s.charge(options.lambda * highRateSlope(1, weights)); // the loss is in units of the reference
    }
    QuantizedModel best = start;
    const std::string item = task.block.name;
    Overlay overlay = start.overlay();
    for (int i = 0; i < iterations; ++i) {
        if (i % 8 == 0)
            task.run.throwIfCancelled();
        auto g = generator(options.seed, "adaptive rounding " + item, {i});
        const at::Tensor picked = at::randint(images, {std::min(kBatch, images)}, g, at::kLong);
        const double done = double(i) / iterations, warmUp = 0.2;
        const double beta = done < warmUp ? 20 : 2 + 18 * 0.5 * (1 + std::cos(M_PI * (done - warmUp) / (1 - warmUp)));
        {
            const GradMode grad(true);
            at::Tensor loss;
            std::vector<at::Tensor> parameters;
            for (const Adam& a : optimisers)
                parameters.push_back(a.parameter);
            at::Tensor regulariser = at::zeros({});
            for (std::size_t s = 0; s < soft.size(); ++s) {
                overlay.parameters[task.layers[sensitive[s]].parameter] = soft[s].values();
                if (options.lambda > 0)
                    regulariser = regulariser + soft[s].cost();
                if (done >= warmUp)
                    regulariser = regulariser + soft[s].regulariser(beta);
            }
            for (std::size_t b = 0; b < biases.size(); ++b)
                overlay.parameters[biases[b]] = optimisers[soft.size() + b].parameter;
            const at::Tensor out = execute(task.graph, {{task.block.input, task.calibration.quantized.index_select(0, picked)}},
                                           {task.block.output}, overlay).at(task.block.output);
            const at::Tensor d = out - task.calibration.target.index_select(0, picked);
            const at::Tensor perImage = task.calibration.fisher.weightedSquares(d).reshape({d.size(0), -1}).sum(1);
            loss = 0.5 * (perImage * task.calibration.fisher.image.index_select(0, picked)).mean() / reference + regulariser;
            const auto gradient = gradients({loss}, parameters);
            for (std::size_t p = 0; p < optimisers.size(); ++p)
                if (gradient[p].defined())
                    optimisers[p].step(gradient[p], i, 1);
        }
        // The integers are what counts: they are judged on held-out images as the relaxation hardens.
        const bool check = i + 1 == iterations || (done > 0.5 && (i + 1) % std::max(1, iterations / 10) == 0);
        if (check) {
            QuantizedModel model = hardened();
            if (task.falls(best, model, options.lambda))
                best = std::move(model);
        }
    }
    return best;
}

} // namespace

ReconstructResult adaptRounding(const ReconstructInput& in, const QuantizedModel& start, const ReconstructOptions& options,
                                ArtefactCache& cache, const RunControl& run)
{
    Hash hash;
    hash.add(name(options.effort)).add(options.sensitiveThreshold).add(static_cast<std::int64_t>(options.seed));
    hash.add(options.lambda);
    return walkBlocks(Stage::Rounding, in, start, hash.hex(), options, cache, run,
                      [&](const BlockTask& task, const QuantizedModel& model, StageRecord&) {
                          std::vector<std::size_t> sensitive;
                          for (const std::size_t l : task.block.layers)
                              if (model.weights.count(task.layers[l].parameter) > 0
                                  && relativeOutputError(task, model, task.layers[l]) >= options.sensitiveThreshold)
                                  sensitive.push_back(l);
                          return sensitive.empty() ? model : roundBlock(task, model, sensitive, options);
                      });
}

} // namespace mprdo

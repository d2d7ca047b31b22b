// SPDX-License-Identifier: GPL-3.0-or-later
// Where distortions do not add up, and whether knowing it helps: allocations near a target as predicted, as measured rounded
// to nearest, and after stages 4 and 5. Widths 2 to 6 and 8; 4, 6 and 8 above 4 bits.
// bench_interactions CHECKPOINT DATA TARGET ...   CIFAR-10 folder; TARGET: average bits
#include "core/allocate/allocator.h"
#include "core/api/average_bits.h"
#include "core/data/dataset.h"
#include "core/evaluate/evaluator.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "core/import/importer.h"
#include "core/pipeline/decide.h"
#include "core/pipeline/polish.h"
#include "core/reconstruct/reconstruct.h"
#include "core/sensitivity/sensitivity.h"
#include "tests/bench/bench_main.h"
#include <random>

using namespace mprdo;

namespace {

using Picks = std::vector<std::size_t>;

/// The allocator's answer, the local optimum of the prediction, and some that differ from the first by three swaps.
std::vector<std::pair<std::string, Picks>> candidates(const AllocationProblem& problem, const CrossTerms& cross,
                                                      std::int64_t budget)
{
    const AllocationAnswer answer = allocate(problem, budget);
    std::vector<std::pair<std::string, Picks>> out{{"exact", answer.choice},
                                                   {"pairwise", refined(problem, cross, answer, budget).choice}};
    std::mt19937 random(7);
    const double tolerance = 0.5 * distortionWith(problem, cross, answer.choice);
    for (int k = 1; k <= 4; ++k) {
        Picks picks = answer.choice;
        for (int s = 0; s < 3; ++s) {
            const auto moves = rankedMoves(problem, cross, picks, budget, tolerance, 200);
            if (!moves.empty())
                moves[random() % moves.size()].apply(picks);
        }
        out.emplace_back("swapped " + std::to_string(k), picks);
    }
    return out;
}

struct Bench {
    std::shared_ptr<const Graph> graph;
    Splits sets;
    NoCache cache;
    RunControl run;

    SensitivityPtr table(Rounding rounding)
    {
        SensitivityOptions options;
        options.widths = {2, 3, 4, 5, 6, 8};
        options.metrics = {Metric::Kl};
        options.rounding = rounding;
        return measureSensitivity(graph, sets.calibration, options, cache, run);
    }

    void compare(const SensitivityTable& table, double target)
    {
        const std::vector<LayerInfo> layers = layerInfos(*graph);
        const std::vector<Bits> set = target > 4 ? std::vector<Bits>{4, 6, 8} : table.widths;
        const AllocationProblem problem = problemFrom(layers, table, set, Metric::Kl, std::vector<Bits>(layers.size()));
        const CrossTerms cross = crossTermsFrom(problem, table);
        const auto budget = std::int64_t(target * double(weightCount(layers)));
        const at::Tensor calibration = logits(*graph, {}, sets.calibration.set, run),
                         holdOut = logits(*graph, {}, sets.holdOut.set, run);
        const ReconstructInput in{graph, findBlocks(*graph), sets.calibration, sets.holdOut, "bench"};
        for (const auto& [name, picks] : candidates(problem, cross, budget)) {
            const Allocation allocation = allocationOf(problem, picks);
            double additive = 0;
            for (std::size_t l = 0; l < picks.size(); ++l)
                additive += problem.layers[l][picks[l]].distortion;
            QuantizedModel model = quantizeNearest(graph, allocation, GridMode::Auto);
            std::printf("%s\t%.2f\t%s\t%.3f\t%.5f\t%.5f\t", std::string(mprdo::name(table.rounding)).c_str(), target,
                        name.c_str(), model.averageBits(), additive, distortionWith(problem, cross, picks));
            std::printf("%.5f\t%.5f\t", meanKl(calibration, logits(*graph, model.overlay(), sets.calibration.set, run)),
                        meanKl(holdOut, logits(*graph, model.overlay(), sets.holdOut.set, run)));
            std::fflush(stdout);
            for (const auto stage : {optimiseScales, refineHessian})
                model = stage(in, model, {}, cache, run).model;
            std::printf("%.5f\t%.2f\n", meanKl(holdOut, logits(*graph, model.overlay(), sets.holdOut.set, run)),
                        evaluate(*graph, model.overlay(), sets.evaluation, run).accuracyPercent());
            std::fflush(stdout);
        }
    }
};

int bench(int argc, char** argv)
{
    const RunControl run;
    const auto checkpoint = readCheckpoint(std::string(argv[1])).asMap();
    const auto known = recogniseArchitecture(checkpoint);
    const Dataset data = openDataset(argv[2], run);
    Preprocessing preprocessing = usualPreprocessing(data);
    if (known.architecture == "resnet20") // this checkpoint was trained with ImageNet's
        preprocessing = {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
    const Graph graph = buildArchitecture(known.architecture, checkpoint, {3, 32, 32});
    Bench b{std::make_shared<const Graph>(foldBatchNorm(graph)), split(data, preprocessing, {}, 1024, 2000), {}, run};
    std::printf("sensitivity\ttarget\tallocation\tbits\tsum of D\twith pairs\tnearest, calibration\tnearest, hold-out\t"
                "stages 4 and 5, hold-out\taccuracy (2,000)\n");
    for (const Rounding rounding : {Rounding::Nearest, Rounding::ClosedForm}) {
        const SensitivityPtr table = b.table(rounding);
        for (int i = 3; i < argc; ++i)
            b.compare(*table, std::stod(argv[i]));
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 3, "bench_interactions CHECKPOINT DATA TARGET ...", [&] { return bench(argc, argv); });
}

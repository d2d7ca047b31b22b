// SPDX-License-Identifier: GPL-3.0-or-later
// What each of the stages 4 to 6 earns on a real network at a uniform width, first and last layer at 8 bits.
// bench_stages CHECKPOINT DATA WIDTH STAGES [EFFORT] [TEST] [LAMBDA]   STAGES: digits of 456 to run, 0 for none; DATA: CIFAR-10
// folder; LAMBDA > 0: entropy-coded rate
#include "core/data/dataset.h"
#include "core/evaluate/evaluator.h"
#include "core/export/quant_export.h"
#include "core/export/stored_size.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "core/reconstruct/reconstruct.h"
#include "tests/bench/bench_main.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>

using namespace mprdo;

namespace {

double heldOutError(const StageRecord& record, bool after)
{
    double sum = 0;
    for (const auto& block : record.blocks)
        sum += after && block.accepted ? block.after : block.before;
    return sum;
}

int bench(int argc, char** argv)
{
    const Bits width = std::stoi(argv[3]);
    const std::string stages = argv[4];
    const RunControl run;
    const auto checkpoint = readCheckpoint(std::string(argv[1])).asMap();
    const auto known = recogniseArchitecture(checkpoint);
    const Dataset data = openDataset(argv[2], run);
    Preprocessing preprocessing = usualPreprocessing(data);
    if (known.architecture == "resnet20") // this checkpoint was trained with ImageNet's
        preprocessing = {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
    const Splits sets = split(data, preprocessing, {}, 1024, argc > 6 ? std::stoi(argv[6]) : -1);
    const auto graph = std::make_shared<const Graph>(foldBatchNorm(buildArchitecture(known.architecture, checkpoint, {3, 32, 32})));
    const auto layers = graph->layers();
    Allocation allocation;
    for (std::size_t l = 0; l < layers.size(); ++l)
        allocation.bits.push_back(l == 0 || l + 1 == layers.size() ? 8 : width);
    ReconstructInput in{graph, findBlocks(*graph), sets.calibration, sets.holdOut, "bench"};
    ReconstructOptions options;
    if (argc > 5)
        options.effort = effortFromName(argv[5]).value_or(Effort::Normal);
    options.lambda = argc > 7 ? std::stod(argv[7]) : 0;
    NoCache cache;
    QuantizedModel model = quantizeNearest(graph, allocation, options.grid);
    const auto weights = double(std::accumulate(layers.begin(), layers.end(), std::int64_t(0), [&](std::int64_t n, const Layer& l) {
        return n + graph->parameter(l.parameter).numel();
    }));
    const at::Tensor reference = logits(*graph, {}, sets.holdOut.set, run);
    const auto report = [&](const char* what, double seconds, double cpu) {
        const double kl = meanKl(reference, logits(*graph, model.overlay(), sets.holdOut.set, run));
        const Evaluation e = evaluate(*graph, model.overlay(), sets.evaluation, run);
        std::printf("%-10s %6.2f %%   hold-out KL %.5f   %.1f s, %.1f CPU s", what, e.accuracyPercent(), kl, seconds,
                    cpu);
        if (options.lambda > 0)
            std::printf("   %.3f coded bits a weight, entropy %.3f",
                        8 * double(codedBytes({model, preprocessing, {3, 32, 32}, data.classes})) / weights,
                        codeEntropyBits(model));
        std::printf("\n");
        std::fflush(stdout);
    };
    report("nearest", 0, 0);
    for (const char stage : stages) {
        if (stage < '4' || stage > '6')
            continue;
        const auto begin = std::chrono::steady_clock::now();
        const std::clock_t cpuBegin = std::clock();
        const auto work = stage == '4' ? optimiseScales : stage == '5' ? refineHessian : adaptRounding;
        const ReconstructResult result = work(in, model, options, cache, run);
        model = options.lambda > 0 ? withDeadAtZero(result.model) : result.model;
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::printf("stage %c: summed held-out block error %.5f -> %.5f\n", stage, heldOutError(result.record, false),
                    heldOutError(result.record, true));
        report((std::string("stage ") + stage).c_str(), seconds,
               double(std::clock() - cpuBegin) / CLOCKS_PER_SEC);
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 4, "bench_stages CHECKPOINT DATA WIDTH STAGES [EFFORT] [TEST] [LAMBDA]", [&] { return bench(argc, argv); });
}

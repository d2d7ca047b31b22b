// SPDX-License-Identifier: GPL-3.0-or-later
// A network trained with stage 1 and kept as a checkpoint, for the cases of other benches.
// bench_train DATA ARCHITECTURE EPOCHS OUT.safetensors [WIDTH | START.safetensors]   WIDTH: share of the channels that stay, to multiples
// of 8; START: what an earlier call left, trained on with half its learning rate
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/threads.h"
#include "core/data/dataset.h"
#include "core/evaluate/evaluator.h"
#include "core/finetune/fine_tune.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/seconds.h"
#include <cmath>

using namespace mprdo;

namespace {

constexpr std::int64_t kClasses = 10;

/// Every number of channels times share, of the images' three and of the classes nothing.
StateDict narrowed(StateDict state, double share)
{
    const auto channels = [&](std::int64_t n) {
        return n <= kClasses ? n : std::max<std::int64_t>(8, std::llround(double(n) * share / 8) * 8);
    };
    for (auto& [name, tensor] : state)
        for (std::int64_t axis = 0; axis < std::min<std::int64_t>(2, tensor.dim()); ++axis)
            tensor = tensor.narrow(axis, 0, channels(tensor.size(axis))).clone();
    return state;
}

int train(const std::string& folder, const std::string& architecture, int epochs, const std::string& out, const std::string& from)
{
    const bool goesOn = from.ends_with(".safetensors");
    useThreads(0);
    const Dataset data = openDataset(folder, RunControl());
    const Splits sets = split(data, usualPreprocessing(data), {512, {}, false, {}}, 1024, -1); // as a run splits them
    const StateDict weights = goesOn ? readCheckpoint(from).asMap() : narrowed(initialStateDict(architecture, kClasses, 42), std::stod(from));
    const Graph start = buildArchitecture(architecture, weights, {3, 32, 32});
    FineTuneOptions options;
    options.epochs = epochs;
    options.peakLearningRate = goesOn ? 0.05 : 0.1;
    NoCache cache;
    FineTuneResult result;
    RunControl told([](const Event& event) {
        if (const auto* done = std::get_if<EpochDone>(&event)) {
            std::printf("epoch %d: %.2f %% of the hold-out images\n", done->epoch, done->validationAccuracy);
            std::fflush(stdout);
        }
    });
    const double took = seconds([&] { result = fineTune(start, sets.training, sets.holdOut, options, cache, told); });
    const Evaluation tested = evaluate(result.graph, {}, sets.evaluation, RunControl());
    writeFile(out, encodeSafetensors(stateDictOf(result.graph)));
    std::printf("%s from %s: %.2f %% of %ld test images after %d epochs, %.0f s\n", architecture.c_str(), from.c_str(), tested.accuracyPercent(),
                long(tested.total), epochs, took);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 4, "bench_train DATA ARCHITECTURE EPOCHS OUT.safetensors [WIDTH | START.safetensors]",
                     [&] { return train(argv[1], argv[2], std::stoi(argv[3]), argv[4], argc > 5 ? argv[5] : "1"); });
}

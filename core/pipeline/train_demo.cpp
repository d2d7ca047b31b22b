// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/train_demo.h"
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/threads.h"
#include "core/data/dataset.h"
#include "core/evaluate/evaluator.h"
#include "core/finetune/fine_tune.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include <filesystem>

namespace mprdo {
namespace {

constexpr std::int64_t kCalibration = 512, kHoldOut = 1024; // the defaults of a run, so that its hold-out images stay unseen

FineTuneOptions fromScratch(int epochs, std::uint64_t seed)
{
    FineTuneOptions options;
    options.epochs = epochs;
    options.seed = seed;
    options.batch = 64;
    options.peakLearningRate = 0.1;
    return options;
}

} // namespace

double trainDemoNetwork(const std::string& path, int epochs, std::uint64_t seed, const RunControl& run)
{
    check(epochs >= 1, ErrorCode::Usage, epochs, " epochs: training needs at least one");
    useThreads(0);
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    ensureWritableFolder(folder.string());
    const Dataset data = demoDataset();
    const Splits sets = split(data, usualPreprocessing(data), {kCalibration, {}, false, {}}, kHoldOut, -1);
    const auto classes = static_cast<std::int64_t>(data.classes.size());
    const Graph start = buildArchitecture("resnet8", initialStateDict("resnet8", classes, seed), {3, 32, 32});
    NoCache cache;
    const FineTuneResult result = fineTune(start, sets.training, sets.holdOut, fromScratch(epochs, seed), cache, run);
    run.throwIfCancelled();
    const Evaluation evaluation = evaluate(result.graph, {}, sets.evaluation, run);
    writeFile(path, encodeSafetensors(stateDictOf(result.graph)));
    return evaluation.accuracyPercent();
}

Outcome<double> trainDemo(const std::string& out, int epochs, std::uint64_t seed, const RunControl& run)
{
    return runGuarded([&] { return trainDemoNetwork(out, epochs, seed, run); });
}

} // namespace mprdo

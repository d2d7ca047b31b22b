// SPDX-License-Identifier: GPL-3.0-or-later
// How often the predicted range of a drop holds what is measured: 30 random allocations of nearest rounding, predicted from the
// anchors alone, as right after stage 2, and from all that was measured before it.
// bench_prediction [CHECKPOINT DATA [MEAN STD]]   the demo, or this network
#include "core/api/process.h"
#include "core/api/rgb.h"
#include "core/api/session.h"
#include "ui/drop_fits.h"
#include <QCoreApplication>
#include <cstdio>
#include <random>

using namespace mprdo;

namespace {

constexpr int kAllocations = 30, kBar = 24;

/// Any width of the set for each layer; a leaning of the whole network, drawn first, spreads the allocations over the sizes.
Allocation randomAllocation(const std::vector<Bits>& set, std::size_t layers, std::mt19937_64& random)
{
    const double leaning = std::uniform_real_distribution<double>(0.4, 2.5)(random);
    std::vector<double> weights(set.size(), 1);
    for (std::size_t i = 1; i < set.size(); ++i)
        weights[i] = weights[i - 1] * leaning;
    std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
    Allocation a;
    for (std::size_t l = 0; l < layers; ++l)
        a.bits.push_back(set[pick(random)]);
    return a;
}

void bench(RunConfig config)
{
    const RunControl control;
    auto opened = openSession(config, control);
    if (const auto* failure = std::get_if<Failure>(&opened))
        throw std::runtime_error(failure->message);
    Session& session = *std::get<std::shared_ptr<Session>>(opened);
    SessionModel model;
    const MethodRow fp32 = session.prepare(control);
    model.open(session.config(), session.model(), session.data());
    model.setFp32(fp32);
    model.setContext(session.contextHash(), session.context());
    model.setSensitivity(session.sensitivity(control), true);
    model.setBaselines(session.anchors(control));
    const WhatIf whatIf = session.whatIf(config.metric);
    model.setSizes(whatIf);
    const PairedDrops drops(model);
    const DropPrediction anchors = DropFits::make(model, whatIf, drops).nearest;

    std::mt19937_64 random(config.seed);
    int byAnchors = 0, byAll = 0;
    std::printf("%6s %8s %20s %20s\n", "bits", "measured", "from the anchors", "from all before");
    for (int i = 0; i < kAllocations; ++i) {
        const Allocation a = randomAllocation(config.bits, whatIf.layers.size(), random);
        const Estimate e = whatIf.estimate(a);
        const DropPrediction all = DropFits::make(model, whatIf, drops).nearest;
        const RunPtr run = session.measure(a, Rounding::Nearest, control);
        model.addRun(run);
        const double measured = run->row.dropPoints;
        const auto tell = [&](const DropPrediction& p, int& held) {
            const double drop = p.drop(e.distortion), error = p.error(e.distortion);
            const bool holds = p.known() && std::abs(measured - drop) <= error;
            held += holds;
            std::printf("  %6.2f +- %5.2f %s", drop, error, holds ? "    " : "miss");
        };
        std::printf("%6.2f %8.2f", e.averageBits, measured);
        tell(anchors, byAnchors);
        tell(all, byAll);
        std::printf("\n");
        std::fflush(stdout);
    }
    std::printf("held %d and %d of %d, bar %d: %s\n", byAnchors, byAll, kAllocations, kBar,
                std::min(byAnchors, byAll) >= kBar ? "reached" : "MISSED");
}

} // namespace

int main(int argc, char** argv)
{
    prepareProcess(argv); // as the program itself does
    const QCoreApplication application(argc, argv);
    RunConfig config;
    config.bits = {2, 3, 4, 5, 6, 8};
    config.demo = argc == 1;
    if (argc >= 3) {
        config.modelPath = argv[1];
        config.dataPath = argv[2];
    }
    if (argc == 5) {
        const auto mean = rgbFrom(argv[3], false), deviation = rgbFrom(argv[4], true);
        if (std::holds_alternative<Rgb>(mean) && std::holds_alternative<Rgb>(deviation)) {
            config.mean = std::get<Rgb>(mean);
            config.std = std::get<Rgb>(deviation);
        }
    }
    if (argc != 1 && argc != 3 && !config.std) {
        std::fprintf(stderr, "bench_prediction [CHECKPOINT DATA [MEAN STD]]\n");
        return 2;
    }
    const auto outcome = runGuarded([&] {
        bench(config);
        return 0;
    });
    if (const auto* failure = std::get_if<Failure>(&outcome))
        std::fprintf(stderr, "%s\n", failure->message.c_str());
    return std::holds_alternative<int>(outcome) ? 0 : 1;
}

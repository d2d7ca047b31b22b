// SPDX-License-Identifier: GPL-3.0-or-later
// Times stage 2 on an architecture with random weights and images (neither moves the clock):
// bench_sensitivity ARCHITECTURE [IMAGES = 512] [METRIC ...]
#include "core/api/process.h"
#include "core/base/random.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/quant/grid.h"
#include "core/sensitivity/sensitivity.h"
#include "core/sensitivity/suffix_runs.h"
#include "tests/bench/seconds.h"
#include <cstdio>

using namespace mprdo;

namespace {

void bench(int argc, char** argv)
{
    const auto graph = std::make_shared<const Graph>(
        foldBatchNorm(buildArchitecture(argv[1], initialStateDict(argv[1], 10, 1), {3, 32, 32})));
    const std::int64_t count = argc > 2 ? std::stoll(argv[2]) : 512;
    auto g = generator(1, "images");
    CalibrationSet images;
    images.set.images = at::randint(0, 256, {count, 3, 32, 32}, g, at::kByte);
    images.set.labels = at::randint(0, 10, {count}, g, at::kLong);
    images.set.preprocessing = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    SensitivityOptions options;
    options.widths = {2, 3, 4, 5, 6, 7, 8};
    const std::int64_t batch = imagesPerBatch(*graph);
    const NoGrad noGrad;
    const double pass = seconds([&] {
        for (std::int64_t i = 0; i < count; i += batch)
            forward(*graph, images.set.batch(i, std::min(count, i + batch)));
    });
    double share = 0; // of a forward pass, per width
    const auto macs = macsPerNode(*graph);
    double all = 0;
    for (const auto m : macs)
        all += double(m);
    for (const LayerSuffix& s : layerSuffixes(*graph))
        share += double(s.macs) / all;
    std::printf("forward pass over %lld images, %lld a batch: %.2f s; suffixes: %.1f passes a width\n",
                static_cast<long long>(count), static_cast<long long>(batch), pass, share);
    std::printf("MSE grids of all layers at %zu widths: %.2f s\n", options.widths.size(), seconds([&] {
                    for (const Layer& layer : graph->layers())
                        for (const Bits b : options.widths)
                            mseGrid(graph->parameter(layer.parameter), b, options.grid);
                }));
    std::vector<Metric> metrics;
    for (int i = 3; i < argc; ++i)
        metrics.push_back(metricFromName(argv[i]).value());
    if (metrics.empty())
        metrics = {Metric::Kl, Metric::Hessian, Metric::Fisher};
    for (const Metric m : metrics) {
        options.metrics = {m};
        NoCache cache;
        const double s = seconds([&] { measureSensitivity(graph, images, options, cache, {}); });
        std::printf("%-8s %7.2f s = %.1f forward passes\n", std::string(name(m)).c_str(), s, s / pass);
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv)
{
    prepareProcess(argv); // as the program itself does
    if (argc < 2) {
        std::fprintf(stderr, "bench_sensitivity ARCHITECTURE [IMAGES] [METRIC ...]\n");
        return 2;
    }
    const auto outcome = runGuarded([&] {
        bench(argc, argv);
        return 0;
    });
    if (const auto* failure = std::get_if<Failure>(&outcome)) {
        std::fprintf(stderr, "%s\n", failure->message.c_str());
        return 1;
    }
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What measuring an allocation again takes after an edit of the last residual block, against an edit of the first layer.
// bench_reevaluation [CHECKPOINT DATA [R,G,B R,G,B]]   without arguments: the demo; else mean and std of the images
#include "core/api/session.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/seconds.h"
#include <algorithm>
#include <cstdio>
#include <stdexcept>

using namespace mprdo;

namespace {

constexpr int kTimes = 5;

Rgb triple(const char* text)
{
    Rgb out{};
    if (std::sscanf(text, "%lf,%lf,%lf", &out[0], &out[1], &out[2]) != 3)
        throw std::runtime_error("mean and std are three numbers each");
    return out;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

int bench(int argc, char** argv)
{
    RunConfig config;
    config.demo = argc < 3;
    if (!config.demo) {
        config.modelPath = argv[1];
        config.dataPath = argv[2];
    }
    if (argc > 4) {
        config.mean = triple(argv[3]);
        config.std = triple(argv[4]);
    }
    const RunControl control;
    auto opened = openSession(config, control);
    if (const auto* failure = std::get_if<Failure>(&opened))
        throw std::runtime_error(failure->message);
    Session& session = *std::get<std::shared_ptr<Session>>(opened);
    const auto& layers = session.model().layers;
    session.prepare(control);
    // The last convolution: the classifier behind it is a block of its own.
    const std::size_t last = layers.size() - 2;
    Allocation a{std::vector<Bits>(layers.size(), 8)};
    session.measure(a, Rounding::Nearest, control);
    std::vector<double> whole, part;
    for (int i = 0; i < kTimes; ++i) { // widths never measured before: nothing comes from what is kept of whole measurements
        a.bits[0] = 7 - i;
        whole.push_back(seconds([&] { session.measure(a, Rounding::Nearest, control); }));
        a.bits[last] = 7 - i;
        part.push_back(seconds([&] { session.measure(a, Rounding::Nearest, control); }));
    }
    std::printf("%s changed: %.3f s; %s changed: %.3f s; ratio %.3f (medians of %d)\n", layers[0].name.c_str(), median(whole),
                layers[last].name.c_str(), median(part), median(part) / median(whole), kTimes);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 0, "bench_reevaluation [CHECKPOINT DATA [MEAN STD]]", [&] { return bench(argc, argv); });
}

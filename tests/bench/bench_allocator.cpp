// SPDX-License-Identifier: GPL-3.0-or-later
// Times one budget and the whole curve: bench_allocator
#include "core/allocate/allocator.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

namespace {

using namespace mprdo;

AllocationProblem problem(const std::string& kind, std::size_t layers, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    AllocationProblem out;
    for (std::size_t l = 0; l < layers; ++l) {
        // Channels double now and then, as in a residual network; "odd" sizes share no divisor.
        const std::int64_t channels = std::int64_t(16) << (4 * l / layers);
        const std::int64_t weights = kind == "odd" ? 1000 + std::int64_t(random() % 2000000) : 9 * channels * channels;
        const double scale = std::exp(1.5 * normal(random));
        std::vector<Choice> choices;
        for (Bits b = 2; b <= 8; ++b) {
            double d = scale * std::pow(4.0, -b) * std::exp(0.3 * normal(random));
            if (kind == "equal slopes")
                d = double(weights) * (8 - b) * 1e-7;
            if (kind == "ragged")
                d = uniform(random);
            choices.push_back({b, weights * b + 16 * channels, d});
        }
        if (kind == "locked" && l % 4 == 0)
            choices = {choices[6]};
        out.layers.push_back(choices);
    }
    return out;
}

/// The least of three, so that what else the machine does is left out.
template <class F>
double milliseconds(F&& f)
{
    double best = INFINITY;
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        f();
        best = std::min(best,
                        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

} // namespace

int main()
{
    std::printf("%-14s %6s %12s %12s %10s %8s %12s\n", "tables", "layers", "median ms", "worst ms", "curve ms", "points",
                "gap");
    for (const std::size_t layers : {60, 160})
        for (const char* kind : {"network", "odd", "equal slopes", "ragged", "locked"}) {
            std::vector<double> times, curves;
            Front front;
            for (unsigned seed = 0; seed < 5; ++seed) {
                const AllocationProblem p = problem(kind, layers, seed);
                const std::int64_t low = lowestRate(p);
                std::int64_t high = 0;
                for (const auto& choices : p.layers)
                    high += choices.back().rate;
                for (int i = 0; i < 100; ++i)
                    times.push_back(milliseconds([&] { allocate(p, low + (high - low) / 100 * i + 7 * i); }));
                curves.push_back(milliseconds([&] { front = paretoFront(p); }));
            }
            std::sort(times.begin(), times.end());
            std::printf("%-14s %6zu %12.3f %12.3f %10.1f %8zu %12.2e\n", kind, layers, times[times.size() / 2],
                        times.back(), *std::max_element(curves.begin(), curves.end()), front.points.size(),
                        front.relativeGap);
            std::fflush(stdout);
        }
    return 0;
}

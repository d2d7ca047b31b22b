// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bars_table.h"
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

namespace mprdo {
namespace {

/// Limits of one row, and the best published code on the same checkpoint and images (0: not measured). Coded rows have a bound on
/// bits; theirs is on the accuracy lost to FP32.
struct Bar {
    const char *network, *row;
    double accuracy, reference;
    double seconds, referenceSeconds; ///< CPU, stages 4 to 6
    double codedBits = 0;
};

const std::vector<Bar>& bars()
{
    static const std::vector<Bar> all{
        {"resnet20", "W8A8", 91.63, 0, 0, 0},
        {"resnet20", "W4A8", 91.43, 0, 0, 0},
        {"resnet20", "4.19", 91.65, 91.66, 0, 0},
        {"resnet20", "W4", 91.70, 91.67, 21, 210},
        {"resnet20", "W3", 91.50, 91.32, 21, 210},
        {"resnet20", "W2", 90.2, 89.54, 105, 210},
        {"resnet20", "3.0", 91.55, 0, 0, 0},
        {"resnet20", "2.5", 91.2, 0, 0, 0},
        {"resnet20", "2.25", 90.3, 0, 0, 0},
        {"resnet20", "uniform2", 89.0, 88.69, 0, 222},
        {"resnet20", "coded2.6", 91.23, 0, 0, 0, 2.6},
        {"resnet20", "coded2.1", 90.73, 0, 0, 0, 2.1},
        {"resnet18", "W8A8", 83.43, 0, 0, 0},
        {"resnet18", "W4A8", 83.23, 0, 0, 0},
        {"resnet18", "4.19", 83.50, 83.59, 0, 0},
        {"resnet18", "W4", 83.50, 83.55, 34, 341},
        {"resnet18", "W3", 83.45, 83.64, 34, 341},
        {"resnet18", "W2", 82.9, 82.82, 390, 773},
        {"resnet18", "3.0", 83.45, 0, 0, 0},
        {"resnet18", "2.5", 83.3, 0, 0, 0},
        {"resnet18", "2.25", 83.0, 0, 0, 0},
        {"resnet18", "uniform2", 82.0, 0, 0, 0},
        {"resnet18", "coded0.8", 82.53, 0, 0, 0, 0.8},
        {"resnet18cifar", "W4", 92.05, 0, 0, 0},
        {"resnet18cifar", "W3", 91.9, 0, 0, 0},
        {"resnet18cifar", "W2", 90.8, 0, 0, 0},
        {"resnet18cifar", "3.0", 91.95, 0, 0, 0},
        {"resnet18cifar", "2.25", 91.0, 0, 0, 0},
    };
    return all;
}

const Bar* barOf(const BarsLine& line)
{
    for (const Bar& bar : bars())
        if (line.network == bar.network && line.row == bar.row)
            return &bar;
    return nullptr;
}

template <class... Values>
std::string printed(const char* format, Values... values)
{
    char out[256];
    std::snprintf(out, sizeof out, format, values...);
    return out;
}

std::string orDash(double value, int digits) { return value > 0 ? printed("%.*f", digits, value) : std::string("-"); }

} // namespace

std::vector<BarsLine> barsLines(const std::string& tsv)
{
    std::vector<BarsLine> out;
    std::istringstream lines(tsv);
    std::string line;
    std::getline(lines, line); // the heads
    while (std::getline(lines, line)) {
        std::istringstream in(line);
        BarsLine l;
        if (!(in >> l.network >> l.row >> l.seed >> l.effort >> l.fp32 >> l.accuracy >> l.bits >> l.codedBits >> l.holdOutKl
              >> l.deciding >> l.optimising))
            throw std::runtime_error("not a line of bench_bars: " + line);
        out.push_back(l);
    }
    return out;
}

std::string barsTable(const std::vector<BarsLine>& measured)
{
    std::vector<BarsLine> lines = measured;
    std::stable_sort(lines.begin(), lines.end(), [](const BarsLine& a, const BarsLine& b) {
        return std::less<const Bar*>()(barOf(a), barOf(b)); // rows without a bar first
    });
    std::string out, now;
    std::map<std::string, std::vector<const BarsLine*>> seeds;
    for (const BarsLine& l : lines)
        seeds[l.network + " " + l.row + " " + l.effort].push_back(&l);
    for (const char* effort : {"normal", "fast", "best"})
        for (const BarsLine& l : lines) {
            if (l.effort != effort || l.seed != 42)
                continue;
            const Bar* bar = barOf(l);
            if (now != l.network + " " + effort) {
                now = l.network + " " + effort;
                out += printed("\n**%s**, FP32 %.2f, effort %s\n\n", l.network.c_str(), l.fp32, effort);
                out += "| row | bar | best reference | seed 42 | mean (seeds) | bits | coded bits | hold-out KL | CPU s, 2-3 | CPU s, 4-6 "
                       "| bar | holds |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n";
            }
            double mean = 0;
            const auto& all = seeds[l.network + " " + l.row + " " + l.effort];
            for (const BarsLine* each : all)
                mean += each->accuracy / double(all.size());
            // Two decimals were printed, and two are compared.
            const bool accurate = !bar || l.accuracy >= bar->accuracy - 1e-9;
            const bool small = !bar || bar->codedBits <= 0 || l.codedBits <= bar->codedBits;
            const bool quick = !bar || bar->seconds <= 0 || l.optimising <= bar->seconds;
            out += printed("| %s | %s | %s | %.2f | %.2f (%d) | %.3f | %s | %.5f | %s | %.1f | %s | %s |\n", l.row.c_str(),
                           bar ? orDash(bar->accuracy, 2).c_str() : "-", bar ? orDash(bar->reference, 2).c_str() : "-", l.accuracy,
                           mean, int(all.size()), l.bits, orDash(l.codedBits, 3).c_str(), l.holdOutKl, orDash(l.deciding, 1).c_str(),
                           l.optimising, bar ? orDash(bar->seconds, 0).c_str() : "-",
                           accurate && small && quick ? "yes" : !accurate ? "no: accuracy" : !small ? "no: bits" : "no: time");
        }
    return out;
}

} // namespace mprdo

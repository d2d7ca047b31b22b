// SPDX-License-Identifier: GPL-3.0-or-later
// What bench_bars measured as the table of resources/benchmarks.md: beside each row its bar and the best reference.
#pragma once
#include <string>
#include <vector>

namespace mprdo {

/// A line of bench_bars' file.
struct BarsLine {
    std::string network, row, effort;
    unsigned long long seed = 0;
    double fp32 = 0, accuracy = 0, bits = 0, codedBits = 0, holdOutKl = 0, deciding = 0, optimising = 0;
};

/// \throws std::runtime_error naming the line that is none
std::vector<BarsLine> barsLines(const std::string& tsv);

/// Markdown: one table a network; accuracy of seed 42, the mean over all seeds measured (how many), whether the bar holds. Lines of
/// another effort than "normal" stand in a table of their own.
std::string barsTable(const std::vector<BarsLine>&);

} // namespace mprdo

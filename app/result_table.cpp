// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/result_table.h"
#include "app/text_format.h"
#include "core/api/gains.h"
#include <algorithm>
#include <cmath>

namespace mprdo::app {
namespace {

using Cells = std::vector<std::string>;

/// The last column of what every table has: agreement with FP32, or the KL where agreement stands for accuracy.
std::string lastOf(const MethodRow& row)
{
    const double value = row.labelled ? row.agreementPercent : row.holdOutKl;
    return std::isnan(value) ? "n/a" : row.labelled ? fixed(value, 2) + " %" : fixed(value, 4);
}

Cells cellsOf(const MethodRow& row, bool coded, bool activations)
{
    Cells out{printable(row.method),
            fixed(row.evaluation.accuracyPercent(), 2),
            fixed(row.dropPoints, 2),
            fixed(row.averageBits, 2),
            fixed(row.compression, 2) + "x",
            grouped(row.storedBytes),
            fixed(row.wilsonLow, 2) + " to " + fixed(row.wilsonHigh, 2),
            lastOf(row)};
    if (coded)
        out.push_back(row.codedBytes > 0 ? grouped(row.codedBytes) : "n/a");
    if (activations)
        out.push_back(row.activationBits == kKeepFp32 ? "FP32" : std::to_string(row.activationBits));
    return out;
}

std::string padded(const std::string& text, std::size_t width, bool toTheRight)
{
    const std::string space(width - columns(text), ' ');
    return toTheRight ? space + text : text + space;
}

} // namespace

std::string methodTable(const std::vector<MethodRow>& rows)
{
    const bool coded = std::any_of(rows.begin(), rows.end(), [](const MethodRow& row) { return row.codedBytes > 0; });
    const bool activations = !rows.empty() && rows.back().activationBits != kKeepFp32; // the run's own; the naive row always has 8
    const bool labelled = rows.empty() || rows.front().labelled;
    std::vector<Cells> table{{"Method", labelled ? "Accuracy (%)" : "Agreement (%)", "Drop", "Avg bits", "Compression",
                              "Stored bytes", "95 % interval", labelled ? "Agreement" : "Hold-out KL"}};
    if (coded)
        table.front().emplace_back("Coded bytes");
    if (activations)
        table.front().emplace_back("Act. bits");
    for (const MethodRow& row : rows)
        table.push_back(cellsOf(row, coded, activations));
    const std::size_t count = table.front().size();
    std::vector<std::size_t> width(count);
    for (const Cells& cells : table)
        for (std::size_t c = 0; c < count; ++c)
            width[c] = std::max(width[c], columns(cells[c]));

    std::string out;
    for (std::size_t r = 0; r < table.size(); ++r) {
        out += '|';
        for (std::size_t c = 0; c < count; ++c)
            out += ' ' + padded(table[r][c], width[c], c > 0) + " |";
        out += '\n';
        if (r > 0)
            continue;
        out += '|';
        for (std::size_t c = 0; c < count; ++c)
            out += c == 0 ? std::string(width[c] + 2, '-') + '|' : std::string(width[c] + 1, '-') + ":|";
        out += '\n';
    }
    return out;
}

std::string gainsLine(const std::vector<MethodRow>& rows)
{
    const auto gains = gainsOverUniform8(rows);
    return gains ? gainsText(*gains) + '\n' : std::string();
}

std::string fileList(const std::vector<WrittenFile>& files)
{
    std::size_t width = 0;
    for (const WrittenFile& file : files)
        width = std::max(width, columns(printable(file.path)));
    std::string out = files.empty() ? "" : "Files\n";
    for (const WrittenFile& file : files)
        out += "  " + padded(printable(file.path), width, false) + "  " + grouped(file.bytes) + " bytes\n";
    return out;
}

} // namespace mprdo::app

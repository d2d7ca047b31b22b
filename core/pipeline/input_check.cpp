// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/input_check.h"
#include "core/base/error.h"
#include "core/base/nearest_name.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

bool quantizableWidth(Bits bits) { return bits >= kMinBits && bits <= kMaxBits; }

/// '*' stands for any run of characters, '?' for one. Linear in the text for each star.
bool matches(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string nearestLayer(const std::vector<LayerInfo>& layers, std::string_view name)
{
    std::vector<std::string> names;
    for (const LayerInfo& layer : layers)
        names.push_back(layer.name);
    return nearestName(name, names);
}

std::string listOf(const std::vector<Bits>& bits)
{
    std::string out;
    for (const Bits b : bits)
        out += (out.empty() ? "" : ",") + std::to_string(b);
    return out;
}

constexpr double kLargestStatistic = 1e30; ///< of a mean or a standard deviation: FP32 squares less

void checkStatistics(const RunConfig& config)
{
    for (const auto& [values, what, least] : {std::tuple(config.mean, "mean", -kLargestStatistic), std::tuple(config.std, "std", 0.0)})
        if (values)
            for (const double v : *values)
                check(std::isfinite(v) && v > least && v < kLargestStatistic, ErrorCode::Usage, what, ": ", v,
                      " is no usable value for a channel");
}

/// Widths by name onto layers; 0 where nothing matched.
std::vector<Bits> widthsByName(const std::vector<LayerInfo>& layers, const std::vector<std::pair<std::string, Bits>>& named,
                               const char* what)
{
    std::vector<Bits> out(layers.size(), 0);
    for (const auto& [pattern, bits] : named) {
        check(quantizableWidth(bits) || bits == kKeepFp32, ErrorCode::Usage, what, " ", pattern, "=", bits,
              ": a width is 2 to 8, or 32 to leave the layer in FP32");
        bool any = false;
        for (std::size_t l = 0; l < layers.size(); ++l)
            if (matches(pattern, layers[l].name)) {
                out[l] = bits;
                any = true;
            }
        check(any, ErrorCode::Usage, what, " ", pattern, bits == kKeepFp32 ? " in FP32" : "",
              ": no layer of that name; the nearest is ", nearestLayer(layers, pattern));
    }
    return out;
}

} // namespace

void checkOptions(const RunConfig& config)
{
    check(!config.bits.empty(), ErrorCode::Usage, "bits: the set of widths is empty");
    for (std::size_t i = 0; i < config.bits.size(); ++i) {
        check(quantizableWidth(config.bits[i]), ErrorCode::Usage, "bits: ", config.bits[i], " is not a width from ", kMinBits,
              " to ", kMaxBits);
        check(i == 0 || config.bits[i] > config.bits[i - 1], ErrorCode::Usage, "bits: ", listOf(config.bits),
              " is not ascending");
    }
    if (const auto* t = std::get_if<TargetBits>(&config.target))
        check(std::isfinite(t->averageBits) && t->averageBits > 0, ErrorCode::Usage, "target bits: ", t->averageBits,
              " is not a positive number");
    if (const auto* t = std::get_if<TargetBytes>(&config.target))
        check(t->fileBytes > 0, ErrorCode::Usage, "target bytes: ", t->fileBytes, " is not a positive number");
    if (const auto* t = std::get_if<MaxDrop>(&config.target))
        check(std::isfinite(t->points) && t->points >= 0 && t->points <= 100, ErrorCode::Usage, "max drop: ", t->points,
              " is not a number of points from 0 to 100");
    check(config.calibration >= 1, ErrorCode::Usage, "calibration: ", config.calibration, " images, at least one is needed");
    check(config.holdOut >= 1, ErrorCode::Usage, "hold-out: ", config.holdOut, " images, at least one is needed");
    check(config.test == -1 || config.test >= 1, ErrorCode::Usage, "test: ", config.test,
          " images, at least one is needed, or all");
    check(config.fineTuneEpochs >= 0 && config.fineTuneEpochs <= 10000, ErrorCode::Usage, "fine-tune epochs: ", config.fineTuneEpochs,
          " is not from 0 to 10000");
    check(config.threads >= 0 && config.threads <= 1024, ErrorCode::Usage, "threads: ", config.threads,
          " is not from 0 to 1024");
    checkStatistics(config);
    for (const Stage stage : {Stage::Sensitivity, Stage::Allocate})
        check(config.skip.count(stage) == 0 || !config.allocationPath.empty(), ErrorCode::Usage, "skip ", name(stage),
              ": without it an allocation must be given");
    check(config.skip.count(Stage::Evaluate) == 0, ErrorCode::Usage,
          "skip evaluate: nothing would be measured; stop after an earlier stage instead");
    if (config.demo) {
        check(config.modelPath.empty() && config.dataPath.empty(), ErrorCode::Usage,
              "demo: the built-in network and images were asked for together with files");
        check(!config.input, ErrorCode::Usage, "demo: its images have the size of its network, no other input size");
        check(config.inputFormat == InputFormat{}, ErrorCode::Usage,
              "demo: its images are fed as its network reads them, in no other channel order, range or layout");
        return;
    }
    check(!config.modelPath.empty(), ErrorCode::Usage, "model: no file was given");
    check(!config.dataPath.empty(), ErrorCode::Usage, "data: no folder was given");
}

std::vector<Bits> lockedWidths(const std::vector<LayerInfo>& layers, const std::vector<std::pair<std::string, Bits>>& locks)
{
    return widthsByName(layers, locks, "lock");
}

Allocation allocationFor(const std::vector<LayerInfo>& layers, const std::vector<std::pair<std::string, Bits>>& named)
{
    Allocation out{widthsByName(layers, named, "allocation")};
    for (std::size_t l = 0; l < layers.size(); ++l)
        check(out.bits[l] != 0, ErrorCode::Usage, "allocation: no width for the layer ", layers[l].name);
    return out;
}

Allocation extremeAllocation(const std::vector<Bits>& set, const std::vector<Bits>& fixed, bool highest)
{
    Allocation out;
    for (const Bits bits : fixed)
        out.bits.push_back(bits != 0 ? bits : highest ? set.back() : set.front());
    return out;
}

void checkAverageBits(double target, const std::vector<LayerInfo>& layers, const std::vector<Bits>& set,
                      const std::vector<Bits>& fixed)
{
    const double lowest = averageBits(layers, extremeAllocation(set, fixed, false));
    check(target >= lowest - 1e-9, ErrorCode::BudgetInfeasible, "target bits: ", target,
          " is below the lowest possible with this set and these locks, ", lowest);
}

Target settledTarget(const Target& target, const std::vector<LayerInfo>& layers, const std::vector<Bits>& set, const std::vector<Bits>& fixed)
{
    const auto* bits = std::get_if<TargetBits>(&target);
    if (!bits || !bits->usual)
        return target;
    return TargetBits{std::max(bits->averageBits, averageBits(layers, extremeAllocation(set, fixed, false))), true};
}

} // namespace mprdo

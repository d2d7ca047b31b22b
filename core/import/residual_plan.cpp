// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/residual_plan.h"
#include "core/import/architectures.h"
#include <algorithm>

namespace mprdo {
namespace {

void addConvolution(ResidualPlan::Shapes& out, const std::string& convolution, const std::string& norm, std::int64_t from,
                    std::int64_t to, std::int64_t kernel)
{
    out.push_back({convolution + ".weight", {to, from, kernel, kernel}});
    for (const char* role : {".weight", ".bias", ".running_mean", ".running_var"})
        out.push_back({norm + role, {to}});
}

} // namespace

std::string ResidualPlan::blockName(std::size_t stage, std::int64_t block)
{
    return "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
}

ResidualPlan::Shapes ResidualPlan::parameterShapes(std::int64_t classes) const
{
    Shapes out;
    addConvolution(out, "conv1", "bn1", 3, width, imageNetStem ? 7 : 3);
    std::int64_t channels = width;
    for (std::size_t stage = 0; stage < blocks.size(); ++stage)
        for (std::int64_t b = 0; b < blocks[stage]; ++b) {
            const std::string block = blockName(stage, b);
            const std::int64_t to = stageWidth(stage);
            addConvolution(out, block + ".conv1", block + ".bn1", channels, to, 3);
            addConvolution(out, block + ".conv2", block + ".bn2", to, to, 3);
            if (channels != to && shortcut == Shortcut::Projection)
                addConvolution(out, block + "." + projection + ".0", block + "." + projection + ".1", channels, to, 1);
            channels = to;
        }
    out.push_back({head + ".weight", {classes, channels}});
    out.push_back({head + ".bias", {classes}});
    return out;
}

std::optional<ResidualPlan> residualPlan(const std::string& architecture)
{
    const auto& names = architectureNames();
    if (std::find(names.begin(), names.end(), architecture) == names.end())
        return std::nullopt;
    ResidualPlan plan;
    plan.architecture = architecture;
    const int depth = std::stoi(architecture.substr(6)); // "resnet" has six letters
    if (depth == 18 || depth == 34) {
        plan.imageNetStem = architecture.find("-cifar") == std::string::npos;
        plan.blocks = depth == 18 ? std::vector<std::int64_t>{2, 2, 2, 2} : std::vector<std::int64_t>{3, 4, 6, 3};
        return plan;
    }
    plan.width = 16;
    plan.blocks.assign(3, (depth - 2) / 6);
    plan.shortcut = architecture.ends_with("-b") ? Shortcut::Projection : Shortcut::SubsampleAndPad;
    plan.projection = "shortcut";
    plan.head = "linear";
    return plan;
}

} // namespace mprdo

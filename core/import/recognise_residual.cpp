// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/import/residual_plan.h"
#include <algorithm>

namespace mprdo {
namespace {

/// Blocks of each stage: layer1.0, layer1.1, ..., layer2.0, ...
std::vector<std::int64_t> countBlocks(const StateDict& tensors)
{
    std::vector<std::int64_t> out;
    for (std::size_t stage = 1;; ++stage) {
        std::int64_t blocks = 0;
        while (tensors.count(text("layer", stage, ".", blocks, ".conv1.weight")))
            ++blocks;
        if (blocks == 0)
            return out;
        out.push_back(blocks);
    }
}

Recognition unknown(const std::string& why) { return {{}, why}; }

Recognition ofFourStages(const std::vector<std::int64_t>& blocks, bool bottleneck, std::int64_t width, std::int64_t kernel)
{
    const auto& depths = residualDepths();
    const auto row = std::find_if(depths.begin(), depths.end(), [&](const ResidualDepth& d) {
        return d.bottleneck == bottleneck && d.blocks == blocks;
    });
    if (row == depths.end())
        return unknown(bottleneck
                           ? text("four stages of ", shapeText(blocks), " bottleneck blocks are none of ResNet-50, 101 and 152")
                           : text("four stages of ", shapeText(blocks), " blocks are neither ResNet-18 nor ResNet-34"));
    const std::string name = text("resnet", row->depth);
    if (!bottleneck && width != 64)
        return unknown(text("the first stage has ", width, " channels; ", name, " has 64"));
    if (kernel != 7 && kernel != 3)
        return unknown(text("conv1 has a kernel of ", kernel, "; the known stems have 7 or 3"));
    return {kernel == 7 ? name : name + "-cifar", {}};
}

Recognition ofThreeStages(const StateDict& tensors, const std::vector<std::int64_t>& blocks, std::int64_t width)
{
    if (blocks[0] != blocks[1] || blocks[1] != blocks[2])
        return unknown(text("three stages of ", shapeText(blocks), " blocks: those of a CIFAR ResNet are equal"));
    if (width != 16)
        return unknown(text("the first stage has ", width, " channels; CIFAR ResNets with 16 are supported"));
    const bool projection = tensors.count("layer2.0.shortcut.0.weight") || tensors.count("layer2.0.downsample.0.weight");
    const std::string name = text("resnet", 6 * blocks[0] + 2, projection ? "-b" : "");
    const std::vector<std::string> names = residualFamily().names;
    if (std::find(names.begin(), names.end(), name) == names.end())
        return unknown(text("three stages of ", blocks[0], " blocks would be ", name, ", which is not among the known ones"));
    return {name, {}};
}

} // namespace

Recognition recogniseResidual(const StateDict& tensors, const std::vector<std::int64_t>&)
{
    const at::Tensor& stem = tensors.at("conv1.weight");
    if (stem.dim() != 4)
        return unknown(text("conv1.weight has the shape ", shapeText(stem.sizes()), ", not that of a convolution"));
    const std::vector<std::int64_t> blocks = countBlocks(tensors);
    const bool bottleneck = tensors.count("layer1.0.conv3.weight") > 0;
    if (blocks.size() == 4)
        return ofFourStages(blocks, bottleneck, stem.size(0), stem.size(2));
    if (blocks.size() == 3)
        return bottleneck ? unknown("three stages of bottleneck blocks found; the known networks with such blocks have four")
                          : ofThreeStages(tensors, blocks, stem.size(0));
    return unknown(text(blocks.size(), " stages of residual blocks found; the known networks have 3 or 4"));
}

} // namespace mprdo

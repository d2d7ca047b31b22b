// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/import/architectures.h"
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

bool known(const std::string& architecture)
{
    const auto& names = architectureNames();
    return std::find(names.begin(), names.end(), architecture) != names.end();
}

} // namespace

Recognition recogniseArchitecture(const StateDict& tensors)
{
    const auto stem = tensors.find("conv1.weight");
    if (stem == tensors.end())
        return unknown("no tensor conv1.weight, with which every known residual network begins");
    if (stem->second.dim() != 4)
        return unknown(text("conv1.weight has the shape ", shapeText(stem->second.sizes()), ", not that of a convolution"));
    const std::vector<std::int64_t> blocks = countBlocks(tensors);
    if (tensors.count("layer1.0.conv3.weight"))
        return unknown("layer1.0.conv3.weight belongs to bottleneck blocks (ResNet-50 and deeper), which are not supported");
    const std::int64_t width = stem->second.size(0), kernel = stem->second.size(2);
    if (blocks.size() == 4) {
        std::string name;
        if (blocks == std::vector<std::int64_t>{2, 2, 2, 2})
            name = "resnet18";
        else if (blocks == std::vector<std::int64_t>{3, 4, 6, 3})
            name = "resnet34";
        else
            return unknown(text("four stages of ", shapeText(blocks), " blocks are neither ResNet-18 nor ResNet-34"));
        if (width != 64)
            return unknown(text("the first stage has ", width, " channels; ", name, " has 64"));
        if (kernel != 7 && kernel != 3)
            return unknown(text("conv1 has a kernel of ", kernel, "; the known stems have 7 or 3"));
        return {kernel == 7 ? name : name + "-cifar", {}};
    }
    if (blocks.size() == 3) {
        if (blocks[0] != blocks[1] || blocks[1] != blocks[2])
            return unknown(text("three stages of ", shapeText(blocks), " blocks: those of a CIFAR ResNet are equal"));
        if (width != 16)
            return unknown(text("the first stage has ", width, " channels; CIFAR ResNets with 16 are supported"));
        const bool projection = tensors.count("layer2.0.shortcut.0.weight") || tensors.count("layer2.0.downsample.0.weight");
        const std::string name = text("resnet", 6 * blocks[0] + 2, projection ? "-b" : "");
        if (!known(name))
            return unknown(text("three stages of ", blocks[0], " blocks would be ", name, ", which is not among the known ones"));
        return {name, {}};
    }
    return unknown(text(blocks.size(), " stages of residual blocks found; the known networks have 3 or 4"));
}

} // namespace mprdo

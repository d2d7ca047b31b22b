// SPDX-License-Identifier: GPL-3.0-or-later
// A little residual network with random weights and random images: enough for every stage, done in milliseconds.
#pragma once
#include "core/base/random.h"
#include "core/data/image_set.h"
#include "core/graph/graph_builder.h"
#include <memory>

namespace mprdo::test {

/// stem (3 -> 8), one residual block (8 -> 8), one with a projection (8 -> 12, stride 2), mean, linear to 6 classes;
/// images 3 x 8 x 8. No batch norm: what stages 2 to 8 see.
inline std::shared_ptr<const Graph> smallNetwork(std::uint64_t seed = 1)
{
    auto g = generator(seed, "small network");
    GraphBuilder b;
    const auto give = [&](const std::string& name, std::vector<std::int64_t> shape) {
        std::int64_t fanIn = 1;
        for (std::size_t i = 1; i < shape.size(); ++i)
            fanIn *= shape[i];
        b.parameter(name + ".weight", at::randn(shape, g) * std::sqrt(2.0 / double(fanIn)));
        b.parameter(name + ".bias", at::randn({shape[0]}, g) * 0.1);
    };
    give("conv1", {8, 3, 3, 3});
    give("layer1.0.conv1", {8, 8, 3, 3});
    give("layer1.0.conv2", {8, 8, 3, 3});
    give("layer2.0.conv1", {12, 8, 3, 3});
    give("layer2.0.conv2", {12, 12, 3, 3});
    give("layer2.0.downsample.0", {12, 8, 1, 1});
    give("fc", {6, 12});
    ValueId x = b.relu("relu", b.conv2d("conv1", b.input("images", {3, 8, 8}), 1, 1));
    const ValueId first = b.conv2d("layer1.0.conv2", b.relu("layer1.0.relu1", b.conv2d("layer1.0.conv1", x, 1, 1)), 1, 1);
    x = b.relu("layer1.0.relu2", b.add(Op::Add, "layer1.0.add", {first, x}));
    const ValueId second = b.conv2d("layer2.0.conv2", b.relu("layer2.0.relu1", b.conv2d("layer2.0.conv1", x, 2, 1)), 1, 1);
    const ValueId shortcut = b.conv2d("layer2.0.downsample.0", x, 2, 0);
    x = b.relu("layer2.0.relu2", b.add(Op::Add, "layer2.0.add", {second, shortcut}));
    x = b.add(Op::Flatten, "flatten", {b.add(Op::AdaptiveAvgPool2d, "avgpool", {x})});
    return std::make_shared<const Graph>(b.finish(b.linear("fc", x), "small"));
}

/// Smooth random images (noise would make all activations alike) and random labels.
inline ImageSet randomImages(std::int64_t count, std::uint64_t seed, std::int64_t classes = 6)
{
    auto g = generator(seed, "random images");
    const at::Tensor coarse = at::rand({count, 3, 4, 4}, g) * 255;
    ImageSet set;
    set.images = (coarse.repeat_interleave(2, 2).repeat_interleave(2, 3) * 0.8 + at::rand({count, 3, 8, 8}, g) * 50)
                     .clamp(0, 255).to(at::kByte);
    set.labels = at::randint(classes, {count}, g, at::kLong);
    set.preprocessing = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    return set;
}

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/mobilenet_plan.h"
#include "core/base/error.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestSmallImage = 64;
constexpr std::int64_t kImageNetClasses = 1000;

struct StageRow {
    std::int64_t expansion, channels, blocks, stride;
};
/// Table 2 of the paper.
constexpr StageRow kStages[]{{1, 16, 1, 1},  {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr std::int64_t kBlocks = 17;
constexpr std::size_t kFirstStrided = 1;

const std::vector<std::string> kHeads{"classifier.1", "classifier", "classifier.0"};

Recognition recognise(const StateDict& tensors, const std::vector<std::int64_t>& inputShape)
{
    std::int64_t blocks = 0;
    while (tensors.count(text("features.", blocks + 1, ".conv.0.0.weight")))
        ++blocks;
    if (blocks != kBlocks || !tensors.count(text("features.", kBlocks + 1, ".0.weight")))
        return {{}, text(blocks, " inverted residual blocks (features.N.conv) found; MobileNetV2 has ", kBlocks,
                         " and a convolution features.", kBlocks + 1, ".0 behind them")};
    bool imageNet = inputShape.size() == 3 && std::max(inputShape[1], inputShape[2]) > kLargestSmallImage;
    for (const std::string& head : kHeads)
        if (const auto it = tensors.find(head + ".weight"); it != tensors.end() && it->second.dim() == 2)
            imageNet = imageNet || it->second.size(0) == kImageNetClasses;
    return {imageNet ? "mobilenet-v2" : "mobilenet-v2-cifar", {}};
}

} // namespace

MobileNetPlan::MobileNetPlan(const std::string& architecture)
    : m_cifar(architecture.ends_with("-cifar"))
{
}

Feature MobileNetPlan::unit(NetworkWriter& w, const std::string& name, Feature x, std::int64_t channels, std::int64_t kernel,
                            std::int64_t stride, std::int64_t groups) const
{
    x = w.conv(name + ".0", x, {channels, kernel, stride, groups});
    return w.relu6(name + ".2", w.norm(name + ".1", x));
}

Feature MobileNetPlan::block(NetworkWriter& w, const std::string& name, Feature x, std::int64_t expansion,
                             std::int64_t channels, std::int64_t stride) const
{
    Feature y = x;
    int module = 0;
    const auto next = [&] { return text(name, ".conv.", module++); };
    if (expansion != 1) {
        const std::string expand = next();
        y = unit(w, expand, y, w.width(expand + ".0", x.channels * expansion), 1, 1);
    }
    y = unit(w, next(), y, y.channels, 3, stride, y.channels);
    const std::string project = next();
    y = w.conv(project, y, {w.width(project, channels), 1});
    y = w.norm(next(), y);
    return stride == 1 && y.channels == x.channels ? w.add(name + ".add", x, y) : y;
}

Feature MobileNetPlan::write(NetworkWriter& w, Feature x) const
{
    x = unit(w, "features.0", x, w.width("features.0.0", 32), 3, m_cifar ? 1 : 2);
    int module = 1;
    for (std::size_t s = 0; s < std::size(kStages); ++s)
        for (std::int64_t b = 0; b < kStages[s].blocks; ++b) {
            const bool strides = b == 0 && !(m_cifar && s == kFirstStrided);
            x = block(w, text("features.", module++), x, kStages[s].expansion, kStages[s].channels,
                      strides ? kStages[s].stride : 1);
        }
    const std::string last = text("features.", module);
    x = unit(w, last, x, w.width(last + ".0", 1280), 1, 1);
    return w.head(w.spelt("", kHeads, ".weight"), w.pooledRow(x));
}

Feature ProjectedMobileNetPlan::block(NetworkWriter& w, const std::string& name, Feature x, std::int64_t expansion,
                                      std::int64_t channels, std::int64_t stride) const
{
    Feature y = w.conv(name + ".conv1", x, {w.width(name + ".conv1", x.channels * expansion), 1});
    y = w.relu(name + ".relu1", w.norm(name + ".bn1", y));
    y = w.conv(name + ".conv2", y, {y.channels, 3, stride, y.channels});
    y = w.relu(name + ".relu2", w.norm(name + ".bn2", y));
    y = w.norm(name + ".bn3", w.conv(name + ".conv3", y, {w.width(name + ".conv3", channels), 1}));
    if (stride != 1)
        return y;
    const std::string past = name + ".shortcut";
    if (x.channels != y.channels)
        x = w.norm(past + ".1", w.conv(past + ".0", x, {y.channels, 1}));
    return w.add(name + ".add", y, x);
}

Feature ProjectedMobileNetPlan::write(NetworkWriter& w, Feature x) const
{
    x = w.relu("relu1", w.norm("bn1", w.conv("conv1", x, {w.width("conv1", 32)})));
    int module = 0;
    for (std::size_t s = 0; s < std::size(kStages); ++s)
        for (std::int64_t b = 0; b < kStages[s].blocks; ++b)
            x = block(w, text("layers.", module++), x, kStages[s].expansion, kStages[s].channels,
                      b == 0 && s != kFirstStrided ? kStages[s].stride : 1);
    x = w.relu("relu2", w.norm("bn2", w.conv("conv2", x, {w.width("conv2", 1280), 1})));
    return w.head("linear", w.pooledRow(x));
}

Family projectedMobileNetFamily()
{
    return {"layers.0.conv1.weight",
            {"mobilenet-v2-cifar-b"},
            [](const std::string&) -> std::unique_ptr<NetworkPlan> { return std::make_unique<ProjectedMobileNetPlan>(); },
            [](const StateDict& tensors, const std::vector<std::int64_t>&) -> Recognition {
                std::int64_t blocks = 0;
                while (tensors.count(text("layers.", blocks, ".conv3.weight")))
                    ++blocks;
                if (blocks != kBlocks || !tensors.count("conv2.weight"))
                    return {{}, text(blocks, " inverted residual blocks (layers.N) found; MobileNetV2 has ", kBlocks,
                                     " and a convolution conv2 behind them")};
                return {"mobilenet-v2-cifar-b", {}};
            }};
}

Family mobileNetFamily()
{
    return {"features.0.0.weight",
            {"mobilenet-v2", "mobilenet-v2-cifar"},
            [](const std::string& architecture) -> std::unique_ptr<NetworkPlan> {
                return std::make_unique<MobileNetPlan>(architecture);
            },
            recognise};
}

} // namespace mprdo

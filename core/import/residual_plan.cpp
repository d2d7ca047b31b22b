// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/residual_plan.h"
#include "core/base/error.h"
#include <algorithm>

namespace mprdo {

const std::vector<ResidualDepth>& residualDepths()
{
    static const std::vector<ResidualDepth> all{{18, false, {2, 2, 2, 2}},
                                                {34, false, {3, 4, 6, 3}},
                                                {50, true, {3, 4, 6, 3}},
                                                {101, true, {3, 4, 23, 3}},
                                                {152, true, {3, 8, 36, 3}}};
    return all;
}

ResidualPlan::ResidualPlan(const std::string& architecture)
{
    const int depth = std::stoi(architecture.substr(6)); // "resnet" has six letters
    const auto& depths = residualDepths();
    const auto row = std::find_if(depths.begin(), depths.end(), [&](const ResidualDepth& d) { return d.depth == depth; });
    if (row != depths.end()) {
        m_imageNetStem = architecture.find("-cifar") == std::string::npos;
        m_pool = m_imageNetStem || architecture.ends_with("-pool");
        m_bottleneck = row->bottleneck;
        m_blocks = row->blocks;
        return;
    }
    m_width = 16;
    m_blocks.assign(3, (depth - 2) / 6);
    m_shortcut = architecture.ends_with("-b") ? Shortcut::Projection : Shortcut::SubsampleAndPad;
    std::reverse(m_projections.begin(), m_projections.end());
    std::reverse(m_heads.begin(), m_heads.end());
}

Feature ResidualPlan::write(NetworkWriter& w, Feature x) const
{
    x = stem(w, x);
    for (std::size_t stage = 0; stage < m_blocks.size(); ++stage)
        for (std::int64_t b = 0; b < m_blocks[stage]; ++b)
            x = block(w, text("layer", stage + 1, ".", b), x, stage, b == 0);
    return w.head(w.spelt("", m_heads, ".weight"), w.pooledRow(x));
}

Feature ResidualPlan::stem(NetworkWriter& w, Feature x) const
{
    const std::int64_t channels = m_bottleneck ? w.width("conv1", m_width) : m_width;
    x = w.conv("conv1", x, {channels, m_imageNetStem ? 7 : 3, m_imageNetStem ? 2 : 1});
    x = w.relu("relu", w.norm("bn1", x));
    return m_pool ? w.maxPool("maxpool", x, 3, 2, 1) : x;
}

Feature ResidualPlan::block(NetworkWriter& w, const std::string& name, Feature x, std::size_t stage, bool first) const
{
    const std::int64_t usual = m_width << stage, stride = stage > 0 && first ? 2 : 1;
    if (!m_bottleneck)
        return basic(w, name, x, usual, stride);
    const std::int64_t to = first ? w.width(name + ".conv3", 4 * usual) : x.channels; // later ones keep the shape
    return bottleneck(w, name, x, w.width(name + ".conv1", usual), to, stride);
}

Feature ResidualPlan::basic(NetworkWriter& w, const std::string& name, Feature x, std::int64_t to, std::int64_t stride) const
{
    Feature y = w.relu(name + ".relu1", w.norm(name + ".bn1", w.conv(name + ".conv1", x, {to, 3, stride})));
    y = w.norm(name + ".bn2", w.conv(name + ".conv2", y, {to}));
    return w.relu(name + ".relu2", w.add(name + ".add", y, past(w, name, x, to, stride)));
}

Feature ResidualPlan::bottleneck(NetworkWriter& w, const std::string& name, Feature x, std::int64_t inner, std::int64_t to,
                                 std::int64_t stride) const
{
    Feature y = w.relu(name + ".relu1", w.norm(name + ".bn1", w.conv(name + ".conv1", x, {inner, 1})));
    y = w.relu(name + ".relu2", w.norm(name + ".bn2", w.conv(name + ".conv2", y, {inner, 3, stride})));
    y = w.norm(name + ".bn3", w.conv(name + ".conv3", y, {to, 1}));
    return w.relu(name + ".relu3", w.add(name + ".add", y, past(w, name, x, to, stride)));
}

Feature ResidualPlan::past(NetworkWriter& w, const std::string& block, Feature x, std::int64_t to, std::int64_t stride) const
{
    if (x.channels == to && stride == 1)
        return x;
    if (m_shortcut == Shortcut::Projection) {
        const std::string name = block + "." + w.spelt(block + ".", m_projections, ".0.weight");
        return w.norm(name + ".1", w.conv(name + ".0", x, {to, 1, stride}));
    }
    using Ints = std::vector<std::int64_t>;
    const std::int64_t more = to - x.channels, before = more / 2;
    x = w.node(Op::Slice, block + ".shortcut.slice", {x}, x.channels,
               {{"axes", Ints{2, 3}}, {"starts", Ints{0, 0}}, {"steps", Ints{stride, stride}}});
    return w.node(Op::Pad, block + ".shortcut.pad", {x}, to,
                  {{"before", Ints{0, before, 0, 0}}, {"after", Ints{0, more - before, 0, 0}}});
}

Family residualFamily()
{
    return {"conv1.weight",
            {"resnet18", "resnet34", "resnet18-cifar", "resnet34-cifar", "resnet20", "resnet32", "resnet44", "resnet56",
             "resnet110", "resnet20-b", "resnet32-b", "resnet44-b", "resnet56-b", "resnet110-b", "resnet8", "resnet50",
             "resnet101", "resnet152", "resnet50-cifar", "resnet101-cifar", "resnet152-cifar", "resnet18-cifar-pool",
             "resnet34-cifar-pool", "resnet50-cifar-pool", "resnet101-cifar-pool", "resnet152-cifar-pool"},
            [](const std::string& architecture) -> std::unique_ptr<NetworkPlan> {
                return std::make_unique<ResidualPlan>(architecture);
            },
            recogniseResidual};
}

} // namespace mprdo

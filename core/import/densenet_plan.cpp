// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/densenet_plan.h"
#include "core/base/error.h"

namespace mprdo {
namespace {

struct DepthRow {
    std::vector<std::int64_t> blocks;
    std::int64_t growth, stem;
};

/// Table 1 of the paper; 161 is torchvision's.
const std::map<int, DepthRow>& depths()
{
    static const std::map<int, DepthRow> all{{121, {{6, 12, 24, 16}, 32, 64}},
                                             {161, {{6, 12, 36, 24}, 48, 96}},
                                             {169, {{6, 12, 32, 32}, 32, 64}},
                                             {201, {{6, 12, 48, 32}, 32, 64}}};
    return all;
}

std::string layerName(std::size_t block, std::int64_t layer)
{
    return text("features.denseblock", block + 1, ".denselayer", layer + 1);
}

/// "1" or ".1" behind norm and conv.
std::string separator(const StateDict& tensors) { return tensors.count(layerName(0, 0) + ".norm.1.weight") ? "." : ""; }

Recognition recognise(const StateDict& tensors, const std::vector<std::int64_t>&)
{
    const std::string dot = separator(tensors);
    std::vector<std::int64_t> blocks;
    for (std::size_t block = 0;; ++block) {
        std::int64_t layers = 0;
        while (tensors.count(text(layerName(block, layers), ".conv", dot, "1.weight")))
            ++layers;
        if (layers == 0)
            break;
        blocks.push_back(layers);
    }
    const at::Tensor& stem = tensors.at("features.conv0.weight");
    for (const auto& [depth, row] : depths())
        if (row.blocks == blocks)
            return {text("densenet", depth, stem.dim() == 4 && stem.size(2) == 3 ? "-cifar" : ""), {}};
    return {{}, text("dense blocks of ", shapeText(blocks), " layers are none of DenseNet-121, 161, 169 and 201")};
}

} // namespace

DenseNetPlan::DenseNetPlan(const std::string& architecture)
{
    const DepthRow& row = depths().at(std::stoi(architecture.substr(8))); // "densenet" has eight letters
    m_blocks = row.blocks;
    m_growth = row.growth;
    m_stem = row.stem;
    m_cifar = architecture.find("-cifar") != std::string::npos;
    m_pool = !m_cifar || architecture.ends_with("-pool");
}

Feature DenseNetPlan::layer(NetworkWriter& w, const std::string& name, const std::string& dot, Feature x) const
{
    const std::string conv1 = name + ".conv" + dot + "1", conv2 = name + ".conv" + dot + "2";
    Feature y = w.relu(name + ".relu" + dot + "1", w.norm(name + ".norm" + dot + "1", x));
    y = w.conv(conv1, y, {w.width(conv1, 4 * m_growth), 1});
    y = w.relu(name + ".relu" + dot + "2", w.norm(name + ".norm" + dot + "2", y));
    y = w.conv(conv2, y, {w.width(conv2, m_growth)});
    return w.concat(name + ".concat", x, y);
}

Feature DenseNetPlan::transition(NetworkWriter& w, const std::string& name, Feature x) const
{
    x = w.relu(name + ".relu", w.norm(name + ".norm", x));
    x = w.conv(name + ".conv", x, {w.width(name + ".conv", x.channels / 2), 1});
    return w.averagePool(name + ".pool", x, 2);
}

Feature DenseNetPlan::write(NetworkWriter& w, Feature x) const
{
    const std::string dot = separator(w.tensors());
    x = w.conv("features.conv0", x, {w.width("features.conv0", m_stem), m_cifar ? 3 : 7, m_cifar ? 1 : 2});
    x = w.relu("features.relu0", w.norm("features.norm0", x));
    if (m_pool)
        x = w.maxPool("features.pool0", x, 3, 2, 1);
    for (std::size_t block = 0; block < m_blocks.size(); ++block) {
        for (std::int64_t l = 0; l < m_blocks[block]; ++l)
            x = layer(w, layerName(block, l), dot, x);
        if (block + 1 < m_blocks.size())
            x = transition(w, text("features.transition", block + 1), x);
    }
    x = w.relu("features.relu5", w.norm("features.norm5", x));
    return w.head("classifier", w.pooledRow(x));
}

Family denseNetFamily()
{
    std::vector<std::string> names;
    for (const char* variant : {"", "-cifar", "-cifar-pool"})
        for (const auto& [depth, row] : depths())
            names.push_back(text("densenet", depth, variant));
    return {"features.conv0.weight", names,
            [](const std::string& architecture) -> std::unique_ptr<NetworkPlan> {
                return std::make_unique<DenseNetPlan>(architecture);
            },
            recognise};
}

} // namespace mprdo

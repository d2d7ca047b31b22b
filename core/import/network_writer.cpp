// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/network_writer.h"
#include <algorithm>

namespace mprdo {

NetworkWriter::NetworkWriter(const StateDict& tensors, std::int64_t classes, GraphBuilder* graph)
    : m_tensors(tensors)
    , m_classes(classes)
    , m_graph(graph)
{
}

std::int64_t NetworkWriter::width(const std::string& layer, std::int64_t usual) const
{
    const auto it = m_tensors.find(layer + ".weight");
    return it != m_tensors.end() && it->second.dim() >= 2 && it->second.numel() > 0 ? it->second.size(0) : usual;
}

std::string NetworkWriter::spelt(const std::string& prefix, const std::vector<std::string>& words,
                                 const std::string& suffix) const
{
    const auto it = std::find_if(words.begin(), words.end(), [&](const std::string& w) { return has(prefix + w + suffix); });
    return it == words.end() ? words.front() : *it;
}

Feature NetworkWriter::conv(const std::string& name, Feature x, const ConvSpec& spec)
{
    const std::int64_t from = x.channels / spec.groups, fanIn = from * spec.kernel * spec.kernel;
    m_parameters.push_back({name + ".weight", {spec.channels, from, spec.kernel, spec.kernel}, Fill::He, fanIn});
    if (spec.bias)
        m_parameters.push_back({name + ".bias", {spec.channels}, Fill::Zero, fanIn});
    return {m_graph ? m_graph->conv2d(name, x.value, spec.stride, spec.kernel / 2, spec.groups) : 0, spec.channels};
}

Feature NetworkWriter::norm(const std::string& name, Feature x)
{
    for (const auto& [role, fill] : {std::pair(".weight", Fill::One), std::pair(".bias", Fill::Zero),
                                     std::pair(".running_mean", Fill::Zero), std::pair(".running_var", Fill::One)})
        m_parameters.push_back({name + role, {x.channels}, fill, 1});
    return {m_graph ? m_graph->batchNorm(name, x.value) : 0, x.channels};
}

Feature NetworkWriter::relu(const std::string& name, Feature x) { return node(Op::Relu, name, {x}, x.channels); }

Feature NetworkWriter::relu6(const std::string& name, Feature x)
{
    return node(Op::Clamp, name, {x}, x.channels, {{"min", 0.0}, {"max", 6.0}});
}

Feature NetworkWriter::maxPool(const std::string& name, Feature x, std::int64_t kernel, std::int64_t stride,
                               std::int64_t padding)
{
    return node(Op::MaxPool2d, name, {x}, x.channels, {{"kernel", kernel}, {"stride", stride}, {"padding", padding}});
}

Feature NetworkWriter::averagePool(const std::string& name, Feature x, std::int64_t kernel)
{
    return node(Op::AvgPool2d, name, {x}, x.channels, {{"kernel", kernel}, {"stride", kernel}});
}

Feature NetworkWriter::pooledRow(Feature x, std::int64_t size)
{
    x = node(Op::AdaptiveAvgPool2d, "avgpool", {x}, x.channels, {{"size", size}});
    return node(Op::Flatten, "flatten", {x}, x.channels * size * size);
}

Feature NetworkWriter::linear(const std::string& name, Feature x, std::int64_t outputs)
{
    m_parameters.push_back({name + ".weight", {outputs, x.channels}, Fill::Uniform, x.channels});
    m_parameters.push_back({name + ".bias", {outputs}, Fill::Uniform, x.channels});
    return {m_graph ? m_graph->linear(name, x.value) : 0, outputs};
}

Feature NetworkWriter::head(const std::string& name, Feature x)
{
    const auto it = m_tensors.find(name + ".weight");
    const bool told = it != m_tensors.end() && it->second.dim() == 2 && it->second.numel() > 0;
    return linear(name, x, told ? it->second.size(0) : m_classes);
}

Feature NetworkWriter::add(const std::string& name, Feature x, Feature y)
{
    return node(Op::Add, name, {x, y}, x.channels);
}

Feature NetworkWriter::concat(const std::string& name, Feature x, Feature y)
{
    return node(Op::Concat, name, {x, y}, x.channels + y.channels, {{"axis", std::int64_t(1)}});
}

Feature NetworkWriter::node(Op op, const std::string& name, const std::vector<Feature>& inputs, std::int64_t channels,
                            const std::map<std::string, Attribute>& attributes)
{
    std::vector<ValueId> values;
    for (const Feature& x : inputs)
        values.push_back(x.value);
    return {m_graph ? m_graph->add(op, name, values, {}, attributes) : 0, channels};
}

} // namespace mprdo

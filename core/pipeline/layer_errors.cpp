// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/layer_errors.h"
#include "core/graph/op_table.h"
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kImages = 32;

double outputPower(const Node& node, const at::Tensor& x, const at::Tensor& weight)
{
    const OpContext context{node, {x}, [&](const std::string& role) { return role == "weight" ? weight : at::Tensor(); }};
    return opRow(node.op).execute(context).to(at::kDouble).pow(2).sum().item<double>();
}

} // namespace

LayerErrors::LayerErrors(std::shared_ptr<const Graph> graph, const HoldOutSet& holdOut)
    : m_graph(std::move(graph))
    , m_layers(m_graph->layers())
{
    NoGrad noGrad;
    std::set<ValueId> wanted;
    for (const Layer& layer : m_layers)
        for (const std::size_t n : layer.nodes)
            wanted.insert(m_graph->nodes[n].inputs.at(0));
    const at::Tensor images = holdOut.set.batch(0, std::min(kImages, holdOut.set.size()));
    m_inputs = execute(*m_graph, {{m_graph->inputs.at(0), images}}, {wanted.begin(), wanted.end()});
}

std::vector<double> LayerErrors::of(const QuantizedModel& model) const
{
    NoGrad noGrad;
    std::vector<double> out;
    for (const Layer& layer : m_layers) {
        const auto quantized = model.weights.find(layer.parameter);
        double noise = 0, signal = 0;
        if (quantized != model.weights.end()) {
            const at::Tensor& w = m_graph->parameter(layer.parameter);
            const at::Tensor difference = w - quantized->second.values();
            for (const std::size_t n : layer.nodes) {
                const Node& node = m_graph->nodes[n];
                const at::Tensor& x = m_inputs.at(node.inputs.at(0));
                noise += outputPower(node, x, difference);
                signal += outputPower(node, x, w);
            }
        }
        out.push_back(signal > 0 ? noise / signal : 0);
    }
    return out;
}

} // namespace mprdo

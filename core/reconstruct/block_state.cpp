// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/block_state.h"
#include "core/base/error.h"
#include <algorithm>

namespace mprdo {

std::vector<std::string> biasNames(const Graph& graph, const Layer& layer)
{
    std::vector<std::string> out;
    for (const std::size_t n : layer.nodes)
        if (const auto it = graph.nodes[n].parameters.find("bias"); it != graph.nodes[n].parameters.end())
            out.push_back(it->second);
    return out;
}

std::optional<std::string> correctedBias(const Graph& graph, const Layer& layer)
{
    const std::vector<std::string> names = biasNames(graph, layer);
    const bool one = !names.empty() && std::count(names.begin(), names.end(), names[0]) == std::ptrdiff_t(names.size());
    return one && names.size() == layer.nodes.size() ? std::optional(names[0]) : std::nullopt;
}

std::string encodeBlock(const Block& block, const std::vector<Layer>& layers, const QuantizedModel& model)
{
    ByteWriter out;
    for (const std::size_t l : block.layers) {
        const auto weight = model.weights.find(layers[l].parameter);
        out.integer(weight != model.weights.end());
        if (weight != model.weights.end()) {
            const QuantizedTensor& q = weight->second;
            out.integer(q.grid.bits).integer(q.grid.axis).integer(q.grid.symmetric);
            out.tensor(q.grid.scale).tensor(q.grid.zeroPoint).tensor((q.codes - double(q.grid.qMin())).to(at::kByte));
        }
        for (const std::string& name : biasNames(*model.graph, layers[l])) {
            const auto bias = model.biases.find(name);
            out.tensor(bias == model.biases.end() ? at::Tensor() : bias->second);
        }
    }
    return out.bytes();
}

QuantizedModel decodeBlock(const Block& block, const std::vector<Layer>& layers, const QuantizedModel& model,
                           std::string_view bytes)
{
    QuantizedModel out = model;
    ByteReader in(bytes);
    for (const std::size_t l : block.layers) {
        const std::string& parameter = layers[l].parameter;
        if (in.integer() != 0) {
            QuantizedTensor q;
            q.grid.bits = static_cast<Bits>(in.integer());
            q.grid.axis = in.integer();
            q.grid.symmetric = in.integer() != 0;
            q.grid.scale = in.tensor();
            q.grid.zeroPoint = in.tensor();
            q.codes = in.tensor().to(at::kFloat) + double(q.grid.qMin());
            check(q.codes.sizes() == out.graph->parameter(parameter).sizes(), ErrorCode::BadFile, "stored block ",
                  block.name, ": ", parameter, " has the shape ", shapeText(q.codes.sizes()));
            out.weights[parameter] = std::move(q);
        } else {
            out.weights.erase(parameter);
        }
        for (const std::string& name : biasNames(*out.graph, layers[l])) {
            const at::Tensor bias = in.tensor();
            if (bias.defined())
                out.biases[name] = bias;
            else
                out.biases.erase(name);
        }
    }
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/importer.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/exec/executor.h"
#include "core/graph/dead_weights.h"
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/import/element_types.h"
#include "core/import/network_description.h"

namespace mprdo {
namespace {

std::vector<TensorInfo> tensorInfos(const Checkpoint& checkpoint)
{
    std::vector<TensorInfo> out;
    for (const auto& [name, tensor] : checkpoint.tensors)
        out.push_back({name, elementTypeName(tensor.scalar_type()), tensor.sizes().vec(),
                       tensor.numel() * static_cast<std::int64_t>(tensor.element_size())});
    return out;
}

std::int64_t parameterCount(const Graph& graph)
{
    std::int64_t out = 0;
    for (const Node& node : graph.nodes)
        for (const char* role : {"weight", "bias"})
            if (const auto it = node.parameters.find(role); it != node.parameters.end())
                out += graph.parameter(it->second).numel();
    return out;
}

ModelSnapshot fileSnapshot(const Checkpoint& checkpoint)
{
    ModelSnapshot out;
    out.path = checkpoint.path;
    out.format = checkpoint.format;
    out.fileBytes = checkpoint.fileBytes;
    out.tensors = tensorInfos(checkpoint);
    return out;
}

/// Told apart to the last bit.
std::string attributeText(const Attribute& attribute)
{
    struct Teller {
        std::string operator()(std::int64_t value) const { return text(value); }
        std::string operator()(double value) const { return Hash().add(value).hex(); }
        std::string operator()(const std::string& value) const { return value; }
        std::string operator()(const std::vector<std::int64_t>& values) const { return shapeText(values); }
        std::string operator()(const std::vector<double>& values) const
        {
            Hash hash;
            for (const double value : values)
                hash.add(value);
            return hash.hex();
        }
    };
    return std::visit(Teller(), attribute);
}

/// From a description, whose input must be what the images are.
Graph describedFor(const NetworkDescription& description, const StateDict& tensors,
                   const std::vector<std::int64_t>& inputShape)
{
    check(description.input == inputShape, ErrorCode::ShapeMismatch, description.file, ": its input is ",
          shapeText(description.input), ", the images are ", shapeText(inputShape));
    return describedGraph(description, tensors);
}

/// Faults of what the caller named as architecture, not of the file.
bool isCallersFault(ErrorCode code)
{
    return code == ErrorCode::Usage || code == ErrorCode::BadFile || code == ErrorCode::Io;
}

} // namespace

std::vector<std::int64_t> usualInput() { return {3, 32, 32}; }

void addGraph(ModelSnapshot& out, const Graph& graph)
{
    out.architecture = graph.architecture;
    out.parameters = parameterCount(graph);
    const auto& input = graph.values[static_cast<std::size_t>(graph.inputs.at(0))].shape;
    out.inputShape.assign(input.begin() + 1, input.end());
    out.layers = layerInfos(graph);
    out.fingerprint = fingerprint(graph);
}

ImportedModel importModel(const Checkpoint& checkpoint, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    const StateDict tensors = checkpoint.asMap();
    std::string name = architecture;
    if (name.empty()) {
        const Recognition recognition = recogniseArchitecture(tensors, inputShape);
        check(!recognition.architecture.empty(), ErrorCode::Unsupported, checkpoint.path, ": architecture not recognised: ",
              recognition.whyUnknown);
        name = recognition.architecture;
    }
    try {
        ImportedModel out{isDescriptionFile(name) ? describedFor(readDescription(name), tensors, inputShape)
                                                  : buildArchitecture(name, tensors, inputShape),
                          fileSnapshot(checkpoint)};
        addGraph(out.snapshot, out.graph);
        return out;
    } catch (const Error& e) {
        if (isCallersFault(e.code()))
            throw;
        throw Error(e.code(), text(checkpoint.path, ": ", e.what()), e.context());
    }
}

ModelSnapshot describe(const Checkpoint& checkpoint, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    ModelSnapshot out = fileSnapshot(checkpoint);
    const StateDict tensors = checkpoint.asMap();
    const Recognition recognition
        = architecture.empty() ? recogniseArchitecture(tensors, inputShape) : Recognition{architecture, {}};
    out.whyUnknown = recognition.whyUnknown;
    if (!recognition.architecture.empty()) {
        const bool described = isDescriptionFile(recognition.architecture);
        try {
            addGraph(out, described ? describedGraph(readDescription(recognition.architecture), tensors)
                                    : buildArchitecture(recognition.architecture, tensors, inputShape));
        } catch (const Error& e) {
            if (isCallersFault(e.code()))
                throw;
            out.whyUnknown = described ? e.what() : text("looks like ", recognition.architecture, ", but ", e.what());
        }
    }
    if (out.architecture.empty())
        for (const auto& [name, tensor] : checkpoint.tensors)
            out.parameters += tensor.numel();
    return out;
}

std::vector<LayerInfo> layerInfos(const Graph& graph)
{
    const std::vector<Layer> layers = graph.layers();
    const std::vector<std::int64_t> macs = macsPerNode(graph);
    std::vector<LayerInfo> out;
    for (const Layer& layer : layers) {
        const at::Tensor& weight = graph.parameter(layer.parameter);
        LayerInfo info;
        info.name = layer.name;
        info.shape = weight.sizes().vec();
        info.weights = weight.numel();
        info.outputChannels = weight.size(layer.axis);
        info.deadWeights = deadWeights(graph, layer);
        for (const std::size_t node : layer.nodes)
            info.macs += macs[node];
        out.push_back(std::move(info));
    }
    for (const Block& block : findBlocks(graph))
        for (const std::size_t layer : block.layers)
            out[layer].block = block.name;
    return out;
}

std::string fingerprint(const Graph& graph)
{
    Hash hash;
    for (const auto& [name, tensor] : graph.parameters)
        hash.add(name).add(tensor);
    for (const Node& node : graph.nodes) { // the same tensors can stand in different networks
        hash.add(name(node.op));
        for (const ValueId v : node.inputs)
            hash.add(static_cast<std::int64_t>(v));
        for (const auto& [role, parameter] : node.parameters)
            hash.add(role).add(parameter);
        for (const auto& [key, attribute] : node.attributes)
            hash.add(key).add(attributeText(attribute));
    }
    return hash.hex();
}

} // namespace mprdo

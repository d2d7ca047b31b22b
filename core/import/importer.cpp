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
#include "core/import/extra_tensors.h"
#include "core/import/network_description.h"
#include "core/import/state_dict_choice.h"
#include "core/import/structure.h"
#include <algorithm>
#include <functional>
#include <set>

namespace mprdo {
namespace {

std::vector<TensorInfo> tensorInfos(const Checkpoint& checkpoint)
{
    std::vector<TensorInfo> out;
    for (const auto* tensors : {&checkpoint.tensors, &checkpoint.beside})
        for (const auto& [name, tensor] : *tensors)
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
    out.notices = checkpoint.notices;
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

/// The tensors under the names that a description uses: where all names of the file share a first word ("model.") and the
/// description goes without it, so do they.
StateDict describedTensors(const NetworkDescription& description, StateDict tensors)
{
    const auto found = [&](const NetworkDescription::Node& node) {
        for (const auto& [role, tensor] : node.parameters)
            if (tensors.count(tensor))
                return true;
        return tensors.count(node.name + ".weight") > 0;
    };
    while (!tensors.empty() && std::none_of(description.nodes.begin(), description.nodes.end(), found)) {
        const std::string& first = tensors.begin()->first;
        const std::string prefix = first.substr(0, first.find('.') + 1);
        const bool shared = !prefix.empty() && std::all_of(tensors.begin(), tensors.end(), [&](const auto& t) {
            return t.first.starts_with(prefix) && t.first.size() > prefix.size();
        });
        if (!shared)
            break;
        StateDict shorter;
        for (const auto& [name, tensor] : tensors)
            shorter[name.substr(prefix.size())] = tensor;
        tensors = std::move(shorter);
    }
    return tensors;
}

/// From a description, whose input must be what the images are.
Graph describedFor(const NetworkDescription& description, const StateDict& tensors,
                   const std::vector<std::int64_t>& inputShape)
{
    check(description.input == inputShape, ErrorCode::ShapeMismatch, description.file, ": its input is ",
          shapeText(description.input), ", the images are ", shapeText(inputShape));
    return describedGraph(description, describedTensors(description, tensors));
}

/// Faults of what the caller named as architecture, not of the file.
bool isCallersFault(ErrorCode code)
{
    return code == ErrorCode::Usage || code == ErrorCode::BadFile || code == ErrorCode::Io;
}

/// What a reader of the file should know of tensors that the network does not have, and of their types.
void addNotices(ModelSnapshot& out, const Checkpoint& checkpoint, const std::function<bool(const std::string&)>& used)
{
    NamedTensors left;
    std::set<std::string> narrow;
    for (const auto& [name, tensor] : checkpoint.tensors)
        if (used(name)) {
            if (tensor.scalar_type() != at::kFloat)
                narrow.insert(elementTypeName(tensor.scalar_type()));
        } else if (!isBookkeeping(name)) {
            left.emplace_back(name, tensor);
        }
    left.insert(left.end(), checkpoint.beside.begin(), checkpoint.beside.end());
    if (const std::string notice = leftOutNotice(left); !notice.empty())
        out.notices.push_back(notice);
    for (const auto& [name, maker] : checkpoint.unread)
        out.notices.push_back(text("The tensor ", printable(name), " is left out: it is made of ", printable(maker), ", which cannot be read."));
    for (const std::string& type : narrow)
        out.notices.push_back(text("Weights of type ", type, " are computed with as float32."));
}

/// The file's tensors under the names of a known network; empty: its names and shapes do not fit, why says why.
std::optional<Graph> byNames(const Checkpoint& checkpoint, const std::string& architecture, const StateDict& tensors,
                             const std::vector<std::int64_t>& inputShape, std::optional<Error>& why)
{
    try {
        return buildArchitecture(architecture, tensors, inputShape);
    } catch (const Error& e) {
        if (e.code() != ErrorCode::ShapeMismatch)
            throw;
        std::string message = e.what();
        for (const auto& [name, maker] : checkpoint.unread)
            if (message.starts_with(withoutWrappers(name) + ": missing"))
                message = text(printable(name), ": is made of ", printable(maker), ", which cannot be read");
        why.emplace(e.code(), message, e.context());
        return std::nullopt;
    }
}

/// The graphs of all ways to read the file as a known network by its structure, and what they leave out.
std::vector<Graph> byStructure(const Checkpoint& checkpoint, const std::string& architecture, const StateDict& tensors,
                               const std::vector<std::int64_t>& inputShape, ModelSnapshot& snapshot)
{
    std::vector<Graph> out;
    std::set<std::string> used;
    for (const StructureMatch& match : structureMatches(checkpoint.tensors, architecture)) {
        out.push_back(buildArchitecture(match.architecture, match.renamed(tensors), inputShape));
        for (const auto& [known, file] : match.names)
            used.insert(file);
    }
    if (!out.empty())
        addNotices(snapshot, checkpoint, [&](const std::string& name) { return used.count(name) > 0; });
    return out;
}

ImportedModel importKnown(const Checkpoint& checkpoint, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    const StateDict tensors = checkpoint.asMap();
    ImportedModel out;
    out.snapshot = fileSnapshot(checkpoint);
    out.named = !architecture.empty();
    const Recognition recognition = out.named ? Recognition{architecture, {}} : recogniseArchitecture(tensors, inputShape);
    std::optional<Error> why;
    if (!recognition.architecture.empty())
        if (auto graph = byNames(checkpoint, recognition.architecture, tensors, inputShape, why)) {
            out.graph = std::move(*graph);
            addNotices(out.snapshot, checkpoint, [&](const std::string& name) { return out.graph.parameters.count(name) > 0; });
            if (!out.named)
                for (const std::string& name : architecturesLike(recognition.architecture, tensors))
                    out.alternatives.push_back(buildArchitecture(name, tensors, inputShape));
            return out;
        }
    out.guesses = byStructure(checkpoint, architecture, tensors, inputShape, out.snapshot);
    if (out.guesses.empty() && why)
        throw *why;
    for (const auto& [name, maker] : checkpoint.unread)
        check(!out.guesses.empty(), ErrorCode::Unsupported, printable(name), ": is made of ", printable(maker), ", which cannot be read");
    check(!out.guesses.empty(), ErrorCode::Unsupported, "architecture not recognised: ", recognition.whyUnknown,
          "; nor are its layers' shapes those of a known network; --arch FILE.json describes any other");
    out.graph = out.guesses.front();
    return out;
}

} // namespace

std::string architecturesOf(const std::vector<Graph>& guesses)
{
    std::vector<std::string> names;
    for (const Graph& g : guesses)
        if (std::find(names.begin(), names.end(), g.architecture) == names.end())
            names.push_back(g.architecture);
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i)
        out += (i ? " or " : "") + names[i];
    return out;
}

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
    try {
        if (!isDescriptionFile(architecture)) {
            ImportedModel out = importKnown(checkpoint, architecture, inputShape);
            addGraph(out.snapshot, out.graph);
            return out;
        }
        ImportedModel out{describedFor(readDescription(architecture), checkpoint.asMap(), inputShape), fileSnapshot(checkpoint)};
        addNotices(out.snapshot, checkpoint, [&](const std::string& name) { return out.graph.parameters.count(name) > 0; });
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
    try {
        if (isDescriptionFile(architecture)) {
            const NetworkDescription description = readDescription(architecture);
            addGraph(out, describedGraph(description, describedTensors(description, tensors)));
        } else {
            const ImportedModel imported = importKnown(checkpoint, architecture, inputShape);
            out = imported.snapshot;
            addGraph(out, imported.graph);
            if (!imported.guesses.empty())
                out.notices.push_back(text("It looks like ", architecturesOf(imported.guesses), " under other names, by the shapes of its ",
                                           "layers in their order; a run confirms that on the data before it takes it as that."));
        }
    } catch (const Error& e) {
        if (isCallersFault(e.code()))
            throw;
        const Recognition recognition = architecture.empty() ? recogniseArchitecture(tensors, inputShape) : Recognition{architecture, {}};
        out.whyUnknown = isDescriptionFile(architecture)         ? std::string(e.what())
            : recognition.architecture.empty()                   ? recognition.whyUnknown
                                                                 : text("looks like ", recognition.architecture, ", but ", e.what());
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

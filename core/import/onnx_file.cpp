// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_file.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/import/element_types.h"
#include "core/import/onnx_message.h"
#include "core/import/onnx_node.h"
#include "core/import/onnx_order.h"
#include "core/import/onnx_tensor.h"
#include <climits>
#include <filesystem>
#include <onnx/onnx_pb.h>
#include <set>
#include <unordered_map>

namespace mprdo {
namespace {

constexpr std::int64_t kFirstIr = 3;
constexpr int kMostNodes = 200'000, kMostSizes = 16;

std::int64_t opsetOf(const std::string& file, const onnx::ModelProto& model)
{
    std::int64_t out = 0;
    for (const auto& import : model.opset_import())
        if (import.domain().empty() || import.domain() == "ai.onnx") {
            check(out == 0 || out == import.version(), ErrorCode::BadFile, file, ": names the opsets ", out, " and ",
                  import.version());
            out = import.version();
        }
    check(out != 0, ErrorCode::Unsupported, file, ": names no opset of ai.onnx");
    check(out >= kFirstOnnxOpset && out <= kLastOnnxOpset, ErrorCode::Unsupported, file, ": is of opset ", out, ", opsets ",
          kFirstOnnxOpset, " to ", kLastOnnxOpset, " can be read");
    return out;
}

/// What is well-formed and cannot be read is said before anything else is looked at.
void checkKinds(const std::string& file, const onnx::ModelProto& model)
{
    check(model.has_graph(), ErrorCode::BadFile, file, ": holds no graph");
    check(model.ir_version() >= kFirstIr, ErrorCode::Unsupported, file, ": is of IR version ", model.ir_version(), ", versions from ",
          kFirstIr, " on can be read");
    check(model.training_info_size() == 0, ErrorCode::Unsupported, file, ": has training information");
    const onnx::GraphProto& graph = model.graph();
    check(graph.node_size() > 0, ErrorCode::BadFile, file, ": has no nodes");
    check(graph.node_size() <= kMostNodes, ErrorCode::BadFile, file, ": has ", graph.node_size(), " nodes, more than ", kMostNodes);
    check(graph.output_size() > 0, ErrorCode::BadFile, file, ": has no outputs");
}

OnnxValueInfo valueInfo(const std::string& file, const std::string& kind, const onnx::ValueInfoProto& from)
{
    OnnxValueInfo out;
    out.name = checkedOnnxName(file, "a value", from.name());
    check(!out.name.empty(), ErrorCode::BadFile, file, ": ", kind, " has no name");
    const std::string what = text(file, ": ", kind, " ", printable(out.name));
    const onnx::TypeProto& type = from.type();
    const char* is = nullptr; // what it is when it is no tensor
    switch (type.value_case()) {
    case onnx::TypeProto::kTensorType: break;
    case onnx::TypeProto::kSequenceType: is = "a sequence"; break;
    case onnx::TypeProto::kMapType: is = "a map"; break;
    case onnx::TypeProto::kOptionalType: is = "optional"; break;
    case onnx::TypeProto::kSparseTensorType: is = "a sparse tensor"; break;
    default: out.elementType = 0; return out;
    }
    check(!is, ErrorCode::Unsupported, what, ": is ", is ? is : "", ", not a tensor");
    out.elementType = type.tensor_type().elem_type();
    out.hasShape = type.tensor_type().has_shape();
    const auto& shape = type.tensor_type().shape();
    check(shape.dim_size() <= kMostSizes, ErrorCode::BadFile, what, ": has ", shape.dim_size(), " dimensions, more than ", kMostSizes);
    for (const auto& size : shape.dim()) {
        const bool known = size.value_case() == onnx::TensorShapeProto::Dimension::kDimValue;
        check(!known || size.dim_value() >= -1, ErrorCode::BadFile, what, ": has the size ", size.dim_value());
        out.shape.push_back(known ? size.dim_value() : -1);
    }
    return out;
}

/// Inputs that are initializers too are their defaults (all of them up to IR version 3) and no inputs for us.
void takeInputsAndOutputs(const onnx::GraphProto& graph, std::map<std::string, std::string>& given, OnnxFile& out)
{
    std::set<std::string> inputs, outputs;
    for (const auto& from : graph.input()) {
        check(inputs.insert(from.name()).second, ErrorCode::BadFile, out.path, ": has two inputs named ", printable(from.name()));
        if (given.contains(from.name()))
            continue;
        OnnxValueInfo input = valueInfo(out.path, "input", from);
        check(input.elementType != 0, ErrorCode::BadFile, out.path, ": input ", printable(input.name), ": has no type");
        given.emplace(input.name, "an input");
        out.inputs.push_back(std::move(input));
    }
    for (const auto& from : graph.output()) {
        out.outputs.push_back(valueInfo(out.path, "output", from));
        check(outputs.insert(from.name()).second, ErrorCode::BadFile, out.path, ": has two outputs named ", printable(from.name()));
    }
}

/// Which nodes some output needs, by their places. Of two that make one value both: that is a fault, which shows when they are ordered.
std::vector<bool> neededNodes(const std::string& file, const onnx::GraphProto& graph)
{
    std::unordered_multimap<std::string, int> makers;
    for (int n = 0; n < graph.node_size(); ++n)
        for (const std::string& output : graph.node(n).output())
            if (!output.empty())
                makers.emplace(output, n);
    std::vector<std::string> wanted;
    for (const auto& output : graph.output())
        wanted.push_back(output.name());
    std::vector<bool> out(static_cast<std::size_t>(graph.node_size()), false);
    while (!wanted.empty()) {
        const std::string name = std::move(wanted.back());
        wanted.pop_back();
        const auto [begin, end] = makers.equal_range(name);
        for (auto it = begin; it != end; ++it)
            if (auto needed = out.begin() + it->second; !*needed) {
                *needed = true;
                for (const std::string& input : onnxReads(file, graph.node(it->second)))
                    wanted.push_back(input);
            }
    }
    return out;
}

/// What only some files have and no file may use.
void checkUsed(const std::string& file, const onnx::ModelProto& model, const std::vector<OnnxNode>& nodes, const std::set<std::string>& used)
{
    std::set<std::pair<std::string, std::string>> own;
    for (const auto& function : model.functions())
        own.emplace(function.domain() == "ai.onnx" ? "" : function.domain(), function.name());
    for (const OnnxNode& node : nodes)
        if (own.contains({node.domain, node.op}))
            throw Error(ErrorCode::Unsupported, text(onnxNodeText(file, node), ": is a function that the file defines itself; export the "
                                                     "network with its functions inlined"));
    for (const auto& sparse : model.graph().sparse_initializer())
        if (used.contains(sparse.values().name()))
            throw Error(ErrorCode::Unsupported, text(file, ": tensor ", printable(sparse.values().name()), ": is sparse"));
}

/// Moves out of the model what it holds, piece by piece.
void take(onnx::ModelProto& model, OnnxExternalData& external, OnnxFile& out)
{
    checkKinds(out.path, model);
    out.irVersion = model.ir_version();
    out.opset = opsetOf(out.path, model);
    const std::string producer = model.producer_name() + (model.producer_version().empty() ? "" : " " + model.producer_version());
    out.producer = printable(producer);
    for (const auto& entry : model.metadata_props())
        out.metadata[checkedOnnxName(out.path, "metadata", entry.key())] = entry.value();

    onnx::GraphProto& graph = *model.mutable_graph();
    out.graphName = printable(graph.name());
    std::map<std::string, std::string> given;
    for (const auto& tensor : graph.initializer()) {
        check(!tensor.name().empty(), ErrorCode::BadFile, out.path, ": an initializer has no name");
        check(given.emplace(checkedOnnxName(out.path, "a tensor", tensor.name()), "an initializer").second, ErrorCode::BadFile,
              out.path, ": has two initializers named ", printable(tensor.name()));
    }
    takeInputsAndOutputs(graph, given, out);

    std::set<std::string> used;
    std::vector<OnnxNode> nodes;
    const std::vector<bool> needed = neededNodes(out.path, graph);
    for (int n = 0; n < graph.node_size(); ++n) {
        if (!needed[static_cast<std::size_t>(n)])
            continue;
        nodes.push_back(takeOnnxNode(out.path, n, *graph.mutable_node(n), external));
        used.insert(nodes.back().inputs.begin(), nodes.back().inputs.end());
        used.insert(nodes.back().captured.begin(), nodes.back().captured.end());
    }
    std::vector<std::string> outputs;
    for (const OnnxValueInfo& output : out.outputs)
        outputs.push_back(output.name);
    used.insert(outputs.begin(), outputs.end());
    checkUsed(out.path, model, nodes, used);
    out.nodes = orderOnnxNodes(out.path, std::move(nodes), given, outputs);

    for (onnx::TensorProto& tensor : *graph.mutable_initializer()) {
        const std::string name = tensor.name();
        if (used.contains(name))
            out.initializers.emplace(name, takeOnnxTensor(text(out.path, ": tensor ", printable(name)), tensor, external));
        else
            onnx::TensorProto().Swap(&tensor);
    }
    out.fileBytes += external.fileBytes();
}

} // namespace

OnnxFile readOnnx(const std::string& path)
{
    onnx::ModelProto model;
    OnnxFile out;
    out.path = path;
    {
        const InputFile file(path, INT_MAX);
        out.fileBytes = file.size();
        parseOnnxMessage(file, model);
    }
    const std::string folder = std::filesystem::path(path).parent_path().string();
    OnnxExternalData external(folder.empty() ? "." : folder);
    take(model, external, out);
    return out;
}

OnnxFile decodeOnnx(const std::string& name, std::string_view bytes, const std::string& folder)
{
    onnx::ModelProto model;
    OnnxFile out;
    out.path = name;
    out.fileBytes = static_cast<std::int64_t>(bytes.size());
    parseOnnxMessage(name, bytes, model);
    OnnxExternalData external(folder);
    take(model, external, out);
    return out;
}

bool looksLikeOnnx(const std::string& name, std::string_view head)
{
    // ir_version, then producer, domain or graph.
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
    const bool start = head.size() > 3 && at(0) == 0x08 && at(1) >= 1 && at(1) < 32;
    return start && (name.ends_with(".onnx") || at(2) == 0x12 || at(2) == 0x1a || at(2) == 0x22 || at(2) == 0x3a || at(2) == 0x42);
}

} // namespace mprdo

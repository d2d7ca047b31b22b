// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/model_file.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include "core/import/element_types.h"
#include "core/import/onnx_import.h"
#include <array>
#include <fstream>

namespace mprdo {
namespace {

constexpr std::size_t kHead = 4096;

bool holdsOnnx(const std::string& path)
{
    std::array<char, kHead> head{};
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), head.size());
    return looksLikeOnnx(path, {head.data(), static_cast<std::size_t>(file.gcount())});
}

ModelSnapshot fileSnapshot(const OnnxFile& file)
{
    ModelSnapshot out;
    out.path = file.path;
    out.format = text("ONNX, opset ", file.opset);
    out.fileBytes = file.fileBytes;
    for (const auto& [name, tensor] : file.initializers) {
        const bool nibbles = tensor.elementType == onnx_type::kInt4 || tensor.elementType == onnx_type::kUint4;
        const std::string type = nibbles ? (tensor.elementType == onnx_type::kInt4 ? "int4" : "uint4") : elementTypeName(tensor.value.scalar_type());
        out.tensors.push_back({name, type, tensor.value.sizes().vec(),
                               nibbles ? (tensor.value.numel() + 1) / 2 : tensor.value.numel() * static_cast<std::int64_t>(tensor.value.element_size())});
    }
    return out;
}

ImportedModel importModel(const OnnxFile& file, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    check(architecture.empty(), ErrorCode::Usage, "arch: ", architecture, " is given, but ", file.path, " is a model that has its own graph");
    OnnxImportOptions options;
    options.inputShape = inputShape;
    ImportedOnnx imported = importOnnx(file, options);
    check(imported.weights.empty() && imported.activations.empty(), ErrorCode::Unsupported, file.path, ": is quantized already (",
          imported.weights.size(), " layers hold integers); it can be evaluated and inspected, to quantize, its FP32 network is needed");
    const auto& input = imported.graph.values.at(static_cast<std::size_t>(imported.graph.inputs.at(0))).shape;
    const std::vector<std::int64_t> made(input.begin() + 1, input.end());
    check(made == inputShape, ErrorCode::ShapeMismatch, file.path, ": made for inputs of ", shapeText(made), ", the images are ",
          shapeText(inputShape), made.size() == 3 ? text("; --input ", made[0], "x", made[1], "x", made[2], " makes them fit") : std::string());
    ImportedModel out{std::move(imported.graph), fileSnapshot(file)};
    addGraph(out.snapshot, out.graph);
    return out;
}

ModelSnapshot describe(const OnnxFile& file)
{
    ModelSnapshot out = fileSnapshot(file);
    try {
        const ImportedOnnx imported = importOnnx(file);
        addGraph(out, imported.graph);
    } catch (const Error& e) {
        out.whyUnknown = e.what();
        for (const auto& [name, tensor] : file.initializers)
            out.parameters += tensor.value.numel();
    }
    return out;
}

} // namespace

ModelFile readModelFile(const std::string& path)
{
    if (holdsOnnx(path))
        return readOnnx(path);
    return readCheckpoint(path);
}

ImportedModel importModel(const ModelFile& file, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    return std::visit([&](const auto& f) { return importModel(f, architecture, inputShape); }, file);
}

ModelSnapshot describe(const ModelFile& file, const std::string& architecture)
{
    if (const auto* onnx = std::get_if<OnnxFile>(&file))
        return describe(*onnx);
    return describe(std::get<Checkpoint>(file), architecture);
}

std::vector<std::string> keptConstants(const Graph& graph)
{
    std::vector<std::string> out;
    for (const Node& node : graph.nodes)
        for (const auto& [role, parameter] : node.parameters)
            if (const at::Tensor& value = graph.parameter(parameter); (role == "constant" || role == "value") && value.numel() > 1)
                out.push_back(text(parameter, " ", shapeText(value.sizes()), ", ", name(node.op)));
    return out;
}

} // namespace mprdo

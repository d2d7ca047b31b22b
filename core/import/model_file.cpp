// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/model_file.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/graph/op_table.h"
#include "core/import/element_types.h"
#include "core/import/image_input.h"
#include "core/import/onnx_import.h"
#include "core/import/onnx_outputs.h"
#include <algorithm>
#include <array>
#include <fstream>

namespace mprdo {
namespace {

constexpr std::size_t kHead = 4096;
constexpr std::int64_t kLargestFile = std::int64_t(2) << 30; ///< of a PyTorch archive
constexpr const char* kTorchScript = "TorchScript";

std::string headOf(const std::string& path)
{
    std::array<char, kHead> head{};
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), head.size());
    return {head.data(), static_cast<std::size_t>(file.gcount())};
}

ModelSnapshot fileSnapshot(const OnnxFile& file)
{
    ModelSnapshot out;
    out.path = file.path;
    out.format = text("ONNX, opset ", file.opset);
    out.fileBytes = file.fileBytes;
    out.notices = file.notices;
    for (const auto& [name, tensor] : file.initializers) {
        const bool nibbles = tensor.elementType == onnx_type::kInt4 || tensor.elementType == onnx_type::kUint4;
        const std::string type = nibbles ? (tensor.elementType == onnx_type::kInt4 ? "int4" : "uint4") : elementTypeName(tensor.value.scalar_type());
        out.tensors.push_back({name, type, tensor.value.sizes().vec(),
                               nibbles ? (tensor.value.numel() + 1) / 2 : tensor.value.numel() * static_cast<std::int64_t>(tensor.value.element_size())});
    }
    return out;
}

/// The numbers that the nodes hold are no tensors of the file.
void asTorchScript(ModelSnapshot& snapshot)
{
    snapshot.format = kTorchScript;
    std::erase_if(snapshot.tensors, [](const TensorInfo& t) {
        return t.dtype != "float32" || t.shape.empty() || t.shape == std::vector<std::int64_t>{1};
    });
}

/// What a recording calls its output means nothing to anybody: it is the key of a dict or the place in a tuple, or has no name.
void nameOutput(Graph& graph, const std::string& name)
{
    for (const Node& node : graph.nodes)
        if (node.outputs.at(0) == graph.outputs.at(0))
            graph.values.at(static_cast<std::size_t>(graph.outputs[0])).name = name.empty() ? node.name : name;
}

void checkNoArchitecture(const std::string& path, const std::string& architecture)
{
    check(architecture.empty(), ErrorCode::Usage, "arch: ", architecture, " is given, but ", path, " is a model that has its own graph");
}

/// The option that makes images fit, where there is one: a size alone differs.
std::string fittingHint(const std::vector<std::int64_t>& made, const std::vector<std::int64_t>& given)
{
    if (made.size() != 3 || given.size() != 3)
        return {};
    const auto isImage = [](std::int64_t channels) { return channels == 3 || channels == 1; };
    if (isImage(made[0]))
        return text("; --input ", inputSizeText({made[1], made[2], made[0]}), " makes them fit");
    if (isImage(made[2]))
        return text("; --input ", inputSizeText({made[0], made[1], made[2]}), " --layout nhwc makes them fit");
    return {};
}

ImportedModel importModel(const OnnxFile& file, const std::string& architecture, const std::vector<std::int64_t>& inputShape)
{
    checkNoArchitecture(file.path, architecture);
    OnnxImportOptions options;
    options.inputShape = inputShape;
    ImportedOnnx imported = importOnnx(file, options);
    check(imported.weights.empty() && imported.activations.empty(), ErrorCode::Unsupported, file.path, ": is quantized already (",
          imported.weights.size(), " layers hold integers); it can be evaluated and inspected, to quantize, its FP32 network is needed");
    const auto& input = imported.graph.values.at(static_cast<std::size_t>(imported.graph.inputs.at(0))).shape;
    const std::vector<std::int64_t> made(input.begin() + 1, input.end());
    check(made == inputShape, ErrorCode::ShapeMismatch, file.path, ": made for inputs of ", shapeText(made), ", the images are ",
          shapeText(inputShape), fittingHint(made, inputShape));
    ImportedModel out{std::move(imported.graph), fileSnapshot(file)};
    addGraph(out.snapshot, out.graph);
    return out;
}

ImportedModel importModel(const TorchScriptFile& file, const std::string& architecture,
                          const std::vector<std::int64_t>& inputShape, const std::function<void()>& idle)
{
    checkNoArchitecture(file.path, architecture); // before the child's work
    TorchScriptOptions options;
    options.idle = idle;
    options.output = file.output;
    ImportedModel out = importModel(readTorchScript(file.path, inputShape, options), architecture, inputShape);
    out.graph.architecture = out.snapshot.architecture = "torchscript";
    nameOutput(out.graph, file.output);
    asTorchScript(out.snapshot);
    return out;
}

/// Integers included; free dimensions are those of the size.
ImportedOnnx importedAs(const OnnxFile& file, const ImageInput& told, const std::optional<InputSize>& size)
{
    OnnxImportOptions options;
    if (!size)
        return importOnnx(file);
    return forChannels(std::max(told.channels, size->channels), [&](std::int64_t channels) {
        options.inputShape = laidOut(channels, size->height, size->width, told.layout);
        return importOnnx(file, options);
    });
}

ModelSnapshot describe(const OnnxFile& file, const ImageInput& told, const std::optional<InputSize>& size)
{
    ModelSnapshot out = fileSnapshot(file);
    try {
        const ImportedOnnx imported = importedAs(file, told, size);
        addGraph(out, imported.graph);
    } catch (const Error& e) {
        out.whyUnknown = e.what();
        for (const auto& [name, tensor] : file.initializers)
            out.parameters += tensor.value.numel();
    }
    return out;
}

ModelSnapshot describe(const TorchScriptFile& file, const ImageInput& told, const InputSize& size)
{
    try {
        return importForImages(file, {}, told, size.height, size.width).snapshot;
    } catch (const Error& e) {
        if (e.code() == ErrorCode::Io)
            throw;
        ModelSnapshot out;
        out.path = file.path;
        out.format = kTorchScript;
        out.fileBytes = file.fileBytes;
        out.whyUnknown = text(e.what(), " (tried with inputs of ", shapeText(laidOut(std::max<std::int64_t>(told.channels, 3), size.height, size.width, told.layout)),
                              "; --input 3xHEIGHTxWIDTH names others)");
        return out;
    }
}

} // namespace

ModelFile readModelFile(const std::string& path, const ReadOptions& options)
{
    const auto checkHasStateDict = [&] {
        check(options.stateDict.empty() || options.ofCheckpoints, ErrorCode::Usage, "state-dict: ", printable(options.stateDict), " is given, but ", path,
              " is a model that has its own graph");
    };
    const std::string head = headOf(path);
    if (looksLikeOnnx(path, head)) {
        checkHasStateDict();
        return readOnnx(path);
    }
    if (!head.starts_with("PK"))
        return readCheckpoint(path, options);
    const std::string bytes = readFile(path, kLargestFile);
    if (looksLikeTorchScript(path, bytes)) {
        checkHasStateDict();
        return TorchScriptFile{path, static_cast<std::int64_t>(bytes.size())};
    }
    return readCheckpoint(path, bytes, options.stateDict);
}

void selectOutput(ModelFile& file, const std::string& name)
{
    if (name.empty())
        return;
    if (auto* onnx = std::get_if<OnnxFile>(&file)) {
        if (const std::string notice = leftOutText(name, takeOutput(*onnx, name)); !notice.empty())
            onnx->notices.push_back(notice);
        return;
    }
    if (auto* script = std::get_if<TorchScriptFile>(&file)) {
        script->output = name;
        return;
    }
    throw Error(ErrorCode::Usage, text(std::get<Checkpoint>(file).path, ": has no output named ", printable(name),
                                       ": it is a state dict, whose network has one output"));
}

ImportedModel importModel(const ModelFile& file, const std::string& architecture, const std::vector<std::int64_t>& inputShape,
                          const std::function<void()>& idle)
{
    if (const auto* script = std::get_if<TorchScriptFile>(&file))
        return importModel(*script, architecture, inputShape, idle);
    if (const auto* onnx = std::get_if<OnnxFile>(&file))
        return importModel(*onnx, architecture, inputShape);
    return importModel(std::get<Checkpoint>(file), architecture, inputShape);
}

ModelSnapshot describe(const ModelFile& file, const std::string& architecture, const std::optional<InputSize>& input,
                       std::optional<Layout> layout)
{
    ImageInput told = imageInputOf(file, architecture, layout);
    const std::vector<std::int64_t> usual = usualInput();
    const InputSize size = input.value_or(InputSize{usual[1], usual[2], 0});
    if (const auto* onnx = std::get_if<OnnxFile>(&file)) {
        if (input)
            checkFits(onnx->path, told, *input);
        return describe(*onnx, told, input);
    }
    if (const auto* script = std::get_if<TorchScriptFile>(&file)) {
        told.channels = size.channels;
        return describe(*script, told, size);
    }
    const auto& checkpoint = std::get<Checkpoint>(file);
    if (input)
        checkFits(checkpoint.path, told, *input);
    return describe(checkpoint, architecture, laidOut(told.channels, size.height, size.width, told.layout));
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

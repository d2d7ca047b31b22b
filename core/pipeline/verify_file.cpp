// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/data/dataset.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/graph/passes.h"
#include "core/import/model_file.h"
#include "core/import/onnx_outputs.h"
#include "core/pipeline/feeding.h"
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/norm_statistics.h"
#include "core/pipeline/opened_input.h"
#include "core/pipeline/verify_onnx.h"

namespace mprdo {
namespace {

/// The network to compare with, and the images as it reads them.
struct Reference {
    QuantizedModel model;
    ImageSet images;
};

Reference referenceOf(const VerifyConfig& config, const OnnxFile& file, const ImageSet& images, const RunControl& control)
{
    const bool told = !config.architecture.empty() || !config.stateDict.empty();
    const char* what = config.architecture.empty() ? "state-dict" : "arch";
    check(!config.referencePath.empty() || !told, ErrorCode::Usage, what, ": there is no reference whose checkpoint it could be said of");
    if (config.referencePath.empty())
        return {fromOnnx(file, images.inputShape()).model, images};
    Reference out{{}, images};
    if (holdsQuantExport(config.referencePath)) {
        check(!told, ErrorCode::Usage, what, ": ", config.referencePath, " is a quantized export, which says itself what it is");
        const ExportedModel exported = readQuantExport(config.referencePath);
        out.model = exported.model;
        out.images.preprocessing.layout = exported.preprocessing.layout;
        return out;
    }
    ModelFile other = readModelFile(config.referencePath, {config.stateDict});
    if (!std::holds_alternative<Checkpoint>(other))
        selectOutput(other, config.output);
    ImportedModel imported = importReference(config.referencePath, other, config.inputFormat, out.images, config.architecture);
    settleGuesses(imported, out.images, config.referencePath, control);
    for (const std::string& notice : imported.snapshot.notices)
        control.emit(Notice{text(config.referencePath, ": ", notice)});
    out.model.graph = std::make_shared<const Graph>(foldBatchNorm(imported.graph));
    return out;
}

/// How the file is fed: as it says, else as the reference says, where that is an export.
Feeding feedingFor(const VerifyConfig& config, const OnnxFile& file)
{
    Feeding out = onnxFeeding(file, config.input, config.inputFormat);
    if (out.own || config.referencePath.empty() || !holdsQuantExport(config.referencePath))
        return out;
    const Layout layout = out.input.layout; // the file's shape decides
    const ExportedModel exported = readQuantExport(config.referencePath);
    InputFormat others = config.inputFormat;
    others.layout.reset();
    out.own = feedingOf(config.referencePath, exported.inputShape, exported.preprocessing, {}, others).own;
    out.own->layout = layout;
    return out;
}

/// Labels that cannot be mapped to outputs are left out, said: what is verified needs none.
void labelByOutput(Dataset& data, std::int64_t outputs, const VerifyConfig& config, const OnnxFile& file)
{
    try {
        fitClasses(data, {.outputs = outputs, .list = config.classesPath, .names = classesIn(file)});
    } catch (const Error& error) {
        if (!config.classesPath.empty())
            throw;
        data.notices.push_back(text("No accuracy is told: ", error.what()));
        data.train.labels = data.test.labels = at::Tensor();
    }
}

/// Some of its numbers are FP16 or BF16: the runtime rounds what it computes with them.
bool computesInHalf(const OnnxFile& file)
{
    const auto isHalf = [](std::int64_t type) { return type == onnx_type::kFloat16 || type == onnx_type::kBfloat16; };
    const auto castsToHalf = [&](const OnnxNode& node) {
        const auto to = node.op == "Cast" ? node.attributes.find("to") : node.attributes.end();
        const auto* type = to == node.attributes.end() ? nullptr : std::get_if<std::int64_t>(&to->second);
        return type && isHalf(*type);
    };
    return std::any_of(file.inputs.begin(), file.inputs.end(), [&](const OnnxValueInfo& v) { return isHalf(v.elementType); })
           || std::any_of(file.initializers.begin(), file.initializers.end(), [&](const auto& entry) { return isHalf(entry.second.elementType); })
           || std::any_of(file.nodes.begin(), file.nodes.end(), castsToHalf);
}

OnnxFile wholeOrOneOutput(const VerifyConfig& config, const RunControl& control)
{
    OnnxFile out = readOnnx(config.modelPath);
    if (config.output.empty())
        return out;
    if (const std::string notice = leftOutText(config.output, takeOutput(out, config.output)); !notice.empty())
        control.emit(Notice{notice});
    return out;
}

OnnxVerification verifyOne(const VerifyConfig& config, const RunControl& control)
{
    check(!config.modelPath.empty(), ErrorCode::Usage, "model: no file was given");
    check(!config.dataPath.empty(), ErrorCode::Usage, "data: no folder was given");
    check(config.test == -1 || config.test >= 1, ErrorCode::Usage, "test: ", config.test, " images, at least one is needed, or all");
    useThreads(0);
    const OnnxFile file = wholeOrOneOutput(config, control);
    Feeding feeding = feedingFor(config, file);
    const auto findChannels = [&](std::int64_t height, std::int64_t width) {
        if (feeding.input.channels > 0)
            return;
        takeChannels(feeding, forChannels(0, [&](std::int64_t channels) {
                         return fromOnnx(file, laidOut(channels, height, width, feeding.input.layout));
                     }).inputShape);
    };
    const std::optional<InputSize> input = sizeFor(feeding, config.input);
    if (input)
        findChannels(input->height, input->width);
    Dataset data = openImages(config.dataPath, control, input, feeding);
    findChannels(data.test.images.size(2), data.test.images.size(3));
    if (feeding.input.channels == 1)
        makeGrey(data);
    ImageSet images = config.test == -1 ? data.test : data.test.slice(0, std::min(config.test, data.test.size()));
    images.preprocessing = preprocessingFor(data, feeding, config.mean, config.std, config.inputFormat);
    sayFeeding(feeding, images.preprocessing, config.mean || config.std, control);
    Reference reference = referenceOf(config, file, images, control);
    checkReads(config.referencePath.empty() ? config.modelPath : config.referencePath, *reference.model.graph, reference.images, config.dataPath);
    labelByOutput(data, classesOf(asLogits(*reference.model.graph)), config, file);
    for (const std::string& notice : data.notices)
        control.emit(Notice{notice});
    reference.images.labels = data.test.slice(0, images.size()).labels;
    return verifyOnnx(config.modelPath, reference.model, reference.images, config.runtimePath, control, images.preprocessing.layout,
                      RuntimeInput::of(file), computesInHalf(file) ? kVerifiedHalfDifference : kVerifiedDifference);
}

} // namespace

Outcome<OnnxVerification> verifyOnnxFile(const VerifyConfig& config, const RunControl& control)
{
    return runGuarded([&] { return verifyOne(config, control); });
}

} // namespace mprdo

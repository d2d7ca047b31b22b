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
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/opened_input.h"
#include "core/pipeline/verify_onnx.h"

namespace mprdo {
namespace {

/// The network to compare with, and how images are fed to it where its file says so.
struct Reference {
    QuantizedModel model;
    std::optional<Preprocessing> preprocessing;
};

Reference referenceOf(const VerifyConfig& config, const OnnxFile& file, const std::vector<std::int64_t>& inputShape)
{
    if (config.referencePath.empty()) {
        const ExportedModel own = fromOnnx(file, inputShape);
        return {own.model, file.metadata.count("mprdo.mean") ? std::optional(own.preprocessing) : std::nullopt};
    }
    if (holdsQuantExport(config.referencePath)) {
        const ExportedModel exported = readQuantExport(config.referencePath);
        return {exported.model, exported.preprocessing};
    }
    ModelFile other = readModelFile(config.referencePath);
    if (!std::holds_alternative<Checkpoint>(other))
        selectOutput(other, config.output);
    const ImportedModel imported = importModel(other, {}, inputShape);
    return {{std::make_shared<const Graph>(foldBatchNorm(imported.graph)), {}, {}, {}}, {}};
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
    Dataset data = openDataset(config.dataPath, control);
    const Reference reference = referenceOf(config, file, data.test.images.sizes().slice(1).vec());
    labelByOutput(data, outputsOf(*reference.model.graph), config, file);
    for (const std::string& notice : data.notices)
        control.emit(Notice{notice});
    ImageSet images = config.test == -1 ? data.test : data.test.slice(0, std::min(config.test, data.test.size()));
    images.preprocessing = reference.preprocessing ? *reference.preprocessing : preprocessingFor(data, {}, {});
    images.preprocessing.mean = config.mean.value_or(images.preprocessing.mean);
    images.preprocessing.std = config.std.value_or(images.preprocessing.std);
    const auto& shape = reference.model.graph->values.at(static_cast<std::size_t>(reference.model.graph->inputs.at(0))).shape;
    check(std::equal(shape.begin() + 1, shape.end(), images.images.sizes().begin() + 1, images.images.sizes().end()), ErrorCode::ShapeMismatch,
          config.modelPath, ": made for inputs of ", shapeText(std::vector(shape.begin() + 1, shape.end())), ", ", config.dataPath, " has ",
          shapeText(images.images.sizes().slice(1)));
    return verifyOnnx(config.modelPath, reference.model, images, config.runtimePath, control, RuntimeInput::of(file),
                      computesInHalf(file) ? kVerifiedHalfDifference : kVerifiedDifference);
}

} // namespace

Outcome<OnnxVerification> verifyOnnxFile(const VerifyConfig& config, const RunControl& control)
{
    return runGuarded([&] { return verifyOne(config, control); });
}

} // namespace mprdo

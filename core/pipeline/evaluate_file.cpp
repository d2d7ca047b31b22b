// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/evaluate/evaluator.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/graph/passes.h"
#include "core/import/model_file.h"
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/measurer.h"
#include "core/pipeline/opened_input.h"
#include <limits>

namespace mprdo {
namespace {

MethodRow evaluateOne(const EvaluateConfig& config, const RunControl& control)
{
    check(!config.modelPath.empty(), ErrorCode::Usage, "model: no file was given");
    check(!config.dataPath.empty(), ErrorCode::Usage, "data: no folder was given");
    check(config.test == -1 || config.test >= 1, ErrorCode::Usage, "test: ", config.test,
          " images, at least one is needed, or all");
    check(config.threads >= 0 && config.threads <= 1024, ErrorCode::Usage, "threads: ", config.threads,
          " is not from 0 to 1024");
    useThreads(config.threads);
    bool quantized = holdsQuantExport(config.modelPath), byUs = true;
    QuantizedModel model;
    std::optional<Preprocessing> preprocessing;
    std::optional<ModelFile> file;
    std::vector<std::string> outputNames;
    std::optional<InputSize> input = config.input;
    if (quantized) {
        const ExportedModel exported = readQuantExport(config.modelPath);
        model = exported.model;
        preprocessing = exported.preprocessing;
        outputNames = exported.classes;
        const auto [height, width] = std::pair(exported.inputShape.at(1), exported.inputShape.at(2));
        if (!input && height <= kLargestInputSide && width <= kLargestInputSide) // else told apart below
            input = InputSize{height, width};
    } else {
        file = readModelFile(config.modelPath);
        outputNames = classesIn(*file);
        if (!std::holds_alternative<Checkpoint>(*file) || config.referencePath.empty())
            selectOutput(*file, config.output);
        if (const auto* onnx = std::get_if<OnnxFile>(&*file))
            for (const std::string& notice : onnx->notices)
                control.emit(Notice{notice});
    }
    std::optional<ModelFile> reference;
    if (!config.referencePath.empty()) {
        reference = readModelFile(config.referencePath);
        if (!std::holds_alternative<Checkpoint>(*reference))
            selectOutput(*reference, config.output);
    }
    Dataset data = openDataset(config.dataPath, control, input);
    check(data.labelled() || reference, ErrorCode::Usage, config.dataPath,
          ": the images have no labels: --reference must name the FP32 checkpoint whose answers count as right");
    check(config.test <= data.test.size(), ErrorCode::Usage, config.test, " test images asked for, ", data.path, " has ",
          data.test.size());
    const std::vector<std::int64_t> inputShape = data.test.images.sizes().slice(1).vec();
    if (const auto* onnx = file ? std::get_if<OnnxFile>(&*file) : nullptr) { // integers inside: as it is
        ExportedModel read = fromOnnx(*onnx, inputShape);
        quantized = !read.model.weights.empty() || !read.model.activations.empty();
        byUs = onnx->producer.starts_with("mprdo-ptq");
        if (onnx->metadata.count("mprdo.mean"))
            preprocessing = read.preprocessing;
        if (quantized)
            model = std::move(read.model);
    }
    if (file && !quantized)
        model.graph = std::make_shared<const Graph>(
            foldBatchNorm(importModel(*file, config.architecture, inputShape, [&] { control.throwIfCancelled(); }).graph));
    const auto& expected = model.graph->values.at(static_cast<std::size_t>(model.graph->inputs.at(0))).shape;
    check(std::equal(expected.begin() + 1, expected.end(), inputShape.begin(), inputShape.end()), ErrorCode::ShapeMismatch,
          config.modelPath, ": made for inputs of ", shapeText(std::vector(expected.begin() + 1, expected.end())), ", ",
          config.dataPath, " has ", shapeText(inputShape));
    const std::int64_t outputs = outputsOf(*model.graph);
    fitClasses(data, {.outputs = outputs, .list = config.classesPath, .names = outputNames});
    for (const std::string& notice : data.notices)
        control.emit(Notice{notice});

    EvaluationSet images{data.test.slice(0, config.test == -1 ? data.test.size() : config.test)};
    Preprocessing used = preprocessing ? *preprocessing : preprocessingFor(data, config.mean, config.std);
    used.mean = config.mean.value_or(used.mean);
    used.std = config.std.value_or(used.std);
    images.set.preprocessing = used;
    const std::string method = !quantized ? "FP32" : byUs ? "MPRDO-PTQ" : "Quantized";
    std::optional<Evaluation> fp32;
    if (reference) {
        const Graph network = foldBatchNorm(importModel(*reference, {}, inputShape).graph);
        check(outputsOf(network) == outputs, ErrorCode::Usage, config.referencePath, ": the network has ", outputsOf(network),
              " outputs, that of ", config.modelPath, " has ", outputs);
        if (!data.labelled())
            images.set.labels = topOne(network, images.set, control);
        fp32 = evaluate(network, {}, images, control, "FP32");
    }
    const Evaluation evaluation = evaluate(*model.graph, model.overlay(), images, control, method);
    MethodRow row = absoluteRow(method, model, layerInfos(*model.graph), evaluation);
    row.labelled = data.labelled();
    if (fp32)
        compareWithFp32(row, *fp32, images.set.labels);
    else if (quantized) // there is no FP32 network here to compare with
        row.dropPoints = row.agreementPercent = row.mcnemarP = std::numeric_limits<double>::quiet_NaN();
    if (quantized || fp32)
        row.holdOutKl = std::numeric_limits<double>::quiet_NaN();
    return row;
}

} // namespace

Outcome<MethodRow> evaluateFile(const EvaluateConfig& config, const RunControl& control)
{
    return runGuarded([&] { return evaluateOne(config, control); });
}

} // namespace mprdo

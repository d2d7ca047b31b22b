// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/evaluate/evaluator.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/graph/passes.h"
#include "core/import/model_file.h"
#include "core/pipeline/feeding.h"
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/measurer.h"
#include "core/pipeline/norm_statistics.h"
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
    Feeding feeding;
    std::optional<ModelFile> file;
    std::vector<std::string> outputNames;
    const OnnxFile* onnx = nullptr;
    if (quantized) {
        const ExportedModel exported = readQuantExport(config.modelPath);
        model = exported.model;
        outputNames = exported.classes;
        feeding = feedingOf(config.modelPath, exported.inputShape, exported.preprocessing, config.input, config.inputFormat);
    } else {
        file = readModelFile(config.modelPath, {config.stateDict, !config.referencePath.empty()});
        outputNames = classesIn(*file);
        if (!std::holds_alternative<Checkpoint>(*file) || config.referencePath.empty())
            selectOutput(*file, config.output);
        onnx = std::get_if<OnnxFile>(&*file);
        feeding = onnx ? onnxFeeding(*onnx, config.input, config.inputFormat)
                       : feedingOf(config.modelPath, *file, config.architecture, config.input, config.inputFormat);
    }
    // What tells how a checkpoint is read is said of the model, or of the reference where the model brings its own graph.
    const bool modelIsCheckpoint = file && std::holds_alternative<Checkpoint>(*file);
    check(!quantized || config.stateDict.empty() || !config.referencePath.empty(), ErrorCode::Usage, "state-dict: ", config.modelPath,
          " is a quantized export, which holds one network");
    std::optional<ModelFile> reference;
    if (!config.referencePath.empty()) {
        reference = readModelFile(config.referencePath, {modelIsCheckpoint ? std::string() : config.stateDict});
        if (!std::holds_alternative<Checkpoint>(*reference))
            selectOutput(*reference, config.output);
    }
    std::optional<ImportedModel> imported;
    const auto read = [&](std::int64_t height, std::int64_t width) { // the network, for images of that size
        if (model.graph)
            return;
        if (onnx) { // integers inside: as it is
            ExportedModel in = forChannels(feeding.input.channels, [&](std::int64_t channels) {
                return fromOnnx(*onnx, laidOut(channels, height, width, feeding.input.layout));
            });
            takeChannels(feeding, in.inputShape);
            byUs = onnx->producer.starts_with("mprdo-ptq");
            quantized = !in.model.weights.empty() || !in.model.activations.empty();
            if (quantized) {
                model = std::move(in.model);
                for (const std::string& notice : onnx->notices)
                    control.emit(Notice{notice});
            }
        }
        if (!quantized) {
            ImportedModel in = importForImages(*file, config.architecture, feeding.input, height, width, [&] { control.throwIfCancelled(); });
            takeChannels(feeding, in.snapshot.inputShape);
            model.graph = std::make_shared<const Graph>(in.graph); // folded once it is settled which network it is
            imported = std::move(in);
        }
    };
    const std::optional<InputSize> input = sizeFor(feeding, config.input);
    if (feeding.input.channels == 0 && input) // what the images are resized as is known only then
        read(input->height, input->width);
    Dataset data = openImages(config.dataPath, control, input, feeding);
    check(data.labelled() || reference, ErrorCode::Usage, config.dataPath,
          ": the images have no labels: --reference must name the FP32 checkpoint whose answers count as right");
    check(config.test <= data.test.size(), ErrorCode::Usage, config.test, " test images asked for, ", data.path, " has ",
          data.test.size());
    const std::int64_t height = data.test.images.size(2), width = data.test.images.size(3);
    read(height, width);
    if (feeding.input.channels == 1)
        makeGrey(data);
    const Preprocessing used = preprocessingFor(data, feeding, config.mean, config.std, config.inputFormat);
    data.test.preprocessing = used;
    sayFeeding(feeding, used, config.mean || config.std, control);
    checkReads(config.modelPath, *model.graph, data.test, config.dataPath);
    const auto settled = [&](ImportedModel& network, const ImageSet& set, const std::string& path) {
        settleGuesses(network, set, path, control);
        for (const std::string& notice : network.snapshot.notices)
            control.emit(Notice{text(path, ": ", notice)});
    };
    if (imported) {
        settled(*imported, data.test, config.modelPath);
        model.graph = std::make_shared<const Graph>(foldBatchNorm(imported->graph));
    }
    model.graph = std::make_shared<const Graph>(asLogits(*model.graph));
    const std::int64_t outputs = classesOf(*model.graph);
    fitClasses(data, {.outputs = outputs, .list = config.classesPath, .names = outputNames});
    for (const std::string& notice : data.notices)
        control.emit(Notice{notice});

    EvaluationSet images{data.test.slice(0, config.test == -1 ? data.test.size() : config.test)};
    const std::string method = !quantized ? "FP32" : byUs ? "MPRDO-PTQ" : "Quantized";
    std::optional<Evaluation> fp32;
    if (reference) {
        ImageSet theirs = images.set; // as the reference reads them
        ImportedModel other = importReference(config.referencePath, *reference, config.inputFormat, theirs, quantized ? config.architecture : std::string());
        settled(other, theirs, config.referencePath);
        const Graph network = asLogits(foldBatchNorm(other.graph));
        check(classesOf(network) == outputs, ErrorCode::Usage, config.referencePath, ": the network has ", classesOf(network),
              " outputs, that of ", config.modelPath, " has ", outputs);
        if (!data.labelled())
            images.set.labels = topOne(network, theirs, control);
        theirs.labels = images.set.labels;
        fp32 = evaluate(network, {}, EvaluationSet{theirs}, control, "FP32");
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/opened_input.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/export/stored_size.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/import/model_file.h"
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/input_check.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::string_view kMayHaveSeenHoldOut
    = "The checkpoint may have been trained on the hold-out images: drops measured there run low.";

constexpr std::size_t kNamedConstants = 8;
/// quant_export.pt is at most so much larger than storedBytes.
constexpr double kLargestContainer = 1.05;

/// Of stage 1.
int fineTuneEpochs(const RunConfig& config) { return config.skip.count(Stage::FineTune) > 0 ? 0 : config.fineTuneEpochs; }

std::string tripleText(const std::array<double, 3>& v) { return text(v[0], ", ", v[1], ", ", v[2]); }

/// Shares the images with the evaluation set.
PictureSet picturesOf(const ImageSet& set)
{
    const auto images = std::make_shared<const at::Tensor>(set.images.contiguous());
    PictureSet out{set.size(), images->size(2), images->size(3), {images, images->data_ptr<std::uint8_t>()}, nullptr};
    if (set.labels.defined()) {
        const at::Tensor labels = set.labels.to(at::kInt).contiguous();
        const auto* first = labels.data_ptr<std::int32_t>();
        out.labels = std::make_shared<const std::vector<std::int32_t>>(first, first + labels.numel());
    }
    return out;
}

DataSnapshot describeData(const Dataset& data, const Splits& sets)
{
    DataSnapshot out;
    out.path = data.path;
    out.format = data.format;
    out.classes = data.classes;
    out.trainImages = data.train.size();
    out.testImages = data.test.size();
    out.calibration = sets.calibration.set.size();
    out.holdOut = sets.holdOut.set.size();
    out.evaluation = sets.evaluation.set.size();
    out.confirmation = sets.confirmation.set.size();
    out.labelled = data.labelled();
    if (out.labelled) {
        const at::Tensor perClass = at::bincount(sets.calibration.set.labels, {}, std::int64_t(data.classes.size()));
        out.calibrationPerClass.assign(perClass.data_ptr<std::int64_t>(), perClass.data_ptr<std::int64_t>() + perClass.numel());
    }
    out.mean = sets.calibration.set.preprocessing.mean;
    out.std = sets.calibration.set.preprocessing.std;
    out.pictures = picturesOf(sets.evaluation.set);
    out.fingerprint = Hash()
                          .add(sets.calibration.set.fingerprint())
                          .add(sets.holdOut.set.fingerprint())
                          .add(sets.evaluation.set.fingerprint())
                          .hex();
    return out;
}

/// What needs labels is refused where there are none.
void checkUnlabelled(const Dataset& data, const RunConfig& config)
{
    if (data.labelled())
        return;
    check(config.fineTuneEpochs == 0, ErrorCode::Usage, "fine-tune epochs: ", data.path,
          ": the images have no labels to train on");
    check(config.metric != Metric::Loss, ErrorCode::Usage, "metric loss: ", data.path,
          ": the images have no labels, so there is no loss; kl needs none");
}

/// Decides the epochs of stage 1 and makes the head anew where that was asked for and it does not fit the data's classes.
void fitHead(OpenedInput& in, const RunConfig& config)
{
    const auto classes = static_cast<std::int64_t>(in.data.classes.size());
    const std::int64_t outputs = outputsOf(in.graph);
    in.fineTuneEpochs = fineTuneEpochs(config);
    if (outputs == classes)
        return;
    in.graph = replaceHead(in.graph, classes, config.seed);
    in.notices.push_back(text("The network has ", outputs, " outputs for ", classes,
                              " classes: its head is made anew and fine-tuned for ", in.fineTuneEpochs, " epochs."));
}

void checkTarget(const OpenedInput& in, const RunConfig& config, const Graph& folded)
{
    if (in.given || config.rate == RateKind::Entropy) // what codes take is known after stage 2
        return;
    if (const auto* target = std::get_if<TargetBits>(&config.target))
        checkAverageBits(target->averageBits, in.model.layers, config.bits, in.fixed);
    if (const auto* target = std::get_if<TargetBytes>(&config.target)) {
        const std::int64_t lowest = storedBytes(folded, extremeAllocation(config.bits, in.fixed, false), config.grid);
        const std::int64_t highest = storedBytes(folded, extremeAllocation(config.bits, in.fixed, true), config.grid);
        check(target->fileBytes >= lowest, ErrorCode::BudgetInfeasible, "target bytes: ", target->fileBytes,
              " is below the lowest possible with this set and these locks, ", lowest);
        check(double(target->fileBytes) <= kLargestContainer * double(highest), ErrorCode::BudgetInfeasible, "target bytes: ",
              target->fileBytes, " is above the highest possible with this set and these locks, ", highest);
    }
}

/// What cannot be written is refused before anything is measured.
void checkFormats(const Graph& folded, const ExportOptions& exports)
{
    if (std::find(exports.formats.begin(), exports.formats.end(), ExportFormat::Onnx) == exports.formats.end())
        return;
    ExportedModel model;
    model.model.graph = std::make_shared<const Graph>(folded);
    toOnnx(model, {exports.onnxOpset});
}

} // namespace

Preprocessing preprocessingFor(const Dataset& data, const std::optional<std::array<double, 3>>& mean,
                               const std::optional<std::array<double, 3>>& std)
{
    Preprocessing out = usualPreprocessing(data);
    out.mean = mean.value_or(out.mean);
    out.std = std.value_or(out.std);
    return out;
}

CalibrationChoice calibrationChoice(const RunConfig& config)
{
    return {config.calibration, config.calibrationSeed, config.calibrationBalanced, config.calibrationClasses};
}

std::int64_t outputsOf(const Graph& graph)
{
    const auto& shape = graph.values.at(static_cast<std::size_t>(graph.outputs.at(0))).shape;
    check(shape.size() == 2, ErrorCode::Unsupported, "the network's output has the shape ", shapeText(shape),
          ", [images, classes] is needed");
    return shape[1];
}

OpenedInput openInput(const RunConfig& config, const RunControl& control)
{
    checkOptions(config);
    if (!config.out.empty())
        checkWritableFolder(config.out);
    OpenedInput in;
    Dataset data = config.demo ? demoDataset() : openDataset(config.dataPath, control, config.input);
    control.throwIfCancelled();
    const Preprocessing preprocessing = preprocessingFor(data, config.mean, config.std);
    checkUnlabelled(data, config);
    const std::vector<std::int64_t> inputShape = data.train.images.sizes().slice(1).vec();
    std::vector<std::string> outputNames;
    const auto importedFile = [&] {
        ModelFile file = readModelFile(config.modelPath);
        outputNames = classesIn(file);
        selectOutput(file, config.output);
        return importModel(file, config.architecture, inputShape, [&] { control.throwIfCancelled(); });
    };
    ImportedModel imported = config.demo ? demoModel() : importedFile();
    in.graph = std::move(imported.graph);
    in.model = std::move(imported.snapshot);
    in.model.inputShape = inputShape;
    fitClasses(data, {.outputs = outputsOf(in.graph),
                      .list = config.classesPath,
                      .names = outputNames,
                      .newHead = fineTuneEpochs(config) > 0,
                      .mayTrain = true});
    in.sets = split(data, preprocessing, calibrationChoice(config), config.holdOut, config.test);
    in.data = describeData(data, in.sets);
    in.notices = data.notices;
    control.throwIfCancelled();
    in.model.classes = data.classes;
    fitHead(in, config);
    const Graph folded = foldBatchNorm(in.graph);
    in.model.layers = layerInfos(folded);
    check(!in.model.layers.empty(), ErrorCode::Unsupported, in.model.path, ": no layer that can be quantized");

    in.fixed = lockedWidths(in.model.layers, config.locks);
    if (!config.allocationPath.empty())
        in.given = allocationFor(in.model.layers, readAllocationJson(config.allocationPath));
    checkTarget(in, config, folded);
    checkFormats(folded, config.exports);
    in.notices.insert(in.notices.end(), imported.notices.begin(), imported.notices.end());
    in.notices.push_back(text("Preprocessing: mean ", tripleText(preprocessing.mean), ", std ", tripleText(preprocessing.std),
                              config.mean && config.std ? "." : " (usual for " + data.format + ")."));
    in.notices.push_back(text(kMayHaveSeenHoldOut));
    if (const std::vector<std::string> kept = keptConstants(folded); !kept.empty()) {
        std::string names;
        for (std::size_t i = 0; i < std::min(kept.size(), kNamedConstants); ++i)
            names += (i ? "; " : "") + kept[i];
        in.notices.push_back(text(kept.size(), " constants that are no layer's weight stay in FP32: ", names, kept.size() > kNamedConstants ? "; ..." : "."));
    }
    if (!data.labelled())
        in.notices.push_back(text("The images have no labels: what FP32 answers counts as right, so accuracy is agreement with "
                                  "FP32 and a drop is disagreement; Fisher information is of FP32's own answers."));
    return in;
}

} // namespace mprdo

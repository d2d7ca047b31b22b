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
#include "core/pipeline/feeding.h"
#include "core/pipeline/fit_classes.h"
#include "core/pipeline/input_check.h"
#include "core/pipeline/norm_statistics.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::string_view kMayHaveSeenHoldOut
    = "The checkpoint may have been trained on the hold-out images: drops measured there run low.";

constexpr std::size_t kNamedConstants = 8;

/// Of stage 1.
int fineTuneEpochs(const RunConfig& config) { return config.skip.count(Stage::FineTune) > 0 ? 0 : config.fineTuneEpochs; }

/// Shares the images with the evaluation set.
PictureSet picturesOf(const ImageSet& set)
{
    const auto images = std::make_shared<const at::Tensor>(set.images.contiguous());
    PictureSet out{set.size(), images->size(2), images->size(3), {images, images->data_ptr<std::uint8_t>()}, nullptr, images->size(1)};
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
    const Preprocessing& preprocessing = sets.calibration.set.preprocessing;
    out.mean = preprocessing.mean;
    out.std = preprocessing.std;
    out.channels = sets.calibration.set.images.size(1);
    out.channelOrder = preprocessing.order;
    out.range = preprocessing.range;
    out.layout = preprocessing.layout;
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
    const std::int64_t outputs = classesOf(in.graph);
    in.fineTuneEpochs = fineTuneEpochs(config);
    if (outputs == classes)
        return;
    in.graph = replaceHead(in.graph, classes, config.seed);
    in.notices.push_back(text("The network has ", outputs, " outputs for ", classes,
                              " classes: its head is made anew and fine-tuned for ", in.fineTuneEpochs, " epochs."));
}

/// Network and images that fit each other.
struct Sources {
    ImportedModel model;
    Dataset data;
    Feeding feeding;
};

/// \param outputNames gets the names that the network's file has
Sources openSources(const RunConfig& config, std::vector<std::string>& outputNames, const RunControl& control)
{
    Sources out;
    ModelFile file = readModelFile(config.modelPath, {config.stateDict});
    outputNames = classesIn(file);
    selectOutput(file, config.output);
    Feeding& feeding = out.feeding;
    feeding = feedingOf(config.modelPath, file, config.architecture, config.input, config.inputFormat);
    bool imported = false;
    const auto import = [&](std::int64_t height, std::int64_t width) {
        out.model = importForImages(file, config.architecture, feeding.input, height, width, [&] { control.throwIfCancelled(); });
        takeChannels(feeding, out.model.snapshot.inputShape);
        imported = true;
    };
    if (feeding.input.channels == 0 && config.input) // what the images are resized as is known only then
        import(config.input->height, config.input->width);
    out.data = openImages(config.dataPath, control, config.input, feeding);
    control.throwIfCancelled();
    checkUnlabelled(out.data, config);
    const at::Tensor& images = out.data.train.images.defined() ? out.data.train.images : out.data.test.images;
    if (!imported)
        import(images.size(2), images.size(3));
    if (feeding.input.channels == 1)
        makeGrey(out.data);
    ImageSet judges = out.data.train.size() > 0 ? out.data.train : out.data.test;
    judges.preprocessing = preprocessingFor(out.data, feeding, config.mean, config.std, config.inputFormat);
    settleGuesses(out.model, judges, config.modelPath, control);
    return out;
}

void checkTarget(const OpenedInput& in, const RunConfig& config, const Graph& folded)
{
    if (in.given || config.rate == RateKind::Entropy) // what codes take is known after stage 2
        return;
    if (const auto* target = std::get_if<TargetBits>(&config.target); target && !target->usual)
        checkAverageBits(target->averageBits, in.model.layers, config.bits, in.fixed);
    if (const auto* target = std::get_if<TargetBytes>(&config.target)) {
        const std::int64_t lowest = storedBytes(folded, extremeAllocation(config.bits, in.fixed, false), config.grid);
        check(target->fileBytes >= lowest, ErrorCode::BudgetInfeasible, "target bytes: ", target->fileBytes,
              " is below the lowest possible with this set and these locks, ", lowest);
    }
}

/// What cannot be written is refused before anything is measured.
void checkFormats(const Graph& folded, const ExportOptions& exports)
{
    if (std::find(exports.formats.begin(), exports.formats.end(), ExportFormat::Onnx) == exports.formats.end())
        return;
    ExportedModel model;
    model.model.graph = std::make_shared<const Graph>(withOwnOutput(folded));
    toOnnx(model, {exports.onnxOpset});
}

} // namespace

CalibrationChoice calibrationChoice(const RunConfig& config)
{
    return {config.calibration, config.calibrationSeed, config.calibrationBalanced, config.calibrationClasses};
}

OpenedInput openInput(const RunConfig& config, const RunControl& control)
{
    checkOptions(config);
    if (!config.out.empty())
        checkWritableFolder(config.out);
    OpenedInput in;
    std::vector<std::string> outputNames;
    auto [imported, data, feeding] = config.demo ? Sources{demoModel(), demoDataset(), {}} : openSources(config, outputNames, control);
    const Preprocessing preprocessing = preprocessingFor(data, feeding, config.mean, config.std, config.inputFormat);
    in.graph = asLogits(imported.graph);
    in.model = std::move(imported.snapshot);
    if (in.graph.ending)
        addGraph(in.model, in.graph);
    fitClasses(data, {.outputs = classesOf(in.graph),
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
    in.notices.insert(in.notices.end(), in.model.notices.begin(), in.model.notices.end());
    const bool usual = preprocessing.range == PixelRange::Unit && !(config.mean && config.std);
    in.notices.push_back(text("Preprocessing: ", preprocessingText(preprocessing, in.data.channels),
                              usual ? text(" (mean and std: usual for ", data.format, ").") : std::string(".")));
    if (feeding.input.layoutFromShape)
        in.notices.push_back(text("Layout nhwc: the model reads ", shapeText(in.model.inputShape), ", channels last."));
    if (const std::string doubt = rangeDoubt(preprocessing); !doubt.empty())
        in.notices.push_back(doubt);
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

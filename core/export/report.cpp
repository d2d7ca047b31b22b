// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/report.h"
#include "core/api/gains.h"
#include "core/api/verification_json.h"
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using Json = nlohmann::ordered_json; // not-a-number becomes null when written

constexpr char kReportFormat[] = "mprdo-report";
constexpr int kReportVersion = 1;

template <class T>
Json orNull(const std::optional<T>& value)
{
    return value ? Json(*value) : Json();
}

/// A list of [name, value] pairs as an object.
template <class Pairs>
Json objectOf(const Pairs& pairs)
{
    Json out = Json::object();
    for (const auto& [name, value] : pairs)
        out[name] = value;
    return out;
}

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

Json targetJson(const Target& target)
{
    struct {
        Json operator()(const TargetBits& t) const { return {{"average_bits", t.averageBits}}; }
        Json operator()(const TargetBytes& t) const { return {{"file_bytes", t.fileBytes}}; }
        Json operator()(const MaxDrop& t) const { return {{"max_drop_points", t.points}}; }
    } visitor;
    return std::visit(visitor, target);
}

Json configJson(const RunConfig& config)
{
    Json out;
    out["demo"] = config.demo;
    out["architecture"] = config.architecture.substr(config.architecture.rfind('/') + 1); // of a description: without folders
    out["mean"] = orNull(config.mean);
    out["std"] = orNull(config.std);
    out["input"] = config.input ? Json(inputSizeText(*config.input)) : Json();
    const InputFormat& format = config.inputFormat;
    out["channel_order"] = format.channelOrder ? Json(name(*format.channelOrder)) : Json();
    out["range"] = format.range ? Json(name(*format.range)) : Json();
    out["layout"] = format.layout ? Json(name(*format.layout)) : Json();
    out["calibration"] = config.calibration;
    out["hold_out"] = config.holdOut;
    out["test"] = config.test;
    out["calibration_seed"] = orNull(config.calibrationSeed);
    out["calibration_balanced"] = config.calibrationBalanced;
    out["calibration_classes"] = config.calibrationClasses;
    out["bits"] = config.bits;
    out["target"] = targetJson(config.target);
    out["locks"] = objectOf(config.locks);
    out["metric"] = name(config.metric);
    out["sensitivity_rounding"] = name(config.sensitivityRounding);
    out["grid"] = name(config.grid);
    out["rate"] = name(config.rate);
    out["activations"] = config.activations == kKeepFp32 ? Json("none") : Json(config.activations);
    out["activation_range"] = name(config.activationRange);
    out["fine_tune_epochs"] = config.fineTuneEpochs;
    out["stop_after"] = config.stopAfter ? Json(name(*config.stopAfter)) : Json();
    out["skip"] = Json::array();
    for (const Stage stage : config.skip)
        out["skip"].push_back(name(stage));
    out["effort"] = name(config.effort);
    out["threads"] = config.threads;
    return out;
}

Json rowJson(const MethodRow& row)
{
    Json out;
    out["method"] = row.method;
    out["labels"] = row.labelled;
    out["accuracy_percent"] = row.labelled ? Json(row.evaluation.accuracyPercent()) : Json();
    out["drop_points"] = row.dropPoints;
    out["average_bits"] = row.averageBits;
    out["average_live_bits"] = row.averageLiveBits;
    out["compression"] = row.compression;
    out["entropy_bits"] = row.entropyBits;
    out["activation_bits"] = row.activationBits;
    out["stored_bytes"] = row.storedBytes;
    if (row.codedBytes > 0)
        out["coded_bytes"] = row.codedBytes;
    out["correct"] = row.labelled ? Json(row.evaluation.correct) : Json();
    out["total"] = row.evaluation.total;
    if (row.evaluation.correctTop5 >= 0 && row.labelled)
        out["correct_top5"] = row.evaluation.correctTop5;
    out["loss"] = row.labelled ? Json(row.evaluation.loss) : Json();
    out["wilson_low"] = row.wilsonLow;
    out["wilson_high"] = row.wilsonHigh;
    out["agreement_percent"] = row.agreementPercent;
    out["mcnemar_p"] = row.labelled ? Json(row.mcnemarP) : Json();
    out["hold_out_kl"] = row.holdOutKl;
    if (row.labelled) {
        out["class_correct"] = row.evaluation.classCorrect;
        out["class_total"] = row.evaluation.classTotal;
    }
    out["seconds"] = row.evaluation.seconds;
    return out;
}

Json gainsJson(const std::vector<MethodRow>& rows)
{
    const std::optional<Gains> gains = gainsOverUniform8(rows);
    if (!gains)
        return {};
    Json out;
    out["over"] = "Uniform 8-bit PTQ";
    out["points"] = gains->points;
    out["compression_factor"] = gains->compressionFactor;
    out["stored_factor"] = gains->storedFactor;
    out["share_of_drop_removed_percent"] = gains->shareOfDropRemoved ? Json(*gains->shareOfDropRemoved)
                                                                     : Json("no drop to remove");
    return out;
}

Json stageJson(const StageRecord& stage)
{
    Json out;
    out["stage"] = name(stage.stage);
    out["run"] = stage.run;
    out["accepted"] = stage.accepted;
    out["note"] = stage.note;
    out["calibration_kl_before"] = stage.calibrationBefore;
    out["calibration_kl_after"] = stage.calibrationAfter;
    out["hold_out_kl_before"] = stage.holdOutBefore;
    out["hold_out_kl_after"] = stage.holdOutAfter;
    out["gain"] = stage.holdOutBefore - stage.holdOutAfter;
    out["sweeps"] = Json::array();
    for (const StageRecord::Sweep& sweep : stage.sweeps)
        out["sweeps"].push_back(
            {{"block", sweep.block}, {"sweep", sweep.sweep}, {"error", sweep.error}, {"rate_bits", sweep.rateBits}});
    out["blocks"] = Json::array();
    for (const StageRecord::Block& block : stage.blocks)
        out["blocks"].push_back(
            {{"name", block.name}, {"before", block.before}, {"after", block.after}, {"accepted", block.accepted}});
    out["seconds"] = stage.seconds;
    out["peak_bytes"] = stage.peakBytes;
    return out;
}

Json errorJson(const AllocationError& error)
{
    return {{"additive_kl", error.additive}, {"predicted_kl", error.predicted}, {"hold_out_kl", error.measured}};
}

/// Stage 3's error, predicted and measured.
Json allocationJson(const std::vector<StageRecord>& stages)
{
    for (const StageRecord& stage : stages)
        if (stage.polish) {
            const PolishRecord& polish = *stage.polish;
            Json out;
            out["before_swaps"] = errorJson(polish.before);
            out["after_swaps"] = errorJson(polish.after);
            out["measured_with"] = name(polish.rounding);
            out["measurements"] = polish.measurements;
            out["swaps_taken"] = polish.taken;
            out["note"] = polish.note;
            return out;
        }
    return {};
}

/// A number; null where nothing was measured, "not finite" where what was measured is no number.
Json cell(double distortion) { return std::isinf(distortion) ? Json("not finite") : Json(distortion); }

/// {"kl": {"4": 0.01, ...}, ...} of one layer.
Json layerSensitivity(const SensitivityTable& table, std::size_t layer)
{
    Json out = Json::object();
    for (const auto& [metric, values] : table.distortion)
        if (layer < values.size())
            for (std::size_t w = 0; w < std::min(values[layer].size(), table.widths.size()); ++w)
                out[std::string(name(metric))][std::to_string(table.widths[w])] = cell(values[layer][w]);
    return out;
}

Json layersJson(const RunReport& report)
{
    Json out = Json::array();
    for (std::size_t l = 0; l < report.model.layers.size(); ++l) {
        const LayerInfo& info = report.model.layers[l];
        Json layer;
        layer["name"] = info.name;
        layer["shape"] = info.shape;
        layer["weights"] = info.weights;
        layer["dead_weights"] = info.deadWeights;
        layer["macs"] = info.macs;
        layer["block"] = info.block;
        layer["bits"] = l < report.allocation.bits.size() ? Json(report.allocation.bits[l]) : Json();
        if (report.run)
            for (const LayerRecord& record : report.run->layers)
                if (record.name == info.name) {
                    layer["bits"] = record.bits;
                    layer["grid"] = record.grid;
                    layer["scale_min"] = record.scaleMin;
                    layer["scale_max"] = record.scaleMax;
                    layer["error_nearest"] = record.errorNearest;
                    layer["error_after"] = Json::object();
                    for (const auto& [stage, error] : record.errorAfter)
                        layer["error_after"][std::string(name(stage))] = error;
                }
        if (report.sensitivity)
            layer["sensitivity"] = layerSensitivity(*report.sensitivity, l);
        out.push_back(std::move(layer));
    }
    return out;
}

Json sensitivityJson(const SensitivityTable& table)
{
    Json out;
    out["rounding"] = name(table.rounding);
    out["widths"] = table.widths;
    out["layers"] = table.layers;
    out["distortion"] = Json::object();
    for (const auto& [metric, values] : table.distortion)
        for (const std::vector<double>& row : values) {
            Json cells = Json::array();
            for (const double value : row)
                cells.push_back(cell(value));
            out["distortion"][std::string(name(metric))].push_back(std::move(cells));
        }
    out["hessian_trace"] = table.hessianTrace;
    out["hessian_standard_error"] = table.hessianStandardError;
    out["standard_error"] = Json::object();
    for (const auto& [metric, values] : table.standardError)
        out["standard_error"][std::string(name(metric))] = values;
    out["spearman"] = objectOf(table.spearman);
    return out;
}

Json frontJson(const Front& front)
{
    Json out;
    out["relative_gap"] = front.relativeGap;
    out["points"] = Json::array();
    for (const FrontPoint& point : front.points)
        out["points"].push_back({{"rate_bits", point.rate}, {"distortion", point.distortion}});
    return out;
}

Json modelJson(const RunReport& report)
{
    const ModelSnapshot& model = report.model;
    Json out;
    out["format"] = model.format;
    out["architecture"] = model.architecture;
    out["file_bytes"] = model.fileBytes;
    out["parameters"] = model.parameters;
    out["input_shape"] = model.inputShape;
    out["classes"] = model.classes;
    const bool labelled = report.data.labelled;
    out["accuracy_before_folding_percent"] = labelled ? Json(report.accuracyBeforeFolding) : Json();
    out["accuracy_after_folding_percent"] = labelled ? Json(report.accuracyAfterFolding) : Json();
    return out;
}

Json dataJson(const DataSnapshot& data)
{
    Json out;
    out["format"] = data.format;
    out["labels"] = data.labelled;
    out["classes"] = data.classes;
    out["train_images"] = data.trainImages;
    out["test_images"] = data.testImages;
    out["calibration"] = data.calibration;
    out["hold_out"] = data.holdOut;
    out["evaluation"] = data.evaluation;
    out["confirmation"] = data.confirmation;
    out["calibration_per_class"] = data.calibrationPerClass;
    const auto channels = static_cast<std::size_t>(data.channels);
    out["mean"] = std::vector<double>(data.mean.begin(), data.mean.begin() + std::min(channels, data.mean.size()));
    out["std"] = std::vector<double>(data.std.begin(), data.std.begin() + std::min(channels, data.std.size()));
    out["channel_order"] = name(data.channelOrder);
    out["range"] = name(data.range);
    out["layout"] = name(data.layout);
    return out;
}

/// What the export weighs; where it lies stands in the environment.
Json exportedJson(const RunReport& report)
{
    const auto& files = report.exported.files;
    const auto file = std::find_if(files.begin(), files.end(), [](const WrittenFile& f) {
        return std::filesystem::path(f.path).filename() == "quant_export.pt";
    });
    if (file == files.end())
        return {};
    Json out;
    out["file_bytes"] = file->bytes;
    out["stored_bytes"] = report.exported.reread.storedBytes;
    out["smaller_than_checkpoint"] = file->bytes > 0 ? Json(double(report.model.fileBytes) / double(file->bytes)) : Json();
    out["reread"] = rowJson(report.exported.reread);
    return out;
}

/// The ONNX file in ONNX Runtime; the sentence that says why it was not compared; null where nobody asked.
Json runtimeJson(const ExportResult& exported)
{
    if (exported.verification)
        return Json::parse(verificationJson(*exported.verification));
    return exported.unverified.empty() ? Json() : Json(exported.unverified);
}

Json environmentJson(const RunReport& report, const std::string& utcTime)
{
    Json out;
    out["utc_time"] = utcTime;
    out["model_path"] = report.config.modelPath;
    out["data_path"] = report.config.dataPath;
    out["allocation_path"] = report.config.allocationPath;
    out["session_path"] = report.config.sessionPath;
    out["out"] = report.config.out;
    out["files"] = Json::array();
    for (const WrittenFile& file : report.exported.files)
        out["files"].push_back({{"path", file.path}, {"bytes", file.bytes}});
    return out;
}

} // namespace

std::string encodeReport(const RunReport& report, const std::string& utcTime)
{
    Json root;
    root["format"] = kReportFormat;
    root["version"] = kReportVersion;
    root["methods"] = Json::array();
    for (const MethodRow& row : report.methods)
        root["methods"].push_back(rowJson(row));
    root["gains"] = gainsJson(report.methods);
    root["model"] = modelJson(report);
    root["data"] = dataJson(report.data);
    root["layers"] = layersJson(report);
    root["stages"] = Json::array();
    for (const StageRecord& stage : report.stages)
        root["stages"].push_back(stageJson(stage));
    root["stopped_after"] = report.stoppedAfter.empty() ? Json() : Json(report.stoppedAfter);
    root["allocation"] = allocationJson(report.stages);
    root["sensitivity"] = report.sensitivity ? sensitivityJson(*report.sensitivity) : Json();
    root["front"] = report.front ? frontJson(*report.front) : Json();
    root["config"] = configJson(report.config);
    root["seed"] = report.config.seed;
    root["fingerprints"] = {{"model", report.model.fingerprint}, {"data", report.data.fingerprint}};
    root["versions"] = objectOf(report.versions);
    root["notices"] = report.notices;
    root["exported"] = exportedJson(report);
    root["onnx_runtime"] = runtimeJson(report.exported);
    root["confirmed"] = report.run && report.run->confirmed ? rowJson(*report.run->confirmed) : Json();
    root["allocations_measured"] = report.allocationsMeasured;
    root["seconds"] = report.seconds;
    root["environment"] = environmentJson(report, utcTime);
    return dump(root, 1) + "\n";
}

std::string encodeMethodRow(const MethodRow& row) { return dump(rowJson(row), -1); }

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/config_json.h"
#include "core/base/error.h"
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using Json = nlohmann::json;

template <class E>
E named(const Json& json, std::optional<E> (*fromName)(std::string_view))
{
    const auto text = json.get<std::string>();
    const auto value = fromName(text);
    check(value.has_value(), ErrorCode::BadFile, "session: \"", text, "\" is no option this version knows");
    return *value;
}

/// Calls read with the member, if it is there and not null.
template <class Read>
void member(const Json& json, const char* key, const Read& read)
{
    const auto it = json.find(key);
    if (it != json.end() && !it->is_null())
        read(*it);
}

template <class T>
void into(const Json& json, const char* key, T& value)
{
    member(json, key, [&](const Json& j) { value = j.get<T>(); });
}

template <class T>
void into(const Json& json, const char* key, std::optional<T>& value)
{
    member(json, key, [&](const Json& j) { value = j.get<T>(); });
}

template <class E>
Json nameOrNull(const std::optional<E>& value)
{
    return value ? Json(name(*value)) : Json();
}

template <class T>
Json orNull(const std::optional<T>& value)
{
    return value ? Json(*value) : Json();
}

} // namespace

std::string encodeConfig(const RunConfig& c)
{
    Json out{{"demo", c.demo},
             {"model", c.modelPath},
             {"data", c.dataPath},
             {"output", c.output},
             {"architecture", c.architecture},
             {"state_dict", c.stateDict},
             {"mean", orNull(c.mean)},
             {"std", orNull(c.std)},
             {"input", c.input ? Json(inputSizeText(*c.input)) : Json()},
             {"channel_order", nameOrNull(c.inputFormat.channelOrder)},
             {"range", nameOrNull(c.inputFormat.range)},
             {"layout", nameOrNull(c.inputFormat.layout)},
             {"calibration", c.calibration},
             {"hold_out", c.holdOut},
             {"test", c.test},
             {"calibration_seed", orNull(c.calibrationSeed)},
             {"calibration_balanced", c.calibrationBalanced},
             {"calibration_classes", c.calibrationClasses},
             {"classes", c.classesPath},
             {"bits", c.bits},
             {"locks", c.locks},
             {"allocation", c.allocationPath},
             {"metric", name(c.metric)},
             {"sensitivity_rounding", name(c.sensitivityRounding)},
             {"grid", name(c.grid)},
             {"rate", name(c.rate)},
             {"activations", c.activations},
             {"activation_range", name(c.activationRange)},
             {"fine_tune_epochs", c.fineTuneEpochs},
             {"stop_after", c.stopAfter ? Json(name(*c.stopAfter)) : Json()},
             {"effort", name(c.effort)},
             {"seed", c.seed},
             {"threads", c.threads},
             {"out", c.out},
             {"onnx_opset", c.exports.onnxOpset},
             {"verify_onnx", c.exports.verifyOnnx}};
    out["formats"] = Json::array();
    for (const ExportFormat format : c.exports.formats)
        out["formats"].push_back(name(format));
    out["skip"] = Json::array();
    for (const Stage stage : c.skip)
        out["skip"].push_back(name(stage));
    if (const auto* bits = std::get_if<TargetBits>(&c.target))
        out["target_bits"] = bits->averageBits;
    if (const auto* bits = std::get_if<TargetBits>(&c.target); bits && bits->usual)
        out["usual_target"] = true;
    if (const auto* bytes = std::get_if<TargetBytes>(&c.target))
        out["target_bytes"] = bytes->fileBytes;
    if (const auto* drop = std::get_if<MaxDrop>(&c.target))
        out["max_drop"] = drop->points;
    return out.dump(1);
}

RunConfig decodeConfig(std::string_view bytes)
{
    try {
        const Json json = Json::parse(bytes);
        check(json.is_object(), ErrorCode::BadFile, "session: its options are no JSON object");
        RunConfig c;
        into(json, "demo", c.demo);
        into(json, "model", c.modelPath);
        into(json, "data", c.dataPath);
        into(json, "output", c.output);
        into(json, "architecture", c.architecture);
        into(json, "state_dict", c.stateDict);
        into(json, "mean", c.mean);
        into(json, "std", c.std);
        member(json, "input", [&](const Json& j) {
            const Outcome<InputSize> size = inputSizeFrom(j.get<std::string>());
            const auto* read = std::get_if<InputSize>(&size);
            check(read != nullptr, ErrorCode::BadFile, "session: its input size cannot be read");
            c.input = *read;
        });
        member(json, "channel_order", [&](const Json& j) { c.inputFormat.channelOrder = named(j, channelOrderFromName); });
        member(json, "range", [&](const Json& j) { c.inputFormat.range = named(j, pixelRangeFromName); });
        member(json, "layout", [&](const Json& j) { c.inputFormat.layout = named(j, layoutFromName); });
        into(json, "calibration", c.calibration);
        into(json, "hold_out", c.holdOut);
        into(json, "test", c.test);
        into(json, "calibration_seed", c.calibrationSeed);
        into(json, "calibration_balanced", c.calibrationBalanced);
        into(json, "calibration_classes", c.calibrationClasses);
        into(json, "classes", c.classesPath);
        into(json, "bits", c.bits);
        into(json, "locks", c.locks);
        into(json, "allocation", c.allocationPath);
        into(json, "fine_tune_epochs", c.fineTuneEpochs);
        into(json, "seed", c.seed);
        into(json, "threads", c.threads);
        into(json, "out", c.out);
        into(json, "onnx_opset", c.exports.onnxOpset);
        into(json, "verify_onnx", c.exports.verifyOnnx);
        member(json, "formats", [&](const Json& j) {
            for (const Json& format : j)
                c.exports.formats.push_back(named(format, exportFormatFromName));
        });
        member(json, "metric", [&](const Json& j) { c.metric = named(j, metricFromName); });
        member(json, "sensitivity_rounding", [&](const Json& j) { c.sensitivityRounding = named(j, roundingFromName); });
        member(json, "grid", [&](const Json& j) { c.grid = named(j, gridModeFromName); });
        into(json, "activations", c.activations);
        check(c.activations == kKeepFp32 || (c.activations >= kMinBits && c.activations <= kMaxBits), ErrorCode::BadFile,
              "session: activations of ", c.activations, " bits");
        member(json, "activation_range", [&](const Json& j) { c.activationRange = named(j, rangeRuleFromName); });
        member(json, "rate", [&](const Json& j) { c.rate = named(j, rateKindFromName); });
        member(json, "effort", [&](const Json& j) { c.effort = named(j, effortFromName); });
        member(json, "stop_after", [&](const Json& j) { c.stopAfter = named(j, stageFromName); });
        member(json, "skip", [&](const Json& j) {
            for (const Json& stage : j)
                c.skip.insert(named(stage, stageFromName));
        });
        member(json, "target_bits", [&](const Json& j) { c.target = TargetBits{j.get<double>(), json.value("usual_target", false)}; });
        member(json, "target_bytes", [&](const Json& j) { c.target = TargetBytes{j.get<std::int64_t>()}; });
        member(json, "max_drop", [&](const Json& j) { c.target = MaxDrop{j.get<double>()}; });
        return c;
    } catch (const Json::exception& e) {
        throw Error(ErrorCode::BadFile, text("session: its options cannot be read (", e.what(), ")"));
    }
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/export/export_format.h"
#include "core/export/export_parts.h"
#include "core/export/graph_text.h"
#include "core/export/quant_export.h"
#include "core/export/stored_size.h"
#include <nlohmann/json.hpp>
#include <set>

namespace mprdo {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxAllocationFile = std::int64_t(1) << 24;

std::vector<double> numbers(const at::Tensor& tensor)
{
    const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
    const auto data = wide.data_ptr<double>();
    return {data, data + wide.numel()};
}

std::vector<std::int64_t> integers(const at::Tensor& tensor)
{
    const at::Tensor wide = tensor.detach().to(at::kLong).contiguous();
    const auto data = wide.data_ptr<std::int64_t>();
    return {data, data + wide.numel()};
}

Json layerJson(const ExportedModel& exported, const Layer& layer)
{
    const auto it = exported.model.weights.find(layer.parameter);
    Json out;
    out["name"] = layer.name;
    out["parameter"] = layer.parameter;
    out["shape"] = exported.model.graph->parameter(layer.parameter).sizes().vec();
    if (it == exported.model.weights.end()) {
        out["bits"] = kKeepFp32;
        return out;
    }
    const Grid& grid = it->second.grid;
    out["bits"] = grid.bits;
    out["symmetric"] = grid.symmetric;
    out["axis"] = grid.axis;
    out["q_min"] = grid.qMin();
    out["q_max"] = grid.qMax();
    out["scale"] = numbers(grid.scale);
    out["zero_point"] = integers(grid.zeroPoint.expand_as(grid.scale));
    return out;
}

Json activationsJson(const ExportedModel& exported)
{
    const Graph& graph = *exported.model.graph;
    Json out = Json::array();
    for (const ActivationPart& part : exportParts(exported).activations)
        out.push_back({{"value", part.value},
                       {"name", part.value == 0 ? graph.values.at(static_cast<std::size_t>(graph.inputs.at(0))).name
                                                : graph.nodes[static_cast<std::size_t>(part.value - 1)].name},
                       {"bits", part.bits},
                       {"scale", part.scale},
                       {"zero_point", part.zeroPoint},
                       {"q_min", 0},
                       {"q_max", (1 << part.bits) - 1}});
    return out;
}

} // namespace

std::string encodeQuantExportJson(const ExportedModel& exported)
{
    const QuantizedModel& model = exported.model;
    Json root;
    root["format"] = format::kFormat;
    root["version"] = formatVersion(exportParts(exported));
    root["architecture"] = model.graph->architecture;
    root["input_shape"] = exported.inputShape;
    root["mean"] = perChannel(exported, exported.preprocessing.mean);
    root["std"] = perChannel(exported, exported.preprocessing.std);
    root["channel_order"] = name(exported.preprocessing.order);
    root["range"] = name(exported.preprocessing.range);
    root["layout"] = name(exported.preprocessing.layout);
    root["classes"] = exported.classes;
    root["stored_bytes"] = storedBytes(model);
    root["packing"] = {{"bit_order", "lsb_first"},
                       {"byte_order", "little"},
                       {"element_order", "row_major"},
                       {"tensor_alignment_bytes", 1},
                       {"definition", format::kPacking},
                       {"dequantize", format::kFormula}};
    root["layers"] = Json::array();
    for (const Layer& layer : model.graph->layers())
        root["layers"].push_back(layerJson(exported, layer));
    root["tensors"] = Json::array();
    for (const auto& [name, tensor] : model.graph->parameters)
        if (!model.weights.count(name))
            root["tensors"].push_back({{"name", name}, {"shape", tensor.sizes().vec()}});
    if (!model.activations.empty())
        root["activations"] = activationsJson(exported);
    root["graph"] = Json::parse(graphToText(*model.graph));
    return root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::pair<std::string, Bits>> readAllocationJson(const std::string& path)
{
    const auto bad = [&](const auto&... parts) { return Error(ErrorCode::BadFile, text(path, ": ", parts...)); };
    const Json root = Json::parse(readFile(path, kMaxAllocationFile), nullptr, /*allow_exceptions=*/false);
    if (root.is_discarded())
        throw bad("not JSON");
    if (!root.is_object())
        throw bad("expected an object {layer: bits} or a quant_export.json");
    std::vector<std::pair<std::string, Bits>> out;
    std::set<std::string> names;
    const auto add = [&](const std::string& layer, const Json& bits) {
        const bool kept = bits == "fp32" || bits == "FP32";
        const bool number = kept || bits.is_number_integer();
        const auto width = kept ? std::int64_t(kKeepFp32) : number ? bits.get<std::int64_t>() : 0;
        if (!number || ((width < kMinBits || width > kMaxBits) && width != kKeepFp32))
            throw bad(layer, ": ", number ? std::to_string(width) : bits.type_name(), " is not a width (", kMinBits, " to ",
                      kMaxBits, ", or ", kKeepFp32, " to leave it in FP32)");
        if (!names.insert(layer).second)
            throw bad(layer, " is named twice");
        out.emplace_back(layer, static_cast<Bits>(width));
    };
    if (root.contains("format") && !root["format"].is_number()) {
        if (root["format"] != format::kFormat)
            throw bad("not a quant_export.json");
        if (!root.contains("layers") || !root["layers"].is_array())
            throw bad("a quant_export.json without its layers");
        for (const Json& layer : root["layers"]) {
            if (!layer.is_object() || !layer.contains("name") || !layer["name"].is_string() || !layer.contains("bits"))
                throw bad("a layer without name or bits");
            add(layer["name"].get<std::string>(), layer["bits"]);
        }
    } else {
        for (const auto& [layer, bits] : root.items())
            add(layer, bits);
    }
    if (out.empty())
        throw bad("it names no layer");
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model_text.h"
#include "app/text_format.h"
#include <algorithm>
#include <nlohmann/json.hpp>

namespace mprdo::app {
namespace {

using Json = nlohmann::ordered_json;

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        out += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return out + "]";
}

/// Columns as wide as their widest cell, two spaces between; numbers (every column from firstNumber on) to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t firstNumber)
{
    std::vector<std::size_t> width(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c)
            width[c] = std::max(width[c], columns(row[c]));
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string space(width[c] - columns(row[c]), ' ');
            line += "  " + (c >= firstNumber ? space + row[c] : row[c] + space);
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return out;
}

std::string layersText(const ModelSnapshot& model)
{
    std::vector<std::vector<std::string>> rows{{"layer", "block", "shape", "weights", "dead", "MACs"}};
    for (const LayerInfo& layer : model.layers)
        rows.push_back({printable(layer.name), printable(layer.block), shapeText(layer.shape), grouped(layer.weights),
                        grouped(layer.deadWeights), grouped(layer.macs)});
    return aligned(rows, 3);
}

std::string tensorsText(const ModelSnapshot& model)
{
    std::vector<std::vector<std::string>> rows{{"tensor", "type", "shape", "bytes"}};
    for (const TensorInfo& tensor : model.tensors)
        rows.push_back({printable(tensor.name), printable(tensor.dtype), shapeText(tensor.shape), grouped(tensor.bytes)});
    return aligned(rows, 3);
}

} // namespace

std::string modelText(const ModelSnapshot& model)
{
    std::string out = printable(model.path) + "\n";
    out += "format        " + printable(model.format) + "\n";
    out += "architecture  " + printable(model.architecture.empty() ? "unknown: " + model.whyUnknown : model.architecture) + "\n";
    out += "file          " + grouped(model.fileBytes) + " bytes\n";
    out += "parameters    " + grouped(model.parameters) + " in " + grouped(std::int64_t(model.tensors.size())) + " tensors\n";
    if (!model.inputShape.empty())
        out += "input         " + shapeText(model.inputShape) + "\n";
    if (!model.classes.empty())
        out += "classes       " + grouped(std::int64_t(model.classes.size())) + "\n";
    out += "SHA-256       " + printable(model.fingerprint) + "\n";
    for (const std::string& notice : model.notices)
        out += "note          " + printable(notice) + "\n";
    if (!model.layers.empty())
        out += "\n" + layersText(model);
    else if (!model.tensors.empty())
        out += "\n" + tensorsText(model);
    return out;
}

std::string modelJson(const ModelSnapshot& model)
{
    Json json{{"path", model.path}, {"format", model.format}};
    if (model.architecture.empty())
        json["why_unknown"] = model.whyUnknown;
    else
        json["architecture"] = model.architecture;
    json["file_bytes"] = model.fileBytes;
    json["parameters"] = model.parameters;
    json["input_shape"] = model.inputShape;
    json["classes"] = model.classes;
    json["fingerprint"] = model.fingerprint;
    if (!model.notices.empty())
        json["notices"] = model.notices;
    json["layers"] = Json::array();
    for (const LayerInfo& layer : model.layers)
        json["layers"].push_back({{"name", layer.name}, {"shape", layer.shape}, {"weights", layer.weights},
                                  {"dead_weights", layer.deadWeights}, {"macs", layer.macs}, {"block", layer.block}});
    json["tensors"] = Json::array();
    for (const TensorInfo& tensor : model.tensors)
        json["tensors"].push_back({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape},
                                   {"bytes", tensor.bytes}});
    // names come from a file: what is no UTF-8 is replaced, not thrown at
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace mprdo::app

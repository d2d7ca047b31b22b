// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include "core/import/element_types.h"
#include "core/import/onnx_import.h"
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using nlohmann::json;

json metadata(const OnnxFile& file, const char* key)
{
    const auto it = file.metadata.find(key);
    return it == file.metadata.end() ? json() : json::parse(it->second, nullptr, /*allow_exceptions=*/false);
}

/// The widths that were meant where containers are wider, if the codes fit them.
void narrow(const OnnxFile& file, const Graph& graph, std::map<std::string, QuantizedTensor>& weights)
{
    const json bits = metadata(file, "mprdo.bits");
    if (!bits.is_array() || bits.size() != weights.size())
        return;
    std::size_t next = 0;
    for (const Layer& layer : graph.layers()) {
        const std::string& name = layer.parameter;
        const auto found = weights.find(name);
        if (found == weights.end())
            continue;
        const json& entry = bits[next++];
        if (!entry.is_number_integer())
            continue;
        QuantizedTensor& q = found->second;
        const auto wanted = entry.get<std::int64_t>();
        Grid grid = q.grid;
        check(wanted >= kMinBits && wanted <= kMaxBits, ErrorCode::BadFile, file.path, ": ", name, ": a width of ", wanted, " bits");
        grid.bits = static_cast<Bits>(wanted);
        check(q.codes.min().item<double>() >= double(grid.qMin()) && q.codes.max().item<double>() <= double(grid.qMax())
                  && grid.zeroPoint.max().item<double>() <= double(grid.qMax()),
              ErrorCode::BadFile, file.path, ": ", name, ": its codes do not fit the ", wanted, " bits that the file says it has");
        q.grid = grid;
    }
}

template <class E>
void readName(const OnnxFile& file, const char* key, std::optional<E> (*fromName)(std::string_view), E& out)
{
    const auto it = file.metadata.find(key);
    if (it == file.metadata.end())
        return;
    const std::optional<E> value = fromName(it->second);
    check(value.has_value(), ErrorCode::BadFile, file.path, ": ", key, " is ", printable(it->second), ", which this program does not know");
    out = *value;
}

void readClasses(const OnnxFile& file, ExportedModel& out)
{
    if (const json classes = metadata(file, "mprdo.classes"); classes.is_array() && classes.size() <= (1 << 16))
        for (const json& name : classes)
            out.classes.push_back(name.is_string() ? name.get<std::string>() : std::string());
}

} // namespace

std::optional<Preprocessing> onnxPreprocessing(const OnnxFile& file)
{
    if (!file.metadata.count("mprdo.mean"))
        return std::nullopt;
    Preprocessing out;
    for (const auto& [key, target] : {std::pair{"mprdo.mean", &out.mean}, std::pair{"mprdo.std", &out.std}}) {
        const json list = metadata(file, key);
        if (!list.is_array() || (list.size() != 3 && list.size() != 1))
            continue;
        for (std::size_t i = 0; i < 3; ++i)
            if (const json& number = list[std::min(i, list.size() - 1)]; number.is_number() && std::isfinite(number.get<double>()))
                (*target)[i] = number.get<double>();
    }
    for (const double deviation : out.std)
        check(deviation > 0, ErrorCode::BadFile, file.path, ": mprdo.std holds a number that is not positive");
    readName(file, "mprdo.channel_order", channelOrderFromName, out.order);
    readName(file, "mprdo.range", pixelRangeFromName, out.range);
    readName(file, "mprdo.layout", layoutFromName, out.layout);
    return out;
}

ExportedModel fromOnnx(const OnnxFile& file, const std::vector<std::int64_t>& inputShape)
{
    NoGrad noGrad;
    OnnxImportOptions options;
    options.inputShape = inputShape;
    ImportedOnnx imported = importOnnx(file, options);
    ExportedModel out;
    if (const auto it = file.metadata.find("mprdo.architecture"); it != file.metadata.end())
        imported.graph.architecture = it->second.substr(0, 1024);
    out.model.graph = std::make_shared<const Graph>(std::move(imported.graph));
    out.model.weights = std::move(imported.weights);
    narrow(file, *out.model.graph, out.model.weights);
    out.model.activations = std::move(imported.activations);
    const auto& input = out.model.graph->values.at(static_cast<std::size_t>(out.model.graph->inputs.at(0))).shape;
    out.inputShape.assign(input.begin() + 1, input.end());
    out.preprocessing = onnxPreprocessing(file).value_or(Preprocessing{});
    readClasses(file, out);
    return out;
}

} // namespace mprdo

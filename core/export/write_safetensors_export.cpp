// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/bit_packing.h"
#include "core/export/export_format.h"
#include "core/export/export_parts.h"
#include "core/import/formats.h"
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

at::Tensor packed(const LayerPart& part)
{
    const auto* codes = part.codes.data_ptr<std::uint8_t>();
    const std::string bytes = packBits({codes, codes + part.codes.numel()}, static_cast<int>(part.bits));
    at::Tensor out = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
    std::copy(bytes.begin(), bytes.end(), out.data_ptr<std::uint8_t>());
    return out;
}

} // namespace

std::string encodeSafetensorsExport(const ExportedModel& exported)
{
    const ExportParts parts = exportParts(exported);
    SafetensorsFile out;
    out.tensors = parts.tensors;
    Json layers = Json::array(), activations = Json::array();
    for (const LayerPart& part : parts.layers) {
        out.tensors.emplace_back(part.name + ".codes", packed(part));
        out.tensors.emplace_back(part.name + ".scale", part.scale);
        if (!part.symmetric)
            out.tensors.emplace_back(part.name + ".zero_point", part.zeroPoint);
        layers.push_back({{"name", part.name},
                          {"parameter", part.parameter},
                          {"bits", part.bits},
                          {"symmetric", part.symmetric},
                          {"axis", part.axis},
                          {"shape", part.shape}});
    }
    for (const ActivationPart& part : parts.activations)
        activations.push_back({{"value", part.value}, {"bits", part.bits}, {"scale", part.scale}, {"zero_point", part.zeroPoint}});
    out.metadata = {{"format", format::kFormat},
                    {"version", std::to_string(formatVersion(parts))},
                    {"architecture", parts.architecture},
                    {"input_shape", written(parts.inputShape)},
                    {"mean", written(parts.mean)},
                    {"std", written(parts.deviation)},
                    {"channel_order", parts.channelOrder},
                    {"range", parts.range},
                    {"layout", parts.layout},
                    {"classes", written(parts.classes)},
                    {"layers", written(layers)}};
    if (!activations.empty())
        out.metadata.emplace_back("activations", written(activations));
    out.metadata.emplace_back("graph", parts.graph);
    return encodeSafetensorsFile(out);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/code/code_coder.h"
#include "core/code/deflate.h"
#include "core/export/coded_layout.h"
#include "core/import/formats.h"
#include <limits>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using Json = nlohmann::ordered_json;

void put32(std::string& out, std::uint64_t value)
{
    check(value <= std::numeric_limits<std::uint32_t>::max(), ErrorCode::Unsupported, "export: a text of ", value,
          " bytes");
    for (int i = 0; i < 4; ++i)
        out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

/// All but the numbers and the graph.
std::string description(const ExportParts& parts)
{
    Json root;
    root["architecture"] = parts.architecture;
    root["input_shape"] = parts.inputShape;
    root["mean"] = parts.mean;
    root["std"] = parts.deviation;
    root["channel_order"] = parts.channelOrder;
    root["range"] = parts.range;
    root["layout"] = parts.layout;
    root["classes"] = parts.classes;
    root["layers"] = Json::array();
    for (const LayerPart& part : parts.layers) {
        root["layers"].push_back(
            {part.name, part.parameter, part.bits, part.symmetric ? 1 : 0, part.axis, part.scale.numel(), part.shape});
        if (part.scale.scalar_type() == at::kFloat)
            root["layers"].back().push_back(kFloatScales);
    }
    root["tensors"] = Json::array();
    for (const auto& [name, value] : parts.tensors)
        root["tensors"].push_back({name, value.sizes().vec()});
    for (const ActivationPart& part : parts.activations)
        root["activations"].push_back({part.value, part.bits, part.scale, part.zeroPoint});
    return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view bytesOf(const at::Tensor& tensor)
{
    return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()};
}

} // namespace

std::string encodeCodedExport(const ExportedModel& exported)
{
    const ExportParts parts = exportParts(exported);
    CodeEncoder coder;
    for (const LayerPart& part : parts.layers) {
        coder.addNumbers(bytesOf(part.scale), static_cast<int>(part.scale.element_size()));
        if (!part.symmetric)
            coder.addNumbers(bytesOf(part.zeroPoint), 1);
        const CodeShape shape = codeShape(part);
        coder.add(shape, codeRows(part, shape));
    }
    for (const auto& [name, value] : parts.tensors)
        coder.addNumbers(bytesOf(value), 4);

    const std::string text = description(parts) + "\n" + parts.graph, packed = deflated(text);
    std::string out(kCodedExportMagic);
    put32(out, static_cast<std::uint64_t>(formatVersion(parts)));
    put32(out, 0); // the checksum, when the rest is known
    put32(out, packed.size());
    put32(out, text.size());
    out += packed;
    out += coder.finish();
    std::string checksum;
    put32(checksum, codedChecksum(out));
    return out.replace(kCodedExportMagic.size() + 4, checksum.size(), checksum);
}

std::int64_t codedBytes(const ExportedModel& exported)
{
    return static_cast<std::int64_t>(encodeCodedExport(exported).size());
}

void writeCodedExport(const std::string& path, const ExportedModel& exported)
{
    writeFile(path, encodeCodedExport(exported));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/export/quant_export.h"
#include "core/import/formats.h"
#include "core/import/importer.h"
#include <fstream>

namespace mprdo {
namespace {

constexpr std::size_t kHead = std::size_t(1) << 18; // a safetensors header that another program wrote anew may name its format late

} // namespace

bool holdsQuantExport(const std::string& path)
{
    std::string head(kHead, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return isQuantExport({head.data(), static_cast<std::size_t>(file.gcount())});
}

ModelSnapshot describeExport(const std::string& path)
{
    const std::string bytes = readFile(path);
    const ExportedModel exported = decodeQuantExport(path, bytes);
    const Graph& graph = *exported.model.graph;
    ModelSnapshot out;
    out.path = path;
    out.format = bytes.starts_with(kCodedExportMagic) ? "quantized export, coded"
                 : looksLikeSafetensors(bytes)        ? "quantized export, safetensors"
                                                      : "quantized export";
    out.architecture = graph.architecture;
    out.fileBytes = static_cast<std::int64_t>(bytes.size());
    out.inputShape = exported.inputShape;
    out.classes = exported.classes;
    out.layers = layerInfos(graph);
    out.fingerprint = fingerprint(graph);
    for (const auto& [name, tensor] : graph.parameters) {
        const auto quantized = exported.model.weights.find(name);
        const bool kept = quantized == exported.model.weights.end();
        out.parameters += tensor.numel();
        out.tensors.push_back({name, kept ? "float32" : text("int", quantized->second.grid.bits), tensor.sizes().vec(),
                               kept ? 4 * tensor.numel() : (tensor.numel() * quantized->second.grid.bits + 7) / 8});
    }
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// quant_export.pt and quant_export.json: the quantized model that leaves the program (resources/formats.md).
#pragma once
#include "core/data/image_set.h"
#include "core/exec/quantized_model.h"
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

struct ExportedModel {
    QuantizedModel model;
    Preprocessing preprocessing;
    std::vector<std::int64_t> inputShape;  ///< [3, H, W]
    std::vector<std::string> classes;
};

/// A file that torch.load(f, weights_only=True) opens as a plain dict: packed codes, scales (FP16), zero points, bits,
/// biases, graph, preprocessing, input size, class names. No time, path or host: the same model, the same bytes.
/// At most 1.05 x storedBytes for networks of 40 kB and more (about 2 kB of names and graph come on top).
std::string encodeQuantExport(const ExportedModel&);
/// The same configuration readable; names the packing.
std::string encodeQuantExportJson(const ExportedModel&);

bool isQuantExport(std::string_view head);
/// \throws Error{BadFile | Io} naming the file and the condition; never trusts a length.
ExportedModel readQuantExport(const std::string& path);
ExportedModel decodeQuantExport(const std::string& name, std::string_view bytes);

/// Bits per layer name from a quant_export.json or a plain {layer: bits} object; "layer3.*" patterns are resolved by the
/// caller. \throws Error{BadFile}.
std::vector<std::pair<std::string, Bits>> readAllocationJson(const std::string& path);

} // namespace mprdo

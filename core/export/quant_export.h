// SPDX-License-Identifier: GPL-3.0-or-later
// quant_export.pt, .mprz, .safetensors and .json: the quantized model that leaves the program (resources/formats.md).
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
    std::vector<std::int64_t> inputShape;  ///< of one image as the network reads it: [C, H, W], or [H, W, C] where the layout is nhwc
    std::vector<std::string> classes;
};

/// 3, or 1 of grey images.
std::int64_t imageChannels(const ExportedModel&);
/// Mean or standard deviation as files have it: a number for each channel, red, green, blue.
std::vector<double> perChannel(const ExportedModel&, const std::array<double, 3>& values);

/// A file that torch.load(f, weights_only=True) opens as a plain dict: packed codes, scales (FP16, or FP32 where that cannot hold them), zero points, bits,
/// biases, graph, preprocessing, input size, class names. No time, path or host: the same model, the same bytes.
/// At most 1.05 x storedBytes for networks of 40 kB and more (about 2 kB of names and graph come on top).
std::string encodeQuantExport(const ExportedModel&);
/// The same configuration readable; names the packing.
std::string encodeQuantExportJson(const ExportedModel&);

/// All that quant_export.pt holds, entropy-coded (quant_export.mprz): codes, scales, zero points and FP32 tensors in one stream of
/// core/code, the text deflated. Cost: about 0.2 microseconds a weight.
std::string encodeCodedExport(const ExportedModel&);
/// \throws Error{Io}; whole or not at all
void writeCodedExport(const std::string& path, const ExportedModel&);
/// What the file takes, exactly: it is encoded to find out.
std::int64_t codedBytes(const ExportedModel&);

/// Packed codes, scales and zero points as tensors of a safetensors file, everything else in its metadata.
/// \throws Error{Unsupported} where the names of a layer and of a tensor collide ("a.scale" beside the layer "a")
std::string encodeSafetensorsExport(const ExportedModel&);

/// Any of the three, by its first bytes (of a safetensors file as many of its header as there are).
bool isQuantExport(std::string_view head);
/// The same of a file; false where it cannot be read.
bool holdsQuantExport(const std::string& path);
/// Reads each, told apart by content. \throws Error{BadFile | Io} naming the file and the condition; never trusts a length.
ExportedModel readQuantExport(const std::string& path);
ExportedModel decodeQuantExport(const std::string& name, std::string_view bytes);

/// What there is to say about an export file, as describe (core/import) says it of a checkpoint. \throws as readQuantExport
ModelSnapshot describeExport(const std::string& path);

/// Bits per layer name from a quant_export.json or a plain {layer: bits} object; "layer3.*" patterns are resolved by the
/// caller. \throws Error{BadFile}.
std::vector<std::pair<std::string, Bits>> readAllocationJson(const std::string& path);

} // namespace mprdo

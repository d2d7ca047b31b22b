// SPDX-License-Identifier: GPL-3.0-or-later
// What every export file holds, whatever its encoding: the one value that quant_export.pt, .mprz and .safetensors write and
// read.
#pragma once
#include "core/export/quant_export.h"

namespace mprdo {

/// A quantized layer. When it comes from a file, nothing of it is true before checkGrid and assembleExport say so.
struct LayerPart {
    std::string name, parameter; ///< "layer1.0.conv1", "layer1.0.conv1.weight"
    std::int64_t bits = 0, axis = 0;
    bool symmetric = false;
    std::vector<std::int64_t> shape; ///< the weight's
    at::Tensor scale;                ///< float16 or, where that cannot hold all of them, float32: [C] or [1]
    at::Tensor zeroPoint;            ///< uint8, shape of scale; undefined when symmetric
    at::Tensor codes;                ///< uint8 [shape], q - qMin
};

/// A rounded activation: x_hat = scale * (q - zeroPoint), q in [0, 2^bits - 1].
struct ActivationPart {
    std::int64_t value = 0; ///< as the graph's text numbers it: 0 the input, k the output of node k - 1
    std::int64_t bits = 0, zeroPoint = 0;
    double scale = 0;       ///< representable in FP32
};

struct ExportParts {
    std::string architecture;
    std::vector<std::int64_t> inputShape;              ///< of one image as the network reads it: [C, H, W], or [H, W, C]
    std::string channelOrder, range, layout;           ///< names (core/api/network_input.h); empty: the file is older than they are
    std::vector<std::string> mean, deviation, classes; ///< mean, deviation: one decimal text a channel, reads back equal
    std::vector<LayerPart> layers;                     ///< network order
    std::vector<std::pair<std::string, at::Tensor>>
        tensors;       ///< float32, by name: biases, corrected ones, and what stays FP32
    std::string graph; ///< graphToText
    std::vector<ActivationPart> activations; ///< ascending values
};

/// \throws Error{Internal} naming a layer whose codes, zero points or scales cannot be stored
LayerPart layerPart(const Layer&, const QuantizedTensor&);
ExportParts exportParts(const ExportedModel&);
/// The version (export_format.h) of a file of these parts.
int formatVersion(const ExportParts&);
/// \throws Error{Unsupported} naming the version of a file that this program does not know
void checkVersion(const std::string& file, std::int64_t version);

/// Bounds every size that a file may claim of itself. \throws Error{BadFile}
std::string checkedName(const std::string& file, const std::string& text, const std::string& what);
std::vector<std::int64_t> checkedShape(const std::string& file, std::vector<std::int64_t> shape,
                                       const std::string& what);
/// All of a layer but its codes. \throws Error{BadFile} naming the layer
void checkGrid(const std::string& file, const LayerPart&);

/// The codes of a part that checkGrid knows, [shape], from their packed bytes (uint8). \throws Error{BadFile} naming the layer
at::Tensor unpackedCodes(const std::string& file, const LayerPart&, const at::Tensor& packed);

/// The model, if the parts make one: texts are numbers, names are unique, values finite, the graph runs and uses every layer as a
/// weight. file stands for the path in messages. \throws Error{BadFile | NonFinite}
ExportedModel assembleExport(const std::string& file, ExportParts);

/// quant_export.mprz and .safetensors (resources/formats.md). \throws Error{BadFile | Unsupported}
ExportParts decodeCodedExport(const std::string& name, std::string_view bytes);
ExportParts decodeSafetensorsExport(const std::string& name, std::string_view bytes);

} // namespace mprdo

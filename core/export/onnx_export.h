// SPDX-License-Identifier: GPL-3.0-or-later
// The quantized model as ONNX that runtimes execute: integer weights behind DequantizeLinear, rounded activations behind
// QuantizeLinear and DequantizeLinear (QDQ).
#pragma once
#include "core/export/quant_export.h"
#include "core/import/onnx_file.h"
#include <optional>

namespace mprdo {

struct OnnxExportOptions {
    std::int64_t opset = 21; ///< 21: INT4 containers where the width is 4 bits or less; 13: INT8 alone
};

/// Weights of 2 to 4 bits in INT4 (UINT4 with zero points), of 5 to 8 in INT8 (UINT8); scales FP32, one for each output channel; IR version
/// 10 (opset 13: 7). Widths, preprocessing and class names stand in the model's metadata, so that importOnnx gives back what went in.
/// \throws Error{Usage} another opset; Error{Unsupported} naming a node that ONNX has no op for
OnnxFile toOnnx(const ExportedModel&, const OnnxExportOptions& = {});

/// \throws Error{Io}; whole or not at all
void writeOnnx(const std::string& path, const ExportedModel&, const OnnxExportOptions& = {});

/// How images are to be fed, where the file's metadata say so: those of this program's exports do.
std::optional<Preprocessing> onnxPreprocessing(const OnnxFile&);

/// What is in an ONNX file, whoever wrote it: FP32 weights, or integers (QDQ), as they are.
/// \param inputShape as the network reads it, where the file leaves it open
ExportedModel fromOnnx(const OnnxFile&, const std::vector<std::int64_t>& inputShape = {});

} // namespace mprdo

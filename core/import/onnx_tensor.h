// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors of an ONNX file, from and to protobuf.
#pragma once
#include "core/import/onnx_external.h"
#include "core/import/onnx_file.h"
#include <cstdint>
#include <string>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace mprdo {

/// The tensor, whose contents are moved out of from (it is empty afterwards): float32, ints, float16 and bfloat16 of raw_data
/// take no second copy, nor do float32, float64, int32 and int64 of typed fields.
/// \param what  the file and the tensor, for messages
/// \throws Error naming what: BadFile sizes and data do not agree, a value that the type cannot hold; Unsupported
OnnxTensor takeOnnxTensor(const std::string& what, onnx::TensorProto& from, OnnxExternalData& external);

/// The tensor's dims, type and raw_data; its name stays. \throws Error{Unsupported} a value that elementType cannot hold;
/// Error{Internal} value is not of the type that elementType is held in.
void putOnnxTensor(const std::string& what, const OnnxTensor& tensor, onnx::TensorProto& to);

} // namespace mprdo

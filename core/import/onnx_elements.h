// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX's element types: how each lies in a file and how it is held in memory.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

struct OnnxElement {
    /// The field of TensorProto that holds such elements where raw_data does not.
    enum class Field { Floats, Int32s, Int64s, Doubles, Uint64s };

    int number = 0;            ///< in TensorProto::DataType
    std::string_view name;     ///< "float16"
    at::ScalarType type;       ///< of OnnxTensor::value
    int bits = 0;              ///< in raw_data
    Field field = Field::Floats;
    std::int64_t least = 0, most = 0; ///< what integers of it can be; float16 and bfloat16: their bit patterns

    /// Bytes that count elements take in raw_data.
    std::int64_t packedBytes(std::int64_t count) const { return bits == 4 ? count / 2 + count % 2 : count * (bits / 8); }
};

/// \throws Error naming what: Unsupported for a type that ONNX has and LibTorch has not (string, complex64, float8e4m3fn,
/// ...), BadFile for a number that is none.
const OnnxElement& onnxElement(int number, const std::string& what);
/// "float16"; "of number 99" for what ONNX has not.
std::string onnxElementName(int number);

} // namespace mprdo

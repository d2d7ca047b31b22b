// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_elements.h"
#include "core/base/error.h"
#include "core/import/onnx_file.h"
#include <array>
#include <limits>

namespace mprdo {
namespace {

using Field = OnnxElement::Field;

template <class T>
constexpr OnnxElement integer(int number, std::string_view name, at::ScalarType type, Field field)
{
    using Limits = std::numeric_limits<T>;
    const auto most = static_cast<std::uint64_t>(Limits::max());
    constexpr auto largest = std::numeric_limits<std::int64_t>::max(); // of uint64, what int64 can hold
    return {number, name, type, 8 * int(sizeof(T)), field, static_cast<std::int64_t>(Limits::min()),
            most > std::uint64_t(largest) ? largest : static_cast<std::int64_t>(most)};
}

constexpr std::array kElements{
    OnnxElement{onnx_type::kFloat, "float32", at::kFloat, 32, Field::Floats},
    OnnxElement{onnx_type::kDouble, "float64", at::kDouble, 64, Field::Doubles},
    OnnxElement{onnx_type::kFloat16, "float16", at::kHalf, 16, Field::Int32s, 0, 0xffff},
    OnnxElement{onnx_type::kBfloat16, "bfloat16", at::kBFloat16, 16, Field::Int32s, 0, 0xffff},
    integer<std::int8_t>(onnx_type::kInt8, "int8", at::kChar, Field::Int32s),
    integer<std::uint8_t>(onnx_type::kUint8, "uint8", at::kByte, Field::Int32s),
    integer<std::int16_t>(onnx_type::kInt16, "int16", at::kShort, Field::Int32s),
    integer<std::uint16_t>(onnx_type::kUint16, "uint16", at::kInt, Field::Int32s),
    integer<std::int32_t>(onnx_type::kInt32, "int32", at::kInt, Field::Int32s),
    integer<std::uint32_t>(onnx_type::kUint32, "uint32", at::kLong, Field::Uint64s),
    integer<std::int64_t>(onnx_type::kInt64, "int64", at::kLong, Field::Int64s),
    integer<std::uint64_t>(onnx_type::kUint64, "uint64", at::kLong, Field::Uint64s),
    OnnxElement{onnx_type::kBool, "bool", at::kBool, 8, Field::Int32s, 0, 1},
    OnnxElement{onnx_type::kInt4, "int4", at::kChar, 4, Field::Int32s, -8, 7},
    OnnxElement{onnx_type::kUint4, "uint4", at::kByte, 4, Field::Int32s, 0, 15},
};

/// https://github.com/onnx/onnx, onnx.proto, TensorProto::DataType; what kElements has not.
constexpr std::array<std::pair<int, std::string_view>, 11> kOthers{{
    {8, "string"}, {14, "complex64"}, {15, "complex128"}, {17, "float8e4m3fn"}, {18, "float8e4m3fnuz"}, {19, "float8e5m2"},
    {20, "float8e5m2fnuz"}, {23, "float4e2m1"}, {24, "float8e8m0"}, {25, "uint2"}, {26, "int2"},
}};

} // namespace

const OnnxElement& onnxElement(int number, const std::string& what)
{
    for (const OnnxElement& e : kElements)
        if (e.number == number)
            return e;
    for (const auto& [other, name] : kOthers)
        check(other != number, ErrorCode::Unsupported, what, ": elements of type ", name, " cannot be read");
    check(number != 0, ErrorCode::BadFile, what, ": has no element type");
    throw Error(ErrorCode::BadFile, text(what, ": its element type ", number, " is none of ONNX's"));
}

std::string onnxElementName(int number)
{
    for (const OnnxElement& e : kElements)
        if (e.number == number)
            return std::string(e.name);
    for (const auto& [other, name] : kOthers)
        if (other == number)
            return std::string(name);
    return text("of number ", number);
}

} // namespace mprdo

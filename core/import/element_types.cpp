// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/element_types.h"
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include <algorithm>
#include <array>

namespace mprdo {
namespace {

struct ElementType {
    at::ScalarType type;
    std::string_view storage, safetensors, people;
};

constexpr std::array kTypes{
    ElementType{at::kFloat, "FloatStorage", "F32", "float32"},
    ElementType{at::kHalf, "HalfStorage", "F16", "float16"},
    ElementType{at::kBFloat16, "BFloat16Storage", "BF16", "bfloat16"},
    ElementType{at::kDouble, "DoubleStorage", "F64", "float64"},
    ElementType{at::kLong, "LongStorage", "I64", "int64"},
    ElementType{at::kInt, "IntStorage", "I32", "int32"},
    ElementType{at::kShort, "ShortStorage", "I16", "int16"},
    ElementType{at::kChar, "CharStorage", "I8", "int8"},
    ElementType{at::kByte, "ByteStorage", "U8", "uint8"},
    ElementType{at::kBool, "BoolStorage", "BOOL", "bool"},
};

std::optional<at::ScalarType> lookUp(std::string_view ElementType::*column, std::string_view name)
{
    for (const ElementType& t : kTypes)
        if (t.*column == name)
            return t.type;
    return std::nullopt;
}

} // namespace

std::optional<at::ScalarType> elementTypeOfStorage(std::string_view name) { return lookUp(&ElementType::storage, name); }

std::optional<at::ScalarType> elementTypeInSafetensors(std::string_view name) { return lookUp(&ElementType::safetensors, name); }

std::string safetensorsType(at::ScalarType type)
{
    for (const ElementType& t : kTypes)
        if (t.type == type)
            return std::string(t.safetensors);
    throw Error(ErrorCode::Unsupported, text("safetensors: there is no type for ", toString(type)));
}

std::string elementTypeName(at::ScalarType type)
{
    for (const ElementType& t : kTypes)
        if (t.type == type)
            return std::string(t.people);
    return toString(type);
}

std::string printable(std::string_view s)
{
    constexpr int kMost = 100;
    std::string out;
    for (int i = 0; i < kMost && !s.empty(); ++i) {
        const std::size_t bytes = plainCharacter(s);
        out += bytes ? s.substr(0, bytes) : "?";
        s.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return s.empty() ? out : out + "...";
}

std::int64_t elementCount(const std::vector<std::int64_t>& sizes, std::int64_t elementBytes, const std::string& what)
{
    // Sizes of 0 count as 1: LibTorch multiplies the others when it computes strides.
    std::int64_t bytes = elementBytes;
    bool empty = false;
    for (const std::int64_t size : sizes) {
        check(size >= 0, ErrorCode::BadFile, what, ": the shape ", shapeText(sizes), " has a negative size");
        empty |= size == 0;
        check(!__builtin_mul_overflow(bytes, std::max<std::int64_t>(size, 1), &bytes) && bytes <= std::int64_t(1) << 62,
              ErrorCode::BadFile, what, ": the shape ", shapeText(sizes), " has more elements than any file can hold");
    }
    return empty ? 0 : bytes / elementBytes;
}

} // namespace mprdo

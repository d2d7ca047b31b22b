// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_tensor.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include "core/import/onnx_elements.h"
#include "core/import/onnx_message.h"
#include <algorithm>
#include <memory>
#include <onnx/onnx_pb.h>

namespace mprdo {
namespace {

using Field = OnnxElement::Field;
using Sizes = std::vector<std::int64_t>;

constexpr int kMostSizes = 16;

/// A tensor in memory that holder keeps. Allocated memory is aligned for every element type.
template <class Holder>
at::Tensor over(void* data, const Sizes& sizes, at::ScalarType type, std::shared_ptr<Holder> holder)
{
    return at::from_blob(data, sizes, [holder](void*) {}, at::TensorOptions(type));
}

template <class T>
at::Tensor overField(google::protobuf::RepeatedField<T>* field, at::ScalarType type)
{
    const auto holder = std::make_shared<google::protobuf::RepeatedField<T>>();
    holder->Swap(field);
    return over(holder->mutable_data(), {holder->size()}, type, holder);
}

int fieldSize(const onnx::TensorProto& t, Field field)
{
    switch (field) {
    case Field::Floats: return t.float_data_size();
    case Field::Int32s: return t.int32_data_size();
    case Field::Int64s: return t.int64_data_size();
    case Field::Doubles: return t.double_data_size();
    case Field::Uint64s: return t.uint64_data_size();
    }
    return 0;
}

/// The low nibble of each byte comes first.
at::Tensor unpackNibbles(const unsigned char* bytes, std::int64_t count, const OnnxElement& element)
{
    at::Tensor out = at::empty({count}, element.type);
    auto* to = static_cast<unsigned char*>(out.data_ptr());
    for (std::int64_t i = 0; i < count; ++i) {
        const int nibble = bytes[i / 2] >> (4 * (i % 2)) & 0xf;
        to[i] = static_cast<unsigned char>(element.least < 0 && nibble > 7 ? nibble - 16 : nibble);
    }
    return out;
}

at::Tensor fromRaw(const std::string& what, std::shared_ptr<std::string> raw, const Sizes& sizes, std::int64_t count,
                   const OnnxElement& element)
{
    void* data = raw->data();
    switch (element.number) {
    case onnx_type::kInt4:
    case onnx_type::kUint4:
        return unpackNibbles(static_cast<const unsigned char*>(data), count, element).reshape(sizes);
    case onnx_type::kBool: // a bool other than 0 and 1 would be undefined behaviour
        std::transform(raw->begin(), raw->end(), raw->begin(), [](char c) { return static_cast<char>(c != 0); });
        return over(data, sizes, at::kBool, raw);
    case onnx_type::kUint16: return over(data, sizes, at::kShort, raw).to(at::kInt).bitwise_and(0xffff);
    case onnx_type::kUint32: return over(data, sizes, at::kInt, raw).to(at::kLong).bitwise_and(std::int64_t(0xffffffff));
    case onnx_type::kUint64: {
        const at::Tensor out = over(data, sizes, at::kLong, raw);
        check(out.min().item<std::int64_t>() >= 0, ErrorCode::Unsupported, what, ": holds a uint64 of 2^63 or more");
        return out;
    }
    default: return over(data, sizes, element.type, raw);
    }
}

/// Values, bit patterns or (int4, uint4) bytes that lie one an int32.
at::Tensor fromInt32s(const std::string& what, onnx::TensorProto& t, std::int64_t count, const OnnxElement& element)
{
    const at::Tensor values = overField(t.mutable_int32_data(), at::kInt);
    if (element.number == onnx_type::kBool)
        return values.ne(0);
    const std::int64_t least = element.bits == 4 ? 0 : element.least, most = element.bits == 4 ? 255 : element.most;
    const std::int64_t smallest = values.min().item<std::int64_t>(), largest = values.max().item<std::int64_t>();
    check(smallest >= least && largest <= most, ErrorCode::BadFile, what, ": holds ", smallest < least ? smallest : largest,
          ", which is no ", element.name);
    if (element.bits == 4)
        return unpackNibbles(static_cast<const unsigned char*>(values.to(at::kByte).data_ptr()), count, element);
    if (element.type == at::kHalf || element.type == at::kBFloat16) // 0x8000 and more are negative int16
        return at::where(values.gt(0x7fff), values - 0x10000, values).to(at::kShort).view(element.type);
    return values.to(element.type);
}

at::Tensor fromField(const std::string& what, onnx::TensorProto& t, std::int64_t count, const OnnxElement& element)
{
    switch (element.field) {
    case Field::Floats: return overField(t.mutable_float_data(), at::kFloat);
    case Field::Doubles: return overField(t.mutable_double_data(), at::kDouble);
    case Field::Int64s: return overField(t.mutable_int64_data(), at::kLong);
    case Field::Int32s: return fromInt32s(what, t, count, element);
    case Field::Uint64s: break;
    }
    const at::Tensor values = overField(t.mutable_uint64_data(), at::kLong);
    check(values.min().item<std::int64_t>() >= 0, ErrorCode::Unsupported, what, ": holds an unsigned integer of 2^63 or more");
    check(values.max().item<std::int64_t>() <= element.most, ErrorCode::BadFile, what, ": holds ", values.max().item<std::int64_t>(),
          ", which is no ", element.name);
    return values;
}

std::map<std::string, std::string> placeOf(const std::string& what, const onnx::TensorProto& t)
{
    std::map<std::string, std::string> out;
    for (const auto& entry : t.external_data())
        check(out.emplace(entry.key(), entry.value()).second, ErrorCode::BadFile, what, ": its external data names ",
              printable(entry.key()), " twice");
    return out;
}

} // namespace

OnnxTensor takeOnnxTensor(const std::string& what, onnx::TensorProto& from, OnnxExternalData& external)
{
    onnx::TensorProto t; // goes with what is left of it when this returns
    t.Swap(&from);
    const OnnxElement& element = onnxElement(t.data_type(), what);
    check(t.dims_size() <= kMostSizes, ErrorCode::BadFile, what, ": has ", t.dims_size(), " dimensions, more than ", kMostSizes);
    const Sizes sizes(t.dims().begin(), t.dims().end());
    const std::int64_t count = elementCount(sizes, static_cast<std::int64_t>(c10::elementSize(element.type)), what);
    check(!t.has_segment(), ErrorCode::Unsupported, what, ": is stored in segments");

    const std::int64_t need = element.packedBytes(count);
    const int typed = fieldSize(t, element.field);
    const int all = t.float_data_size() + t.int32_data_size() + t.int64_data_size() + t.double_data_size()
        + t.uint64_data_size() + t.string_data_size();
    check(all == typed, ErrorCode::BadFile, what, ": has values in a field that is not that of ", element.name);
    const bool outside = t.data_location() == onnx::TensorProto::EXTERNAL;
    check((typed > 0) + !t.raw_data().empty() + outside <= 1, ErrorCode::BadFile, what, ": has its values in two places");
    if (typed > 0) {
        const std::int64_t entries = element.bits == 4 ? need : count;
        check(typed == entries, ErrorCode::BadFile, what, ": ", shapeText(sizes), " of ", element.name, " needs ", entries,
              " values, the file has ", typed);
        return {fromField(what, t, count, element).reshape(sizes), element.number};
    }
    std::shared_ptr<std::string> raw;
    if (outside)
        raw = std::make_shared<std::string>(external.read(what, placeOf(what, t), need));
    else if (t.has_raw_data())
        raw.reset(t.release_raw_data());
    const std::int64_t have = raw ? static_cast<std::int64_t>(raw->size()) : 0;
    check(have == need, ErrorCode::BadFile, what, ": ", shapeText(sizes), " of ", element.name, " needs ", need,
          " bytes, the file has ", have);
    if (count == 0)
        return {at::empty(sizes, element.type), element.number};
    return {fromRaw(what, std::move(raw), sizes, count, element), element.number};
}

OnnxTensor decodeOnnxTensor(const std::string& name, std::string_view bytes)
{
    onnx::TensorProto tensor;
    parseOnnxMessage(name, bytes, tensor);
    OnnxExternalData none({});
    return takeOnnxTensor(name, tensor, none);
}

} // namespace mprdo

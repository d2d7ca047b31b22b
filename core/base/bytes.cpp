// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/bytes.h"
#include "core/base/error.h"
#include <cstring>

namespace mprdo {
namespace {

static_assert(sizeof(double) == 8);

constexpr std::int64_t kUndefined = -1;

} // namespace

ByteWriter& ByteWriter::integer(std::int64_t value)
{
    m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
}

ByteWriter& ByteWriter::number(double value)
{
    m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
}

ByteWriter& ByteWriter::string(std::string_view text)
{
    integer(static_cast<std::int64_t>(text.size()));
    m_bytes.append(text);
    return *this;
}

ByteWriter& ByteWriter::tensor(const at::Tensor& tensor)
{
    if (!tensor.defined())
        return integer(kUndefined);
    const at::Tensor t = tensor.detach().contiguous();
    integer(static_cast<std::int64_t>(t.scalar_type()));
    integer(t.dim());
    for (const auto d : t.sizes())
        integer(d);
    return string(std::string_view(static_cast<const char*>(t.data_ptr()), t.nbytes()));
}

std::string_view ByteReader::take(std::size_t size)
{
    check(size <= m_rest.size(), ErrorCode::BadFile, "stored artefact: ", size, " bytes expected, ", m_rest.size(), " left");
    const std::string_view part = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return part;
}

std::int64_t ByteReader::integer()
{
    std::int64_t value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
}

double ByteReader::number()
{
    double value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
}

std::string ByteReader::string()
{
    const std::int64_t size = integer();
    check(size >= 0, ErrorCode::BadFile, "stored artefact: negative length");
    return std::string(take(static_cast<std::size_t>(size)));
}

at::Tensor ByteReader::tensor()
{
    const std::int64_t type = integer();
    if (type == kUndefined)
        return {};
    check(type >= 0 && type < static_cast<std::int64_t>(at::ScalarType::NumOptions), ErrorCode::BadFile,
          "stored artefact: unknown tensor type ", type);
    const std::int64_t dimensions = integer();
    check(dimensions >= 0 && dimensions <= 8, ErrorCode::BadFile, "stored artefact: ", dimensions, " dimensions");
    std::vector<std::int64_t> shape;
    std::int64_t bytes = static_cast<std::int64_t>(c10::elementSize(static_cast<at::ScalarType>(type)));
    for (std::int64_t i = 0; i < dimensions; ++i) {
        const std::int64_t d = integer();
        check(d >= 0 && !__builtin_mul_overflow(bytes, d, &bytes), ErrorCode::BadFile, "stored artefact: a size of ", d);
        shape.push_back(d);
    }
    const std::int64_t size = integer();
    check(size == bytes, ErrorCode::BadFile, "stored artefact: tensor of ", bytes, " bytes holds ", size);
    const std::string_view data = take(static_cast<std::size_t>(size));
    at::Tensor out = at::empty(shape, static_cast<at::ScalarType>(type));
    std::memcpy(out.data_ptr(), data.data(), data.size());
    return out;
}

} // namespace mprdo

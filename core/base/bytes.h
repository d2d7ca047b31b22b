// SPDX-License-Identifier: GPL-3.0-or-later
// Artefacts as bytes: little-endian, length-prefixed, checked when read back.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

class ByteWriter {
public:
    ByteWriter& integer(std::int64_t);
    ByteWriter& number(double);
    ByteWriter& string(std::string_view);
    ByteWriter& tensor(const at::Tensor&); ///< type, shape and contents; undefined is kept as undefined
    const std::string& bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

/// \throws Error{BadFile} when the bytes end early or a length lies.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : m_rest(bytes) {}
    std::int64_t integer();
    double number();
    std::string string();
    at::Tensor tensor();
    bool atEnd() const { return m_rest.empty(); }

private:
    std::string_view take(std::size_t size);
    std::string_view m_rest;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a foreign file's bytes without ever reading past their end.
#pragma once
#include "core/base/error.h"
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace mprdo {

static_assert(std::endian::native == std::endian::little, "the files' numbers are little-endian and read as they lie");

/// name stands for the file in messages; bytes outlive the cursor.
class ByteCursor {
public:
    ByteCursor(std::string name, std::string_view bytes, std::size_t position = 0)
        : m_name(std::move(name))
        , m_bytes(bytes)
        , m_position(position)
    {
    }
    std::size_t position() const { return m_position; }
    std::size_t left() const { return m_bytes.size() - m_position; }

    /// \throws Error{BadFile} when fewer than size bytes are left; what names the thing being read.
    std::string_view take(std::uint64_t size, const char* what)
    {
        check(m_position <= m_bytes.size() && size <= left(), ErrorCode::BadFile, m_name, ": truncated: ", what, " at byte ",
              m_position, " needs ", size, " bytes, ", m_position <= m_bytes.size() ? left() : 0, " are left");
        const auto out = m_bytes.substr(m_position, size);
        m_position += size;
        return out;
    }
    template <class T>
    T number(const char* what)
    {
        T out;
        std::memcpy(&out, take(sizeof(T), what).data(), sizeof(T));
        return out;
    }
    /// Up to and without the next newline, which is passed over.
    std::string_view line(const char* what)
    {
        const auto end = m_bytes.find('\n', m_position);
        check(end != std::string_view::npos, ErrorCode::BadFile, m_name, ": truncated: ", what, " at byte ", m_position,
              " does not end");
        const auto out = take(end - m_position, what);
        ++m_position;
        return out;
    }

private:
    std::string m_name;
    std::string_view m_bytes;
    std::size_t m_position;
};

} // namespace mprdo

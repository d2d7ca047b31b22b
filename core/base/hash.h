// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4) of inputs: what an artefact's identity is made of.
#pragma once
#include "core/base/torch.h"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

/// Add the parts, then take hex(). Each part is length-prefixed, so that ("ab","c") and ("a","bc") differ.
class Hash {
public:
    Hash();
    Hash& add(std::string_view bytes);
    Hash& add(double value);
    Hash& add(std::int64_t value);
    Hash& add(int value) { return add(static_cast<std::int64_t>(value)); }
    Hash& add(bool value) { return add(static_cast<std::int64_t>(value)); }
    Hash& add(const char* text) { return add(std::string_view(text)); }
    /// Shape, type and contents.
    Hash& add(const at::Tensor& tensor);
    /// Bytes without the length prefix: the plain SHA-256 of a file.
    Hash& addRaw(const void* data, std::size_t size);
    /// 64 lower-case hex digits; the hash can go on being fed afterwards.
    std::string hex() const;

private:
    void block(const unsigned char* p);
    std::array<std::uint32_t, 8> m_h;
    std::array<unsigned char, 64> m_buffer{};
    std::uint64_t m_size = 0;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Codes of b bits as a little-endian bit stream: the packing of both export files.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// Bytes that count codes of the given width take: ceil(count * bits / 8).
std::int64_t packedBytes(std::int64_t count, int bits);

/// Code i occupies the stream's bits [i * bits, (i + 1) * bits), least significant bit first; bit k of the stream is bit
/// k % 8 of byte k / 8; the last byte is filled with zeros. bits: 1..8.
/// \throws Error{Usage} when bits is out of range; Error{Internal} when a code does not fit.
std::string packBits(const std::vector<std::uint8_t>& codes, int bits);

/// The inverse. \throws Error{BadFile} when packed is not exactly packedBytes(count, bits) long or its filling is not zero.
std::vector<std::uint8_t> unpackBits(std::string_view packed, std::int64_t count, int bits);

} // namespace mprdo

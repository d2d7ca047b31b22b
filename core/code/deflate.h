// SPDX-License-Identifier: GPL-3.0-or-later
// Texts and records compressed by RFC 1951, without header or checksum of their own.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

/// \throws Error{OutOfMemory}; Error{Unsupported} from 4 GiB on
std::string deflated(std::string_view contents);

/// The inverse. \param what names the thing in messages   \param size what it must unpack to; allocated at once, so bounded by the
/// caller   \throws Error{BadFile} unless packed makes exactly so many bytes
std::string inflated(const std::string& what, std::string_view packed, std::uint64_t size);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A zip archive in memory, as PyTorch's container wants it: stored records can start at a multiple of 64 bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// Holds no time: the same records, the same bytes. \throws Error{Unsupported} from 4 GiB on (no zip64).
class ZipWriter {
public:
    /// Uncompressed; the contents begin at a multiple of alignment (padded by an extra field, as PyTorch does).
    void store(const std::string& name, std::string_view contents, std::size_t alignment = 1);
    /// Compressed (RFC 1951).
    void deflate(const std::string& name, std::string_view contents);
    /// Appends the central directory; the writer is empty afterwards.
    std::string finish();

private:
    struct Entry {
        std::string name;
        std::uint16_t method = 0;
        std::uint32_t crc = 0, packedSize = 0, size = 0, offset = 0;
    };
    void add(const std::string& name, std::uint16_t method, std::string_view packed, std::string_view contents,
             std::size_t alignment);

    std::string m_bytes;
    std::vector<Entry> m_entries;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A zip archive in memory, read by its central directory. Stored and deflated entries, zip64.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mprdo {

class ZipArchive {
public:
    /// Reads the central directory; bytes outlive the archive, name stands for the file in messages.
    /// \throws Error{BadFile} truncated, or a directory that does not fit the file.
    ZipArchive(std::string name, std::string_view bytes);

    struct Entry {
        std::uint64_t compressed = 0, size = 0, localHeader = 0;
        std::uint32_t crc32 = 0; ///< 0: not computed, as PyTorch writes it on request
        int method = 0;
        bool encrypted = false;
    };
    const std::map<std::string, Entry>& entries() const { return m_entries; }

    /// An entry's contents. All entries read together may unpack to 16 times the file's size and 16 MiB, no more.
    /// \throws Error{BadFile} missing, outside the file, of another size or CRC-32 than it says; Error{Unsupported}
    /// encrypted or compressed otherwise.
    std::string read(const std::string& entry);

private:
    std::string_view compressedBytes(const std::string& name, const Entry&) const;
    std::string m_name;
    std::string_view m_bytes;
    std::map<std::string, Entry> m_entries;
    std::uint64_t m_budget;
};

} // namespace mprdo

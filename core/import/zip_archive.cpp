// SPDX-License-Identifier: GPL-3.0-or-later
// Format: PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 (zip64), 4.3.16 (end).
#include "core/import/zip_archive.h"
#include "core/code/deflate.h"
#include "core/import/byte_cursor.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <iomanip>
#include <zlib.h>

namespace mprdo {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20, kLongestComment = 65535;
constexpr std::uint64_t kIn64 = 0xffffffff; ///< a field whose value stands in the zip64 record

struct Directory {
    std::uint64_t entries = 0, offset = 0;
};

/// The end record stands last but for a comment: searched from the back.
std::size_t findEnd(const std::string& name, std::string_view bytes)
{
    const std::size_t least = bytes.size() > kEndSize + kLongestComment ? bytes.size() - kEndSize - kLongestComment : 0;
    const std::size_t at = bytes.rfind(std::string_view("PK\x05\x06", 4));
    check(at != std::string_view::npos && at >= least && at + kEndSize <= bytes.size(), ErrorCode::BadFile, name,
          ": truncated: the zip archive's directory at its end is missing");
    return at;
}

Directory findDirectory(const std::string& name, std::string_view bytes)
{
    const std::size_t end = findEnd(name, bytes);
    ByteCursor in(name, bytes, end + 10);
    Directory out;
    out.entries = in.number<std::uint16_t>("the number of zip entries");
    in.number<std::uint32_t>("the zip directory's size");
    out.offset = in.number<std::uint32_t>("the zip directory's place");
    if (end < kLocatorSize)
        return out;
    ByteCursor locator(name, bytes, end - kLocatorSize);
    if (locator.number<std::uint32_t>("a zip64 locator") != kLocator64)
        return out;
    locator.number<std::uint32_t>("a zip64 locator");
    const auto at = locator.number<std::uint64_t>("a zip64 locator");
    check(at < end, ErrorCode::BadFile, name, ": the zip64 record at byte ", at, " lies outside the file");
    ByteCursor wide(name, bytes, at);
    check(wide.number<std::uint32_t>("the zip64 record") == kEnd64, ErrorCode::BadFile, name, ": no zip64 record at byte ", at);
    wide.take(28, "the zip64 record");
    out.entries = wide.number<std::uint64_t>("the number of zip entries");
    wide.number<std::uint64_t>("the zip directory's size");
    out.offset = wide.number<std::uint64_t>("the zip directory's place");
    return out;
}

/// Fields that did not fit 32 bits, in the extra field with tag 1, in this order.
void readWideFields(const std::string& name, std::string_view extra, ZipArchive::Entry& entry)
{
    ByteCursor in(name, extra);
    while (in.left() >= 4) {
        const auto tag = in.number<std::uint16_t>("a zip extra field");
        const std::string_view field = in.take(in.number<std::uint16_t>("a zip extra field"), "a zip extra field");
        if (tag != 1)
            continue;
        ByteCursor wide(name, field);
        for (std::uint64_t* value : {&entry.size, &entry.compressed, &entry.localHeader})
            if (*value == kIn64)
                *value = wide.number<std::uint64_t>("a zip64 field");
    }
}

void checkCrc(const std::string& what, std::string_view contents, std::uint32_t expected)
{
    if (expected == 0)
        return;
    const auto got = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(contents.data()), contents.size()));
    const auto hex = [](std::uint32_t value) {
        std::ostringstream out;
        out << std::hex << std::setw(8) << std::setfill('0') << value;
        return out.str();
    };
    if (got != expected)
        throw Error(ErrorCode::BadFile, text(what, " is damaged: its CRC-32 is ", hex(got), ", not ", hex(expected)));
}

} // namespace

ZipArchive::ZipArchive(std::string name, std::string_view bytes)
    : m_name(std::move(name))
    , m_bytes(bytes)
    , m_budget(16 * bytes.size() + (std::uint64_t(16) << 20))
{
    const Directory directory = findDirectory(m_name, bytes);
    check(directory.offset <= bytes.size(), ErrorCode::BadFile, m_name, ": the zip directory at byte ", directory.offset,
          " lies outside the file");
    ByteCursor in(m_name, bytes, directory.offset);
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        check(in.number<std::uint32_t>("a zip directory entry") == kCentral, ErrorCode::BadFile, m_name,
              ": the zip directory is damaged at entry ", i);
        in.take(4, "a zip directory entry"); // versions
        Entry entry;
        entry.encrypted = (in.number<std::uint16_t>("a zip directory entry") & 1) != 0;
        entry.method = in.number<std::uint16_t>("a zip directory entry");
        in.take(4, "a zip directory entry"); // time, date
        entry.crc32 = in.number<std::uint32_t>("a zip directory entry");
        entry.compressed = in.number<std::uint32_t>("a zip directory entry");
        entry.size = in.number<std::uint32_t>("a zip directory entry");
        const auto nameSize = in.number<std::uint16_t>("a zip directory entry");
        const auto extraSize = in.number<std::uint16_t>("a zip directory entry");
        const auto commentSize = in.number<std::uint16_t>("a zip directory entry");
        in.take(8, "a zip directory entry"); // disk, attributes
        entry.localHeader = in.number<std::uint32_t>("a zip directory entry");
        const std::string entryName(in.take(nameSize, "a zip entry's name"));
        readWideFields(m_name, in.take(extraSize, "a zip extra field"), entry);
        in.take(commentSize, "a zip entry's comment");
        check(m_entries.emplace(entryName, entry).second, ErrorCode::BadFile, m_name, ": the zip entry ", printable(entryName),
              " is there twice");
    }
}

std::string_view ZipArchive::compressedBytes(const std::string& name, const Entry& entry) const
{
    check(entry.localHeader <= m_bytes.size(), ErrorCode::BadFile, m_name, ": the zip entry ", printable(name), " at byte ",
          entry.localHeader, " lies outside the file");
    ByteCursor in(m_name, m_bytes, entry.localHeader);
    check(in.number<std::uint32_t>("a zip entry's header") == kLocal, ErrorCode::BadFile, m_name, ": the zip entry ",
          printable(name), " has no header at byte ", entry.localHeader);
    in.take(22, "a zip entry's header"); // sizes stand in the directory
    const auto nameSize = in.number<std::uint16_t>("a zip entry's header");
    const auto extraSize = in.number<std::uint16_t>("a zip entry's header");
    in.take(std::uint64_t(nameSize) + extraSize, "a zip entry's header");
    return in.take(entry.compressed, "a zip entry");
}

std::string ZipArchive::read(const std::string& name)
{
    const auto it = m_entries.find(name);
    check(it != m_entries.end(), ErrorCode::BadFile, m_name, ": the zip entry ", printable(name), " is missing");
    const Entry& entry = it->second;
    const std::string what = text(m_name, ": the zip entry ", printable(name));
    check(!entry.encrypted, ErrorCode::Unsupported, what, " is encrypted");
    check(entry.method == 0 || entry.method == 8, ErrorCode::Unsupported, what, " is compressed by method ", entry.method,
          "; stored and deflated ones can be read");
    check(entry.size <= m_budget, ErrorCode::BadFile, what, " claims to unpack to ", entry.size,
          " bytes, more than a file of ", m_bytes.size(), " bytes may");
    const std::string_view packed = compressedBytes(name, entry);
    m_budget -= entry.size;
    check(entry.method == 8 || entry.compressed == entry.size, ErrorCode::BadFile, what, " is stored in ", entry.compressed,
          " bytes but claims ", entry.size);
    std::string out = entry.method == 8 ? inflated(what, packed, entry.size) : std::string(packed);
    checkCrc(what, out, entry.crc32);
    return out;
}

} // namespace mprdo

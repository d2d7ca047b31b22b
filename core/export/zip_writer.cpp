// SPDX-License-Identifier: GPL-3.0-or-later
// Field layout: PKWARE APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
#include "core/export/zip_writer.h"
#include "core/base/error.h"
#include "core/code/deflate.h"
#include <limits>
#include <utility>
#include <zlib.h>

namespace mprdo {
namespace {

constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::size_t kLocalHeader = 30, kExtraHeader = 4;

void put16(std::string& out, std::uint64_t value)
{
    out.push_back(static_cast<char>(value & 0xff));
    out.push_back(static_cast<char>(value >> 8 & 0xff));
}

void put32(std::string& out, std::uint64_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

std::uint32_t fits(std::uint64_t value)
{
    check(value < std::numeric_limits<std::uint32_t>::max(), ErrorCode::Unsupported,
          "the export would take 4 GiB or more, which its container cannot hold");
    return static_cast<std::uint32_t>(value);
}

/// An extra field "FB" that makes the contents start at a multiple of alignment; empty when they do already.
std::string paddingTo(std::size_t alignment, std::size_t start)
{
    std::size_t gap = (alignment - start % alignment) % alignment;
    if (gap == 0)
        return {};
    while (gap < kExtraHeader)
        gap += alignment;
    std::string extra = "FB";
    put16(extra, gap - kExtraHeader);
    extra.append(gap - kExtraHeader, 'Z');
    return extra;
}

} // namespace

void ZipWriter::add(const std::string& name, std::uint16_t method, std::string_view packed, std::string_view contents,
                    std::size_t alignment)
{
    Entry entry;
    entry.name = name;
    entry.method = method;
    entry.crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(contents.data()), contents.size()));
    entry.packedSize = fits(packed.size());
    entry.size = fits(contents.size());
    entry.offset = fits(m_bytes.size());
    const std::string extra = paddingTo(alignment, m_bytes.size() + kLocalHeader + name.size());
    put32(m_bytes, 0x04034b50);
    put16(m_bytes, method == kStored ? 10 : 20); // version needed to extract
    put16(m_bytes, 0);                           // flags
    put16(m_bytes, method);
    put32(m_bytes, 0);                           // time and date: none
    put32(m_bytes, entry.crc);
    put32(m_bytes, entry.packedSize);
    put32(m_bytes, entry.size);
    put16(m_bytes, name.size());
    put16(m_bytes, extra.size());
    m_bytes += name;
    m_bytes += extra;
    m_bytes += packed;
    m_entries.push_back(std::move(entry));
}

void ZipWriter::store(const std::string& name, std::string_view contents, std::size_t alignment)
{
    add(name, kStored, contents, contents, alignment);
}

void ZipWriter::deflate(const std::string& name, std::string_view contents)
{
    fits(contents.size());
    const std::string packed = deflated(contents);
    add(name, kDeflated, packed, contents, 1);
}

std::string ZipWriter::finish()
{
    const std::uint32_t begin = fits(m_bytes.size());
    for (const Entry& entry : m_entries) {
        put32(m_bytes, 0x02014b50);
        put16(m_bytes, 20);                                // made by: MS-DOS, version 2.0
        put16(m_bytes, entry.method == kStored ? 10 : 20); // version needed to extract
        put16(m_bytes, 0);
        put16(m_bytes, entry.method);
        put32(m_bytes, 0);
        put32(m_bytes, entry.crc);
        put32(m_bytes, entry.packedSize);
        put32(m_bytes, entry.size);
        put16(m_bytes, entry.name.size());
        put16(m_bytes, 0);                                 // extra field
        put16(m_bytes, 0);                                 // comment
        put16(m_bytes, 0);                                 // disk
        put16(m_bytes, 0);                                 // internal attributes
        put32(m_bytes, 0);                                 // external attributes
        put32(m_bytes, entry.offset);
        m_bytes += entry.name;
    }
    const std::uint32_t size = fits(m_bytes.size()) - begin;
    put32(m_bytes, 0x06054b50);
    put32(m_bytes, 0);                                     // disks
    put16(m_bytes, m_entries.size());
    put16(m_bytes, m_entries.size());
    put32(m_bytes, size);
    put32(m_bytes, begin);
    put16(m_bytes, 0);                                     // comment
    m_entries.clear();
    return std::exchange(m_bytes, {});
}

} // namespace mprdo

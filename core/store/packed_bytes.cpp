// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/packed_bytes.h"
#include "core/base/error.h"
#include <cstdint>
#include <zlib.h>

namespace mprdo {
namespace {

constexpr std::string_view kMagic = "mprdo-deflate\n";
constexpr std::size_t kLength = 8, kHead = kMagic.size() + kLength;
constexpr std::size_t kWorthIt = 4096;   // shorter ones stay as they are
constexpr std::uint64_t kMostPerByte = 1032; // what one byte of deflate can stand for

/// Ends the stream whichever way its function is left.
template <int (*end)(z_stream*)>
struct Stream : z_stream {
    Stream() : z_stream() {}
    ~Stream() { end(this); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void give(std::string_view in, char* out, std::size_t room)
    {
        next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        avail_in = static_cast<uInt>(in.size());
        next_out = reinterpret_cast<Bytef*>(out);
        avail_out = static_cast<uInt>(room);
    }
};

} // namespace

std::string packed(std::string_view bytes)
{
    if (bytes.size() < kWorthIt || bytes.size() > 0xffffffffu)
        return std::string(bytes);
    Stream<deflateEnd> stream;
    check(deflateInit2(&stream, 1, Z_DEFLATED, 15, 9, Z_HUFFMAN_ONLY) == Z_OK, ErrorCode::OutOfMemory,
          "not enough memory to pack ", bytes.size(), " bytes");
    std::string out(kMagic);
    for (std::size_t i = 0; i < kLength; ++i)
        out += static_cast<char>(bytes.size() >> (8 * i) & 0xff);
    out.resize(bytes.size());
    stream.give(bytes, out.data() + kHead, out.size() - kHead);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) // it would be larger
        return std::string(bytes);
    out.resize(kHead + stream.total_out);
    return out;
}

std::string unpacked(std::string_view bytes)
{
    if (!bytes.starts_with(kMagic))
        return std::string(bytes);
    const auto damaged = [&](bool good) { check(good, ErrorCode::BadFile, "packed bytes are cut or damaged"); };
    damaged(bytes.size() > kHead);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLength; ++i)
        length |= std::uint64_t(static_cast<unsigned char>(bytes[kMagic.size() + i])) << (8 * i);
    const std::string_view body = bytes.substr(kHead);
    damaged(length <= body.size() * kMostPerByte && length <= 0xffffffffu && body.size() <= 0xffffffffu);
    Stream<inflateEnd> stream;
    check(inflateInit(&stream) == Z_OK, ErrorCode::OutOfMemory, "not enough memory to unpack ", length, " bytes");
    std::string out(length, '\0');
    stream.give(body, out.data(), out.size());
    damaged(inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == length && stream.avail_in == 0);
    return out;
}

} // namespace mprdo

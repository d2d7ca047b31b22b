// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/deflate.h"
#include "core/base/error.h"
#include <algorithm>
#include <limits>
#include <zlib.h>

namespace mprdo {

std::string deflated(std::string_view contents)
{
    check(contents.size() < std::numeric_limits<std::uint32_t>::max(), ErrorCode::Unsupported, contents.size(),
          " bytes are too many to compress");
    z_stream stream{};
    check(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK,
          ErrorCode::OutOfMemory, "not enough memory to compress ", contents.size(), " bytes");
    std::string packed(deflateBound(&stream, contents.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data())); // zlib does not write to it
    stream.avail_in = static_cast<uInt>(contents.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int end = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    check(end == Z_STREAM_END, ErrorCode::Internal, "compressing ", contents.size(), " bytes failed");
    return packed;
}

std::string inflated(const std::string& what, std::string_view packed, std::uint64_t size)
{
    std::string out(size, '\0');
    z_stream stream{};
    check(inflateInit2(&stream, -MAX_WBITS) == Z_OK, ErrorCode::OutOfMemory, what, ": zlib cannot start");
    std::size_t consumed = 0, made = 0;
    int status = Z_OK;
    // zlib counts in 32 bits: both sides are handed over in pieces.
    constexpr std::size_t piece = std::size_t(1) << 30;
    char spare = 0; // one byte more than announced would land here
    while (status == Z_OK) {
        const std::size_t give = std::min(piece, packed.size() - consumed);
        const std::size_t room = made < out.size() ? std::min(piece, out.size() - made) : 1;
        stream.next_in
            = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + consumed)); // zlib's interface; not written to
        stream.avail_in = static_cast<uInt>(give);
        stream.next_out = reinterpret_cast<Bytef*>(made < out.size() ? out.data() + made : &spare);
        stream.avail_out = static_cast<uInt>(room);
        status = inflate(&stream, Z_NO_FLUSH);
        const std::size_t used = give - stream.avail_in, written = room - stream.avail_out;
        consumed += used;
        made += written;
        if (made > out.size() || (used == 0 && written == 0))
            break;
    }
    inflateEnd(&stream);
    check(status == Z_STREAM_END && made == size, ErrorCode::BadFile, what, ": does not unpack to the ", size,
          " promised bytes");
    return out;
}

} // namespace mprdo

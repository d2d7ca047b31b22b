// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/image_formats.h"
#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

namespace mprdo {
namespace {

int orientationOf(const WebPData& data)
{
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&data), WebPDemuxDelete);
    WebPChunkIterator chunk;
    if (demuxer == nullptr || WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) == 0)
        return 1;
    const int out = exifOrientation({reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
    WebPDemuxReleaseChunkIterator(&chunk);
    return out;
}

} // namespace

DecodedImage decodeWebp(const std::string& name, std::string_view bytes)
{
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    WebPBitstreamFeatures features;
    check(WebPGetFeatures(data, bytes.size(), &features) == VP8_STATUS_OK, ErrorCode::BadFile, name,
          ": a broken WebP (its head cannot be read)");
    check(features.has_animation == 0, ErrorCode::Unsupported, name, ": an animated WebP; single images are read");
    checkSides(name, features.height, features.width);
    DecodedImage out;
    out.rgb = at::empty({features.height, features.width, 3}, at::kByte);
    check(WebPDecodeRGBInto(data, bytes.size(), out.rgb.data_ptr<std::uint8_t>(), static_cast<std::size_t>(out.rgb.numel()),
                            features.width * 3)
              != nullptr,
          ErrorCode::BadFile, name, ": a broken WebP (its pixels cannot be decoded)");
    out.orientation = orientationOf({data, bytes.size()});
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/decode_image.h"
#include "core/data/image_formats.h"
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <jpeglib.h>
#include <jerror.h>

namespace mprdo {
namespace {

constexpr int kMostScans = 500; // a progressive file has about ten; each costs a pass over the image
constexpr int kExifMarker = JPEG_APP0 + 1;

/// libjpeg reports through callbacks that must not return: they jump back to where reading began.
struct JpegErrors {
    jpeg_error_mgr base; // first, so that a pointer to it is a pointer to the whole
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void failed(j_common_ptr info)
{
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->back, 1);
}

void said(j_common_ptr info, int level)
{
    const int code = info->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
        failed(info); // the data are corrupt or end early, and libjpeg would fill up with grey
}

void watchScans(j_common_ptr info)
{
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) {
        std::snprintf(errors->message, sizeof errors->message, "more than %d scans", kMostScans);
        std::longjmp(errors->back, 1);
    }
}

/// Frees what libjpeg holds, when everything else has been left.
struct Decompressor {
    Decompressor()
    {
        std::memset(&info, 0, sizeof info);
        std::memset(&errors, 0, sizeof errors);
        std::memset(&progress, 0, sizeof progress);
        info.err = jpeg_std_error(&errors.base);
        errors.base.error_exit = failed;
        errors.base.emit_message = said;
        progress.progress_monitor = watchScans;
    }
    ~Decompressor() { jpeg_destroy_decompress(&info); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    jpeg_decompress_struct info;
    JpegErrors errors;
    jpeg_progress_mgr progress;
};

// Nothing with a destructor lives in these two: longjmp would skip it.

bool readHead(Decompressor& d, std::string_view bytes)
{
    if (setjmp(d.errors.back) != 0)
        return false;
    jpeg_create_decompress(&d.info);
    d.info.progress = &d.progress;
    jpeg_mem_src(&d.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&d.info, kExifMarker, 0xffff);
    jpeg_read_header(&d.info, TRUE);
    return true;
}

bool readPixels(Decompressor& d, std::uint8_t* const pixels, const int channels)
{
    if (setjmp(d.errors.back) != 0)
        return false;
    d.info.out_color_space = channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&d.info);
    while (d.info.output_scanline < d.info.output_height) {
        JSAMPROW row = pixels + std::size_t(d.info.output_scanline) * d.info.output_width * std::size_t(channels);
        jpeg_read_scanlines(&d.info, &row, 1);
    }
    jpeg_finish_decompress(&d.info);
    return true;
}

/// a * b / 255, rounded (Pillow's MULDIV255).
int scaled(int a, int b)
{
    const int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/// Adobe stores ink inverted: 255 is bare paper. [H, W, 4] -> [H, W, 3] as Pillow converts it.
at::Tensor printed(const at::Tensor& cmyk)
{
    at::Tensor out = at::empty({cmyk.size(0), cmyk.size(1), 3}, at::kByte);
    const auto* from = cmyk.data_ptr<std::uint8_t>();
    auto* to = out.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < cmyk.size(0) * cmyk.size(1); ++i, from += 4, to += 3)
        for (int k = 0; k < 3; ++k)
            to[k] = static_cast<std::uint8_t>(from[3] - scaled(255 - from[k], from[3]));
    return out;
}

} // namespace

DecodedImage decodeJpeg(const std::string& name, std::string_view bytes)
{
    Decompressor d;
    const auto sound = [&](bool read) {
        check(read, ErrorCode::BadFile, name, ": a broken JPEG (", d.errors.message, ")");
    };
    sound(readHead(d, bytes));
    const std::int64_t height = d.info.image_height, width = d.info.image_width;
    checkSides(name, height, width);
    DecodedImage out;
    for (auto* marker = d.info.marker_list; marker != nullptr; marker = marker->next) {
        const std::string_view block(reinterpret_cast<const char*>(marker->data), marker->data_length);
        if (marker->marker == kExifMarker && block.starts_with("Exif"))
            out.orientation = exifOrientation(block);
    }
    const bool ink = d.info.jpeg_color_space == JCS_CMYK || d.info.jpeg_color_space == JCS_YCCK;
    const int channels = ink ? 4 : 3;
    out.rgb = at::empty({height, width, channels}, at::kByte);
    sound(readPixels(d, out.rgb.data_ptr<std::uint8_t>(), channels));
    if (ink)
        out.rgb = printed(out.rgb);
    return out;
}

} // namespace mprdo

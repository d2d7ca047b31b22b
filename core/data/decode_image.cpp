// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/decode_image.h"
#include "core/base/error.h"
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <jpeglib.h>
#include <png.h>

namespace mprdo {
namespace {

/// [H, W, 3] as read -> [3, H, W].
at::Tensor planes(const at::Tensor& interleaved) { return interleaved.permute({2, 0, 1}).contiguous(); }

void checkSides(const std::string& name, std::int64_t height, std::int64_t width)
{
    check(height > 0 && width > 0 && height <= kLargestImageSide && width <= kLargestImageSide, ErrorCode::BadFile, name,
          ": an image of ", width, " x ", height, " pixels, at most ", kLargestImageSide, " a side are read");
}

at::Tensor decodePng(const std::string& name, std::string_view bytes)
{
    struct Image : png_image {
        Image() : png_image{} { version = PNG_IMAGE_VERSION; }
        ~Image() { png_image_free(this); }
        Image(const Image&) = delete;
        Image& operator=(const Image&) = delete;
    } image;
    // libpng's simplified reader is content without the end of the file.
    check(bytes.find("IEND\xae\x42\x60\x82") != std::string_view::npos, ErrorCode::BadFile, name,
          ": a broken PNG (it ends early)");
    const auto broken = [&] { throw Error(ErrorCode::BadFile, text(name, ": a broken PNG (", image.message, ")")); };
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0)
        broken();
    checkSides(name, image.height, image.width);
    image.format = PNG_FORMAT_RGB;
    at::Tensor out = at::empty({image.height, image.width, 3}, at::kByte);
    const png_color black{0, 0, 0};
    if (png_image_finish_read(&image, &black, out.data_ptr<std::uint8_t>(), 0, nullptr) == 0)
        broken();
    return planes(out);
}

/// libjpeg reports through callbacks that must not return: they jump back to decodeJpeg.
struct JpegErrors {
    jpeg_error_mgr base; // first, so that a pointer to it is a pointer to the whole
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void jpegFailed(j_common_ptr info)
{
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->back, 1);
}

void jpegSaid(j_common_ptr info, int level)
{
    if (level < 0) // a warning: the data are corrupt or end early, and libjpeg would fill up with grey
        jpegFailed(info);
}

/// Nothing with a destructor lives in here: longjmp would skip it. allocate makes room for [height, width, 3].
template <class Allocate>
bool readJpeg(jpeg_decompress_struct& info, JpegErrors& errors, std::string_view bytes, const Allocate& allocate)
{
    if (setjmp(errors.back) != 0)
        return false;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    std::uint8_t* row = allocate(info.image_height, info.image_width);
    if (row == nullptr)
        return false;
    info.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW into = row;
        jpeg_read_scanlines(&info, &into, 1);
        row += std::size_t(info.output_width) * 3;
    }
    jpeg_finish_decompress(&info);
    return true;
}

at::Tensor decodeJpeg(const std::string& name, std::string_view bytes)
{
    jpeg_decompress_struct info;
    std::memset(&info, 0, sizeof info);
    JpegErrors errors;
    std::memset(&errors, 0, sizeof errors);
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = jpegFailed;
    errors.base.emit_message = jpegSaid;
    at::Tensor out;
    std::int64_t height = 0, width = 0;
    const bool read = readJpeg(info, errors, bytes, [&](std::int64_t h, std::int64_t w) -> std::uint8_t* {
        height = h;
        width = w;
        if (h > kLargestImageSide || w > kLargestImageSide || h < 1 || w < 1)
            return nullptr;
        out = at::empty({h, w, 3}, at::kByte);
        return out.data_ptr<std::uint8_t>();
    });
    jpeg_destroy_decompress(&info);
    if (height > 0 && !out.defined())
        checkSides(name, height, width);
    check(read, ErrorCode::BadFile, name, ": a broken JPEG (", errors.message, ")");
    return planes(out);
}

} // namespace

at::Tensor decodeImage(const std::string& name, std::string_view bytes)
{
    using namespace std::string_view_literals;
    if (bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"sv)
        return decodePng(name, bytes);
    if (bytes.substr(0, 3) == "\xff\xd8\xff"sv)
        return decodeJpeg(name, bytes);
    throw Error(ErrorCode::BadFile, text(name, ": ", bytes.empty() ? "an empty file" : "neither PNG nor JPEG"));
}

} // namespace mprdo

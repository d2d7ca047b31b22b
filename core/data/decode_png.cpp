// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/image_formats.h"
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>
#include <vector>

namespace mprdo {
namespace {

/// What libpng's callbacks work on.
struct Source {
    std::string_view bytes;
    std::size_t position = 0;
    char message[200] = "";
};

void readBytes(png_structp png, png_bytep to, png_size_t count)
{
    auto* source = static_cast<Source*>(png_get_io_ptr(png));
    if (count > source->bytes.size() - source->position)
        png_error(png, "it ends early");
    std::memcpy(to, source->bytes.data() + source->position, count);
    source->position += count;
}

[[noreturn]] void failed(png_structp png, png_const_charp message)
{
    auto* source = static_cast<Source*>(png_get_error_ptr(png));
    std::snprintf(source->message, sizeof source->message, "%s", message);
    png_longjmp(png, 1);
}

void said(png_structp, png_const_charp) {} // of ancillary chunks, which are left out then

/// libpng's two structures, freed together.
struct Reader {
    explicit Reader(Source& source)
        : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, failed, said))
        , info(png != nullptr ? png_create_info_struct(png) : nullptr)
    {
        check(info != nullptr, ErrorCode::OutOfMemory, "a PNG cannot be read: no memory");
        png_set_read_fn(png, &source, readBytes);
    }
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    png_structp png;
    png_infop info;
};

// Nothing with a destructor lives in the functions that libpng may leave by longjmp.

/// Everything in front of the pixels; they will come as RGB of 8 bits.
bool readHead(const Reader& reader)
{
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_read_info(reader.png, reader.info);
    return true;
}

bool prepare(const Reader& reader)
{
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_set_strip_16(reader.png);
    png_set_packing(reader.png);
    const int kind = png_get_color_type(reader.png, reader.info);
    if (kind == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(reader.png);
    if (kind == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(reader.png, reader.info) < 8)
        png_set_expand_gray_1_2_4_to_8(reader.png);
    if (kind == PNG_COLOR_TYPE_GRAY || kind == PNG_COLOR_TYPE_GRAY_ALPHA)
        png_set_gray_to_rgb(reader.png);
    png_set_strip_alpha(reader.png); // where a palette or tRNS brings one as well
    png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
    return true;
}

bool readPixels(const Reader& reader, png_bytepp rows)
{
    if (setjmp(png_jmpbuf(reader.png)) != 0)
        return false;
    png_read_image(reader.png, rows);
    png_read_end(reader.png, reader.info);
    return true;
}

} // namespace

DecodedImage decodePng(const std::string& name, std::string_view bytes)
{
    Source source{bytes};
    const Reader reader(source);
    const auto sound = [&](bool read) {
        check(read, ErrorCode::BadFile, name, ": a broken PNG (", source.message, ")");
    };
    sound(readHead(reader));
    const std::int64_t height = png_get_image_height(reader.png, reader.info);
    const std::int64_t width = png_get_image_width(reader.png, reader.info);
    checkSides(name, height, width);
    sound(prepare(reader));
    check(png_get_rowbytes(reader.png, reader.info) == static_cast<std::size_t>(width) * 3, ErrorCode::BadFile, name,
          ": a PNG whose rows do not come as RGB");
    DecodedImage out;
    out.rgb = at::empty({height, width, 3}, at::kByte);
    std::vector<png_bytep> rows;
    for (std::int64_t r = 0; r < height; ++r)
        rows.push_back(out.rgb.data_ptr<std::uint8_t>() + r * width * 3);
    sound(readPixels(reader, rows.data()));
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    if (png_get_eXIf_1(reader.png, reader.info, &size, &exif) != 0)
        out.orientation = exifOrientation({reinterpret_cast<const char*>(exif), size});
    return out;
}

} // namespace mprdo

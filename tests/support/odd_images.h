// SPDX-License-Identifier: GPL-3.0-or-later
// Images of the kinds that cameras, printers and old programs write.
#pragma once
#include "tests/support/encoded_images.h"
#include <cstring>
#include <webp/encode.h>

namespace mprdo::test {

/// A PNG as libpng writes rows that are packed already. palette: RGB triples, where kind is PNG_COLOR_TYPE_PALETTE.
inline QByteArray pngOfRows(int height, int width, int kind, int depth, const std::vector<QByteArray>& rows,
                            const QByteArray& palette = {}, const QByteArray& exif = {}, bool interlaced = false)
{
    QByteArray out;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &out,
        [](png_structp p, png_bytep data, png_size_t size) {
            static_cast<QByteArray*>(png_get_io_ptr(p))->append(reinterpret_cast<const char*>(data), qsizetype(size));
        },
        nullptr);
    png_set_IHDR(png, info, png_uint_32(width), png_uint_32(height), depth, kind,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    std::vector<png_color> colours;
    for (qsizetype i = 0; i + 2 < palette.size(); i += 3)
        colours.push_back({png_byte(palette[i]), png_byte(palette[i + 1]), png_byte(palette[i + 2])});
    png_byte transparent = 0; // the palette's first colour
    if (!colours.empty()) {
        png_set_PLTE(png, info, colours.data(), int(colours.size()));
        png_set_tRNS(png, info, &transparent, 1, nullptr);
    }
    png_set_gAMA(png, info, 1.0); // says linear light; classifiers read bytes as they are
    QByteArray block = exif;
    if (!exif.isEmpty())
        png_set_eXIf_1(png, info, png_uint_32(block.size()), reinterpret_cast<png_bytep>(block.data()));
    png_write_info(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; ++pass)
        for (const QByteArray& row : rows)
            png_write_row(png, reinterpret_cast<png_const_bytep>(row.constData()));
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out;
}

/// channels 4: CMYK as Adobe stores it, 255 for no ink.
inline QByteArray jpegOfKind(int height, int width, int channels, bool progressive, const Pixel& pixel)
{
    return jpegBytes(height, width, channels, pixel, [&](jpeg_compress_struct& info) {
        info.write_Adobe_marker = TRUE;
        if (progressive)
            jpeg_simple_progression(&info);
    });
}

/// A TIFF block with one entry: the orientation.
inline QByteArray exifBlock(int orientation, bool littleEndian)
{
    QByteArray out = littleEndian ? QByteArray("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18)
                                  : QByteArray("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01", 18);
    out += littleEndian ? QByteArray(1, char(orientation)) + QByteArray(3, '\0')
                        : QByteArray(1, '\0') + char(orientation) + QByteArray(2, '\0');
    return out + QByteArray(4, '\0'); // no further directory
}

/// The JPEG with that block behind its head.
inline QByteArray withExif(const QByteArray& jpeg, const QByteArray& block)
{
    const QByteArray body = QByteArray("Exif\0\0", 6) + block;
    const auto size = int(body.size()) + 2;
    return jpeg.left(2) + "\xff\xe1" + char(size >> 8) + char(size & 255) + body + jpeg.mid(2);
}

inline QByteArray webpBytes(int height, int width, const Pixel& pixel)
{
    const auto pixels = interleaved(height, width, 3, pixel);
    std::uint8_t* memory = nullptr;
    const std::size_t size = WebPEncodeLosslessRGB(pixels.data(), width, height, width * 3, &memory);
    QByteArray out(reinterpret_cast<const char*>(memory), qsizetype(size));
    WebPFree(memory);
    return out;
}

} // namespace mprdo::test

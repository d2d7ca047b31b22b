// SPDX-License-Identifier: GPL-3.0-or-later
// PNG and JPEG bytes made by the reference libraries.
#pragma once
#include <QByteArray>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <jpeglib.h>
#include <png.h>
#include <vector>

namespace mprdo::test {

/// pixel(row, column, channel), channels: 1 grey, 3 RGB, 4 RGBA.
using Pixel = std::function<unsigned char(int, int, int)>;

inline std::vector<unsigned char> interleaved(int height, int width, int channels, const Pixel& pixel)
{
    std::vector<unsigned char> out;
    for (int r = 0; r < height; ++r)
        for (int c = 0; c < width; ++c)
            for (int k = 0; k < channels; ++k)
                out.push_back(pixel(r, c, k));
    return out;
}

inline QByteArray pngBytes(int height, int width, int channels, const Pixel& pixel)
{
    const auto pixels = interleaved(height, width, channels, pixel);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    png_alloc_size_t size = 0;
    if (!png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr))
        qFatal("png: %s", image.message);
    QByteArray out(static_cast<qsizetype>(size), '\0');
    if (!png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), 0, nullptr))
        qFatal("png: %s", image.message);
    return out;
}

/// channels 4: CMYK. \param settle  what is not as usual, before the first row
inline QByteArray jpegBytes(int height, int width, int channels, const Pixel& pixel, const std::function<void(jpeg_compress_struct&)>& settle = {})
{
    auto pixels = interleaved(height, width, channels, pixel);
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &memory, &size);
    info.image_width = static_cast<JDIMENSION>(width);
    info.image_height = static_cast<JDIMENSION>(height);
    info.input_components = channels;
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 100, TRUE);
    if (settle)
        settle(info);
    jpeg_start_compress(&info, TRUE);
    for (int r = 0; r < height; ++r) {
        JSAMPROW row = pixels.data() + r * width * channels;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    QByteArray out(reinterpret_cast<const char*>(memory), static_cast<qsizetype>(size));
    jpeg_destroy_compress(&info);
    std::free(memory);
    return out;
}

} // namespace mprdo::test

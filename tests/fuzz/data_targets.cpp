// SPDX-License-Identifier: GPL-3.0-or-later
// Images from outside.
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/decode_image.h"
#include "core/data/npy_array.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/support/torch_files.h"
#include <cstdlib>
#include <jpeglib.h>
#include <png.h>

namespace mprdo::fuzz {
namespace {

Files pictures()
{
    std::vector<unsigned char> pixels(9 * 7 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<unsigned char>(i * 37);
    Files out;
    for (const png_uint_32 format : {png_uint_32(PNG_FORMAT_RGB), png_uint_32(PNG_FORMAT_GRAY)}) {
        png_image image{};
        image.version = PNG_IMAGE_VERSION;
        image.width = 7;
        image.height = 9;
        image.format = format;
        png_alloc_size_t size = 0;
        png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
        std::string bytes(size, '\0');
        png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
        out.push_back(bytes.substr(0, size));
    }
    jpeg_compress_struct compress{};
    jpeg_error_mgr errors{};
    compress.err = jpeg_std_error(&errors);
    jpeg_create_compress(&compress);
    unsigned char* made = nullptr;
    unsigned long madeSize = 0;
    jpeg_mem_dest(&compress, &made, &madeSize);
    compress.image_width = 7;
    compress.image_height = 9;
    compress.input_components = 3;
    compress.in_color_space = JCS_RGB;
    jpeg_set_defaults(&compress);
    jpeg_start_compress(&compress, TRUE);
    for (std::size_t row = 0; row < 9; ++row) {
        JSAMPROW line = pixels.data() + row * 21;
        jpeg_write_scanlines(&compress, &line, 1);
    }
    jpeg_finish_compress(&compress);
    out.emplace_back(reinterpret_cast<char*>(made), madeSize);
    jpeg_destroy_compress(&compress);
    std::free(made);
    return out;
}
void readPicture(const std::string& bytes) { decodeImage("fuzz.png", bytes); }

std::string npy(std::string head, const std::string& elements)
{
    head.append((64 - (10 + head.size() + 1) % 64) % 64, ' ');
    head += '\n';
    return std::string("\x93NUMPY\x01\0", 8) + char(head.size()) + char(head.size() >> 8) + head + elements;
}
/// Images as bytes and as floats, in both orders, labels; and an archive of all four arrays.
Files arrays()
{
    const auto head = [](const char* type, const char* order, const char* shape) {
        return std::string("{'descr': '") + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    };
    const std::string images = npy(head("|u1", "False", "(6, 4, 4, 3)"), std::string(6 * 48, '\7')),
                      labels = npy(head("<i8", "False", "(6,)"), std::string(48, '\0'));
    return {images, labels, npy(head("<f4", "True", "(2, 1, 4, 4)"), std::string(128, '\0')), npy(head(">f8", "False", "(2, 4, 4)"), std::string(256, '\0')),
            test::zipFile({{"x_train.npy", images, false, 0}, {"y_train.npy", labels, false, 0}, {"x_test.npy", images, false, 0},
                           {"y_test.npy", labels, false, 0}})};
}
void readArrays(const std::string& bytes)
{
    if (bytes.starts_with("PK")) {
        openDataset(ownFile(".npz", bytes), RunControl());
        return;
    }
    const NpyArray array = readNpy("fuzz.npy", bytes);
    if (array.shape.size() == 1)
        npyLabels(array);
    else
        npyImages(array);
}

} // namespace

std::vector<Target> dataTargets()
{
    return {
        {"picture", pictures, readPicture},
        {"numpy", arrays, readArrays},
    };
}

} // namespace mprdo::fuzz

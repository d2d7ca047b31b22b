// SPDX-License-Identifier: GPL-3.0-or-later
// Images from outside.
#include "core/base/error.h"
#include "core/data/class_list.h"
#include "core/data/dataset.h"
#include "core/data/decode_image.h"
#include "core/data/npy_array.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/support/bmp_files.h"
#include "tests/support/encoded_images.h"
#include "tests/support/gzip_bytes.h"
#include "tests/support/npy_files.h"
#include "tests/support/tiff_files.h"
#include "tests/support/torch_files.h"

namespace mprdo::fuzz {
namespace {

Files pictures()
{
    const test::Pixel pixel = [](int row, int column, int channel) { return static_cast<unsigned char>(37 * ((row * 7 + column) * 3 + channel)); };
    Files out;
    for (const QByteArray& bytes : {test::pngBytes(9, 7, 3, pixel), test::pngBytes(9, 7, 1, pixel), test::jpegBytes(9, 7, 3, pixel)})
        out.push_back(bytes.toStdString());
    const auto index = [](int row, int column) { return std::uint32_t(row + column) % 16; };
    const test::BmpKind plain, indexed{.bits = 4, .palette = QByteArray(64, '\x2a')}, fields{.bits = 16, .compression = 3, .masks = {0xf800, 0x07e0, 0x001f}},
        runs{.bits = 8, .compression = 1, .palette = QByteArray(1024, '\x2a')};
    for (const test::BmpKind* kind : {&plain, &indexed, &fields})
        out.push_back(test::bmpOf(9, 7, *kind, test::bmpRows(9, 7, *kind, index)).toStdString());
    out.push_back(test::bmpOf(9, 7, runs, QByteArray::fromHex("07050000000302090400000201010304000007010001")).toStdString());
    const auto sample = [](int row, int column, int channel) { return (37 * ((row * 7 + column) * 3 + channel)) % 256; };
    for (const test::TiffKind& kind : {test::TiffKind{}, test::TiffKind{.compression = COMPRESSION_LZW, .predictor = 2}, test::TiffKind{.bits = 16, .separate = true, .tiled = true},
                                       test::TiffKind{.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .rowsPerStrip = 16},
                                       test::TiffKind{.samples = 1, .photometric = PHOTOMETRIC_PALETTE, .compression = COMPRESSION_PACKBITS, .palette = std::vector<std::uint16_t>(768, 257)},
                                       test::TiffKind{.samples = 4, .photometric = PHOTOMETRIC_SEPARATED, .compression = COMPRESSION_ADOBE_DEFLATE, .bigEndian = true, .pages = 2}})
        out.push_back(test::tiffBytes(9, 7, kind, sample).toStdString());
    const auto bit = [](int row, int column, int) { return (row + column) % 2; };
    out.push_back(test::tiffBytes(9, 7, {.bits = 1, .samples = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4, .big = true}, bit).toStdString());
    return out;
}
void readPicture(const std::string& bytes) { decodeImage("fuzz.png", bytes); }

std::string npy(const char* type, bool fortran, const char* shape, int bytes, char value = 0)
{
    return test::npyOfHead(test::npyHead(type, shape, fortran), QByteArray(bytes, value)).toStdString();
}
/// Images as bytes and as floats, in both orders, labels; and an archive of all four arrays.
Files arrays()
{
    const std::string images = npy("|u1", false, "(6, 4, 4, 3)", 6 * 48, '\7'), labels = npy("<i8", false, "(6,)", 48);
    return {images, labels, npy("|b1", false, "(4, 1)", 4, '\1'), npy("<f4", true, "(2, 1, 4, 4)", 128), npy(">f8", false, "(2, 4, 4)", 256),
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
    if (array.shape.size() <= 2)
        npyLabels(array);
    else
        npyImages(array);
}

/// MNIST's files, open and packed.
Files idxFiles()
{
    const std::string images = std::string("\0\0\x08\3\0\0\0\6\0\0\0\4\0\0\0\4", 16) + std::string(96, '\7'), labels = std::string("\0\0\x08\1\0\0\0\6", 8) + std::string(6, '\1');
    const std::string wide = std::string("\0\0\x0c\1\0\0\0\2", 8) + std::string("\0\0\0\1\0\0\0\3", 8);
    return {images, labels, wide, test::gzipped(QByteArray::fromStdString(images)).toStdString(), test::gzipped(QByteArray::fromStdString(labels)).toStdString()};
}
void readIdxFile(const std::string& bytes)
{
    std::string unpacked;
    const NpyArray array = readIdxArray("fuzz-idx3-ubyte", bytes, unpacked);
    if (array.shape.size() <= 2)
        npyLabels(array);
    else
        npyImages(array);
}

Files classLists()
{
    return {"cat\ndog\nice cream\n", "0: cat\n1: dog\n", "n01440764 tench, Tinca tinca\nn01443537 goldfish", "cat 1\ndog 0", "\xef\xbb\xbf" "cat\r\ndog\r\n"};
}
Files jsonClassLists() { return {"[\"cat\", \"dog\"]", "{\"0\": [\"n01\", \"cat\"], \"1\": [\"n02\", \"dog\"]}", "{\"cat\": 1, \"dog\": 0}"}; }
void readList(const std::string& path)
{
    const ClassList list = readClassList(path);
    outputNames(list, {}, "fuzz");
    try {
        outputNames(list, {"cat", "n01443537"}, "fuzz");
    } catch (const Error&) { // most lists lack one of them
    }
}
void readTextList(const std::string& bytes) { readList(ownFile(".txt", bytes)); }
void readJsonList(const std::string& bytes) { readList(ownFile(".json", bytes)); }

} // namespace

std::vector<Target> dataTargets()
{
    return {
        {"picture", pictures, readPicture},
        {"numpy", arrays, readArrays},
        {"idx", idxFiles, readIdxFile},
        {"class-list", classLists, readTextList},
        {"class-list-json", jsonClassLists, readJsonList},
    };
}

} // namespace mprdo::fuzz

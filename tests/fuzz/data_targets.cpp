// SPDX-License-Identifier: GPL-3.0-or-later
// Images from outside.
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/decode_image.h"
#include "core/data/npy_array.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/support/encoded_images.h"
#include "tests/support/npy_files.h"
#include "tests/support/torch_files.h"

namespace mprdo::fuzz {
namespace {

Files pictures()
{
    const test::Pixel pixel = [](int row, int column, int channel) { return static_cast<unsigned char>(37 * ((row * 7 + column) * 3 + channel)); };
    Files out;
    for (const QByteArray& bytes : {test::pngBytes(9, 7, 3, pixel), test::pngBytes(9, 7, 1, pixel), test::jpegBytes(9, 7, 3, pixel)})
        out.push_back(bytes.toStdString());
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
    return {images, labels, npy("<f4", true, "(2, 1, 4, 4)", 128), npy(">f8", false, "(2, 4, 4)", 256),
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

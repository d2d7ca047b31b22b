// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/decode_image.h"
#include "core/base/error.h"
#include "core/data/image_formats.h"
#include "core/data/image_tree.h"
#include <algorithm>
#include <array>
#include <libexif/exif-data.h>
#include <memory>

namespace mprdo {
namespace {

/// [H, W, 3] as read -> [3, H', W'], upright (EXIF 2.32, tag 0x0112).
at::Tensor upright(const DecodedImage& image)
{
    at::Tensor out = image.rgb.permute({2, 0, 1});
    if (image.orientation >= 5) // the file's rows are columns
        out = out.transpose(1, 2);
    const bool upsideDown = image.orientation == 3 || image.orientation == 4 || image.orientation == 7 || image.orientation == 8;
    const bool mirrored = image.orientation == 2 || image.orientation == 3 || image.orientation == 6 || image.orientation == 7;
    if (upsideDown)
        out = out.flip(1);
    if (mirrored)
        out = out.flip(2);
    return out.contiguous();
}

} // namespace

void checkSides(const std::string& name, std::int64_t height, std::int64_t width)
{
    check(height > 0 && width > 0 && height <= kLargestImageSide && width <= kLargestImageSide, ErrorCode::BadFile, name,
          ": an image of ", width, " x ", height, " pixels, at most ", kLargestImageSide, " a side are read");
    check(height <= kMostImagePixels / width, ErrorCode::BadFile, name, ": an image of ", width, " x ", height,
          " pixels, at most ", kMostImagePixels >> 20, " million in all are read");
}

int exifOrientation(std::string_view exif)
{
    using namespace std::string_view_literals;
    constexpr std::string_view kHead = "Exif\0\0"sv;
    constexpr std::size_t kLargest = 65536; // what a JPEG marker can hold
    if (exif.size() > kLargest)
        return 1;
    const std::string block = exif.starts_with(kHead) ? std::string(exif) : std::string(kHead) + std::string(exif);
    const std::unique_ptr<ExifData, void (*)(ExifData*)> data(
        exif_data_new_from_data(reinterpret_cast<const unsigned char*>(block.data()), static_cast<unsigned>(block.size())),
        exif_data_unref);
    if (data == nullptr)
        return 1;
    const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->components < 1 || entry->size < 2)
        return 1;
    const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

bool hasImageEnding(const std::string& name)
{
    static constexpr std::array<std::string_view, 10> kEndings{".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".tif", ".tiff"};
    const std::string small = lowerCase(name);
    return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return small.ends_with(ending); });
}

at::Tensor decodeImage(const std::string& name, std::string_view bytes, bool* several)
{
    using namespace std::string_view_literals;
    if (several != nullptr)
        *several = false;
    if (bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"sv)
        return upright(decodePng(name, bytes));
    if (bytes.substr(0, 3) == "\xff\xd8\xff"sv)
        return upright(decodeJpeg(name, bytes));
    if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv)
        return upright(decodeWebp(name, bytes));
    if (bytes.starts_with("BM"sv))
        return upright(decodeBmp(name, bytes));
    for (const std::string_view mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
        if (bytes.starts_with(mark)) {
            const DecodedImage image = decodeTiff(name, bytes);
            if (several != nullptr)
                *several = image.several;
            return upright(image);
        }
    throw Error(ErrorCode::BadFile, text(name, ": ", bytes.empty() ? "an empty file" : text("no ", kImageKinds, " image by its contents")));
}

} // namespace mprdo

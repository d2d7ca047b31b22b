// SPDX-License-Identifier: GPL-3.0-or-later
// The formats that decodeImage knows, one function each; errors as decodeImage.
#pragma once
#include "core/base/torch.h"
#include <string>
#include <string_view>

namespace mprdo {

/// An image as it lies in the file, and how it is to be turned.
struct DecodedImage {
    at::Tensor rgb;      ///< uint8 [H, W, 3]
    int orientation = 1; ///< EXIF's, 1 to 8
    bool several = false; ///< the file holds further images behind this one
};

DecodedImage decodePng(const std::string& name, std::string_view bytes);
DecodedImage decodeJpeg(const std::string& name, std::string_view bytes);
DecodedImage decodeWebp(const std::string& name, std::string_view bytes);
/// Windows bitmaps of 1, 4, 8, 16, 24 and 32 bits, plain, run-length coded or with bit fields, bottom up or top down.
DecodedImage decodeBmp(const std::string& name, std::string_view bytes);
/// TIFF and BigTIFF by libtiff: grey, RGB, palettes, CMYK and YCbCr of 1 to 16 bits a sample, strips or tiles, in every compression
/// that libtiff was built with; the first page. No decoded strip or tile may take more than 512 MiB.
DecodedImage decodeTiff(const std::string& name, std::string_view bytes);

/// \throws Error{BadFile} for sides beyond kLargestImageSide or more pixels than kMostImagePixels
void checkSides(const std::string& name, std::int64_t height, std::int64_t width);
/// Orientation 1 to 8 in an EXIF block (with or without the leading "Exif\0\0"); 1 where it says nothing usable.
int exifOrientation(std::string_view exif);

} // namespace mprdo

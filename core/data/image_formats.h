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
};

DecodedImage decodePng(const std::string& name, std::string_view bytes);
DecodedImage decodeJpeg(const std::string& name, std::string_view bytes);
DecodedImage decodeWebp(const std::string& name, std::string_view bytes);

/// \throws Error{BadFile} for sides beyond kLargestImageSide or more pixels than kMostImagePixels
void checkSides(const std::string& name, std::int64_t height, std::int64_t width);
/// Orientation 1 to 8 in an EXIF block (with or without the leading "Exif\0\0"); 1 where it says nothing usable.
int exifOrientation(std::string_view exif);

} // namespace mprdo

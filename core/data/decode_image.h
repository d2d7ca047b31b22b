// SPDX-License-Identifier: GPL-3.0-or-later
// PNG (libpng), JPEG (libjpeg), WebP (libwebp), TIFF (libtiff) and BMP to bytes.
#pragma once
#include "core/base/torch.h"
#include <string>
#include <string_view>

namespace mprdo {

/// The formats that are read, for messages; and whether a file's name ends as one of these (in letters of any case).
inline constexpr std::string_view kImageKinds = "PNG, JPEG, WebP, BMP or TIFF";
bool hasImageEnding(const std::string& name);

/// Larger images are refused before anything is allocated.
inline constexpr std::int64_t kLargestImageSide = 16384;
inline constexpr std::int64_t kMostImagePixels = std::int64_t(1) << 26;

/// RGB as uint8 [3, H, W], what Pillow's convert("RGB") gives: grey is spread over the channels, palettes are looked up,
/// transparency is dropped, of 16 bits the high byte is taken (no gamma, no colour profile), CMYK is printed on white as Adobe
/// stores it. Then it is turned as its EXIF orientation says. The format is told by content.
/// \param name stands for the file in messages
/// \param several  set to whether the file holds further images behind this one (pages of a TIFF)
/// \throws Error{BadFile} naming the file: of another format, broken, truncated, too large.
at::Tensor decodeImage(const std::string& name, std::string_view bytes, bool* several = nullptr);

} // namespace mprdo

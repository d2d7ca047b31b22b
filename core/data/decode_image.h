// SPDX-License-Identifier: GPL-3.0-or-later
// PNG (libpng) and JPEG (libjpeg) to bytes.
#pragma once
#include "core/base/torch.h"
#include <string>
#include <string_view>

namespace mprdo {

/// Sides above this are refused before anything is allocated.
inline constexpr std::int64_t kLargestImageSide = 4096;

/// RGB as uint8 [3, H, W]; grey is spread over the channels, transparency is put on black. The format is told by content.
/// \param name stands for the file in messages
/// \throws Error{BadFile} naming the file: neither PNG nor JPEG, broken, truncated, too large.
at::Tensor decodeImage(const std::string& name, std::string_view bytes);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/torch.h"

namespace mprdo {

/// Images of one channel as Pillow's convert("L") makes them: (19595 R + 38470 G + 7471 B + 32768) / 65536, rounded down. Grey that was
/// spread to three channels comes back exactly.
/// \param images uint8 [N, 3, H, W] or [3, H, W]; of one channel they are returned as they are   \return uint8, the 3 replaced by 1
at::Tensor greyImages(const at::Tensor& images);

} // namespace mprdo

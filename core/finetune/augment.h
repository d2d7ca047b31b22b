// SPDX-License-Identifier: GPL-3.0-or-later
// Random crop and flip on bytes, before preprocessing.
#pragma once
#include "core/data/image_set.h"
#include <cstdint>

namespace mprdo {

struct Augmentation {
    std::int64_t cropPadding = 4;
    bool flip = true;
};

/// One choice per image of a training set for one epoch: the crop's corner in the padded image and whether it is mirrored.
struct AugmentationDraw {
    at::Tensor rows, columns; ///< int64 [N], 0 .. 2 * cropPadding
    at::Tensor mirrored;      ///< int64 [N], 0 or 1

    AugmentationDraw(std::int64_t images, const Augmentation&, at::Generator&);
};

/// The images at indices (int64 [B]), each cropped to its own size out of itself padded with zero bytes, and mirrored left
/// to right where drawn; preprocessed to float32 [B, C, H, W]. Cost: one copy of the batch.
at::Tensor augmentedBatch(const ImageSet&, const at::Tensor& indices, const Augmentation&, const AugmentationDraw&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Twice the calibration images for nothing.
#pragma once
#include "core/data/image_set.h"
#include "core/reconstruct/output_fisher.h"

namespace mprdo {

/// The images, and behind them all of them mirrored left to right: [2 N].
inline ImageSet withMirrored(const ImageSet& set)
{
    return {at::cat({set.images, set.images.flip(3)}), set.labels.defined() ? at::cat({set.labels, set.labels}) : at::Tensor(),
            set.preprocessing};
}

/// Their Fisher: a mirrored image weighs as much as the image.
inline OutputFisher withMirrored(const OutputFisher& fisher) { return {at::cat({fisher.image, fisher.image}), fisher.place, fisher.unit}; }

} // namespace mprdo

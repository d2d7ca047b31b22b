// SPDX-License-Identifier: GPL-3.0-or-later
// Training and test images that come as whole tensors (NumPy arrays, idx files).
#pragma once
#include "core/data/dataset.h"

namespace mprdo {

struct ArrayPart {
    at::Tensor images;            ///< uint8 [N, 3, H, W]; undefined: the part is absent
    at::Tensor labels;            ///< int64 [N]; undefined: there are none
    std::int64_t labelWidth = 0;  ///< of one-hot labels; 0: numbers
};

/// Fills train and test, each in an order drawn from a fixed seed. Training images alone are split (setTestAside), test images
/// alone leave train without images.
/// \throws Error{BadFile} naming data.path: another number of labels than images, labels in one part alone, images of two sizes,
/// one-hot labels of two widths
void takeParts(Dataset&, ArrayPart train, ArrayPart test);

/// A fifth of the training images, drawn with a fixed seed, becomes the test images; said in notices.
/// \throws Error{BadFile} one image
void setTestAside(Dataset&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Images of any size to the one a network reads.
#pragma once
#include "core/api/input_size.h"
#include "core/base/torch.h"
#include <string>

namespace mprdo {

/// As networks for ImageNet are evaluated (torchvision's presets): the image is resized until it just covers
/// round(256 / 224 * size), shorter side for a square, then its centre is cut out. Resizing is Pillow's bilinear: a triangle
/// filter whose support grows with the scale when shrinking, first along the rows, then along the columns, rounded to whole
/// numbers after each. The crop starts at (side - wanted) / 2, rounded half to even. An image of that very size is left alone.
/// Where one channel is asked for, the image is made grey first (greyImages).
/// \param name   stands for the image in messages   \param image  uint8 [3, h, w] or [1, h, w]
/// \return uint8 [3 or 1, size.height, size.width]
/// \throws Error{Unsupported} so narrow or flat an image that covering the size takes more than 64 million pixels
/// Cost: time as the image's pixels; memory 8 bytes a pixel.
at::Tensor fitImage(const std::string& name, const at::Tensor& image, const InputSize& size);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/fit_image.h"
#include "core/base/error.h"
#include "core/data/grey.h"
#include <cmath>

namespace mprdo {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t(1) << 26;

/// The side that is cut to `wanted`: 256 for 224.
std::int64_t coveredSide(std::int64_t wanted) { return std::lround(double(wanted) * 256 / 224); }

/// One channel, uint8 [h, w] -> [height, width]; LibTorch's antialiased filter is Pillow's.
at::Tensor resized(const at::Tensor& channel, std::int64_t height, std::int64_t width)
{
    const auto pass = [](const at::Tensor& from, std::int64_t h, std::int64_t w) {
        if (from.size(0) == h && from.size(1) == w)
            return from;
        const at::Tensor in = from.to(at::kFloat).unsqueeze(0).unsqueeze(0); // [1, 1, h, w]
        return at::_upsample_bilinear2d_aa(in, at::IntArrayRef({h, w}), /*align_corners=*/false)
            .add_(0.5).floor_().clamp_(0, 255).to(at::kByte).squeeze(0).squeeze(0);
    };
    return pass(pass(channel, channel.size(0), width), height, width);
}

std::int64_t cropStart(std::int64_t side, std::int64_t wanted)
{
    return static_cast<std::int64_t>(std::nearbyint(double(side - wanted) / 2)); // half to even, as Python's round
}

} // namespace

at::Tensor fitImage(const std::string& name, const at::Tensor& given, const InputSize& size)
{
    check(given.dim() == 3 && given.scalar_type() == at::kByte && given.numel() > 0, ErrorCode::Internal,
          name, ": an image of the shape ", shapeText(given.sizes()), " cannot be resized");
    NoGrad noGrad;
    const at::Tensor image = size.channels == 1 ? greyImages(given) : given;
    const std::int64_t h = image.size(1), w = image.size(2);
    if (h == size.height && w == size.width)
        return image;
    // The side that has less to spare becomes just large enough; the other follows, rounded down as torchvision does.
    std::int64_t height = coveredSide(size.height), width = coveredSide(size.width);
    if (height * w >= width * h)
        width = std::max(width, height * w / h);
    else
        height = std::max(height, width * h / w);
    check(height <= kMostPixels / width, ErrorCode::Unsupported, name, ": ", w, " x ", h, " pixels, to be cut to ",
          inputSizeText(size), " it would be resized to ", width, " x ", height, ", more than is possible");
    const std::int64_t top = cropStart(height, size.height), left = cropStart(width, size.width);
    at::Tensor out = at::empty({image.size(0), size.height, size.width}, at::kByte);
    for (std::int64_t c = 0; c < image.size(0); ++c)
        out[c].copy_(resized(image[c], height, width)
                         .slice(0, top, top + size.height)
                         .slice(1, left, left + size.width));
    return out;
}

} // namespace mprdo

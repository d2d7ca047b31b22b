// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/grey.h"
#include "core/base/error.h"

namespace mprdo {
namespace {

// ITU-R BT.601 luma in 1/65536; the weights add up to 1.
constexpr std::uint32_t kRed = 19595, kGreen = 38470, kBlue = 7471, kHalf = 32768;

} // namespace

at::Tensor greyImages(const at::Tensor& images)
{
    check((images.dim() == 3 || images.dim() == 4) && images.scalar_type() == at::kByte, ErrorCode::Internal,
          "images of the shape ", shapeText(images.sizes()), " cannot be made grey");
    if (images.size(-3) == 1)
        return images;
    check(images.size(-3) == 3, ErrorCode::Internal, "images of ", images.size(-3), " channels cannot be made grey");
    const at::Tensor rgb = images.contiguous();
    std::vector<std::int64_t> shape = rgb.sizes().vec();
    shape[shape.size() - 3] = 1;
    at::Tensor out = at::empty(shape, at::kByte);
    const std::int64_t plane = rgb.size(-1) * rgb.size(-2), count = plane == 0 ? 0 : out.numel() / plane;
    const auto* from = rgb.data_ptr<std::uint8_t>();
    auto* to = out.data_ptr<std::uint8_t>();
    at::parallel_for(0, count, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::uint8_t *red = from + 3 * i * plane, *green = red + plane, *blue = green + plane;
            for (std::int64_t k = 0; k < plane; ++k)
                to[i * plane + k]
                    = static_cast<std::uint8_t>((kRed * red[k] + kGreen * green[k] + kBlue * blue[k] + kHalf) >> 16);
        }
    });
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/finetune/augment.h"
#include <algorithm>
#include <cstring>

namespace mprdo {
namespace {

/// to = from moved by (down, right), zeros where nothing comes from.
void shiftPlane(const std::uint8_t* from, std::uint8_t* to, std::int64_t height, std::int64_t width, std::int64_t down,
                std::int64_t right, bool mirrored)
{
    std::memset(to, 0, static_cast<std::size_t>(height * width));
    const std::int64_t first = std::max<std::int64_t>(right, 0), last = std::min(width, width + right);
    if (first >= last)
        return;
    for (std::int64_t y = std::max<std::int64_t>(down, 0); y < std::min(height, height + down); ++y) {
        std::uint8_t* row = to + y * width;
        std::memcpy(row + first, from + (y - down) * width + first - right, static_cast<std::size_t>(last - first));
        if (mirrored)
            std::reverse(row, row + width);
    }
}

} // namespace

AugmentationDraw::AugmentationDraw(std::int64_t images, const Augmentation& options, at::Generator& generator)
    : rows(at::randint(2 * options.cropPadding + 1, {images}, generator, at::kLong))
    , columns(at::randint(2 * options.cropPadding + 1, {images}, generator, at::kLong))
    , mirrored(options.flip ? at::randint(2, {images}, generator, at::kLong) : at::zeros({images}, at::kLong))
{
}

at::Tensor augmentedBatch(const ImageSet& set, const at::Tensor& indices, const Augmentation& options,
                          const AugmentationDraw& draw)
{
    const at::Tensor source = set.images.contiguous();
    const std::int64_t count = indices.size(0), channels = source.size(1), height = source.size(2), width = source.size(3);
    ImageSet out;
    out.images = at::empty({count, channels, height, width}, at::kByte);
    out.labels = at::empty({count}, at::kLong);
    out.preprocessing = set.preprocessing;
    const auto index = indices.accessor<std::int64_t, 1>(), rows = draw.rows.accessor<std::int64_t, 1>();
    const auto columns = draw.columns.accessor<std::int64_t, 1>(), mirrored = draw.mirrored.accessor<std::int64_t, 1>();
    const auto* from = source.data_ptr<std::uint8_t>();
    auto* to = out.images.data_ptr<std::uint8_t>();
    const std::int64_t plane = height * width;
    at::parallel_for(0, count, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t image = index[i];
            for (std::int64_t c = 0; c < channels; ++c)
                shiftPlane(from + (image * channels + c) * plane, to + (i * channels + c) * plane, height, width,
                           options.cropPadding - rows[image], options.cropPadding - columns[image], mirrored[image] != 0);
        }
    });
    return out.batch(0, count);
}

} // namespace mprdo

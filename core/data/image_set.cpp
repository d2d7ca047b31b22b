// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/image_set.h"
#include "core/base/error.h"
#include "core/base/hash.h"

namespace mprdo {
namespace {

/// (x * factor + offset) for each channel: one multiplication and one addition per element.
at::Tensor preprocessed(const at::Tensor& bytes, const Preprocessing& p)
{
    NoGrad noGrad;
    const std::int64_t channels = bytes.size(1);
    check(channels == 3 || channels == 1, ErrorCode::Internal, "images of ", channels, " channels");
    std::array<float, 3> factor{}, offset{};
    const double largest = p.range == PixelRange::Byte ? 1 : 255;
    for (std::size_t c = 0; c < 3; ++c) {
        factor[c] = static_cast<float>(1.0 / (largest * p.std[c]));
        offset[c] = static_cast<float>(-p.mean[c] / p.std[c]);
    }
    const auto perChannel = [&](std::array<float, 3>& values) {
        return at::from_blob(values.data(), {1, channels, 1, 1}, at::kFloat).clone();
    };
    at::Tensor out = bytes.to(at::kFloat).mul_(perChannel(factor)).add_(perChannel(offset));
    if (p.order == ChannelOrder::Bgr)
        out = out.flip(1);
    return p.layout == Layout::Nhwc ? out.permute({0, 2, 3, 1}).contiguous() : out;
}

} // namespace

std::vector<std::int64_t> ImageSet::inputShape() const
{
    return laidOut(images.size(1), images.size(2), images.size(3), preprocessing.layout);
}

at::Tensor ImageSet::batch(std::int64_t begin, std::int64_t end) const
{
    check(begin >= 0 && begin <= end && end <= size(), ErrorCode::Internal, "images ", begin, " to ", end, " of ", size(),
          " asked for");
    return preprocessed(images.slice(0, begin, end), preprocessing);
}

at::Tensor ImageSet::pick(const at::Tensor& indices) const
{
    return preprocessed(images.index_select(0, indices), preprocessing);
}

ImageSet ImageSet::slice(std::int64_t begin, std::int64_t end) const
{
    return {images.slice(0, begin, end), labels.defined() ? labels.slice(0, begin, end) : labels, preprocessing};
}

std::string ImageSet::fingerprint() const
{
    Hash hash;
    hash.add("images").add(images);
    if (labels.defined())
        hash.add(labels);
    for (std::size_t c = 0; c < 3; ++c)
        hash.add(preprocessing.mean[c]).add(preprocessing.std[c]);
    // What is usual adds nothing: sessions that were kept before there was a choice go on.
    if (preprocessing.order != ChannelOrder::Rgb)
        hash.add(name(preprocessing.order));
    if (preprocessing.range != PixelRange::Unit)
        hash.add(name(preprocessing.range));
    if (preprocessing.layout != Layout::Nchw)
        hash.add(name(preprocessing.layout));
    return hash.hex();
}

} // namespace mprdo

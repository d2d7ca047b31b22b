// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/image_set.h"
#include "core/base/error.h"
#include "core/base/hash.h"

namespace mprdo {
namespace {

/// (x / 255 - mean) / std as one multiplication and one addition per element.
at::Tensor preprocessed(const at::Tensor& bytes, const Preprocessing& p)
{
    NoGrad noGrad;
    std::array<float, 3> factor{}, offset{};
    for (std::size_t c = 0; c < 3; ++c) {
        factor[c] = static_cast<float>(1.0 / (255.0 * p.std[c]));
        offset[c] = static_cast<float>(-p.mean[c] / p.std[c]);
    }
    const auto perChannel = [](std::array<float, 3>& values) {
        return at::from_blob(values.data(), {1, 3, 1, 1}, at::kFloat).clone();
    };
    return bytes.to(at::kFloat).mul_(perChannel(factor)).add_(perChannel(offset));
}

} // namespace

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
    return hash.hex();
}

} // namespace mprdo

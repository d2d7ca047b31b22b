// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sensitivity/error_rows.h"
#include "core/base/random.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

ErrorRows::ErrorRows(std::int64_t images, std::int64_t logits)
    : m_images(images)
    , m_logits(logits)
    , m_length(std::min(kLongest, images * logits))
{
    if (images * logits <= kLongest)
        return;
    auto g = generator(0, "error rows"); // whatever the run's seed: rows that different runs have kept go together
    m_places = at::randint(0, kLongest, {images * logits}, g, at::kLong);
    m_signs = (at::randint(0, 2, {images * logits}, g, at::kLong) * 2 - 1).to(at::kDouble);
}

at::Tensor ErrorRows::empty() const { return at::zeros({m_length}, at::kDouble); }

void ErrorRows::add(at::Tensor& row, std::int64_t first, const at::Tensor& p, const at::Tensor& q) const
{
    // Log probabilities differ from logits by a constant of each image, which the mean takes away.
    const at::Tensor probability = p.exp(), d = q - p;
    const at::Tensor u
        = (probability.sqrt() * (d - (probability * d).sum(-1, true))).flatten() / std::sqrt(double(m_images));
    const std::int64_t begin = first * m_logits, end = begin + u.numel();
    if (m_places.defined())
        row.index_add_(0, m_places.slice(0, begin, end), u * m_signs.slice(0, begin, end));
    else
        row.slice(0, begin, end).add_(u);
}

} // namespace mprdo

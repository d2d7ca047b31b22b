// SPDX-License-Identifier: GPL-3.0-or-later
// The error of a network's output as a vector whose squared length is twice its KL.
#pragma once
#include "core/base/torch.h"
#include <cstdint>

namespace mprdo {

/// KL(p || softmax(z + d)) is d^T F d / 2 to second order, F = diag(p) - p p^T the Fisher matrix of the softmax. With
/// u = sqrt(p) (d - p^T d) for each image that is |u|^2 / 2, and the inner product of the rows of two errors is what both
/// together cost beyond the sum of each: the pairwise terms of CLADO (arXiv 2307.05657) without an execution for each pair.
/// A row is u / sqrt(images) over all images and logits, float32; beyond kLongest entries these are added up in
/// random places with random signs, the same ones always (count sketch, Charikar et al. 2002): inner products keep their mean, with a standard
/// error of about |u| |v| / sqrt(kLongest).
class ErrorRows {
public:
    static constexpr std::int64_t kLongest = 8192;

    /// \param logits  of an image
    ErrorRows(std::int64_t images, std::int64_t logits);

    std::int64_t length() const { return m_length; }
    at::Tensor empty() const; ///< float64 [length()], zeros
    /// Adds the images from `first` on. p, q: log probabilities of both networks, float64, as core/evaluate/likelihood.h has them.
    void add(at::Tensor& row, std::int64_t first, const at::Tensor& p, const at::Tensor& q) const;

private:
    std::int64_t m_images, m_logits, m_length;
    at::Tensor m_places, m_signs; ///< undefined where a row has room for all
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Images with labels, and the three disjoint sets that decide (calibration, hold-out, evaluation) as three types.
#pragma once
#include "core/base/torch.h"
#include <array>
#include <cstdint>
#include <string>

namespace mprdo {

/// (RGB / 255 - mean) / std.
struct Preprocessing {
    std::array<double, 3> mean{0, 0, 0};
    std::array<double, 3> std{1, 1, 1};
};

/// uint8 [N, 3, H, W] and int64 [N]; labels undefined: there are none. Copies share the tensors.
struct ImageSet {
    at::Tensor images;
    at::Tensor labels;
    Preprocessing preprocessing;

    std::int64_t size() const { return images.defined() ? images.size(0) : 0; }
    /// float32 [end - begin, 3, H, W], preprocessed.
    at::Tensor batch(std::int64_t begin, std::int64_t end) const;
    /// float32 batch of the images at the given int64 indices.
    at::Tensor pick(const at::Tensor& indices) const;
    /// int64 [end - begin]; needs labels.
    at::Tensor labelBatch(std::int64_t begin, std::int64_t end) const { return labels.slice(0, begin, end); }
    ImageSet slice(std::int64_t begin, std::int64_t end) const;
    /// SHA-256 over images, labels and preprocessing.
    std::string fingerprint() const;
};

/// Fitting: sensitivity, scales, Hessians, rounding.
struct CalibrationSet { ImageSet set; };
/// Further training images: early stopping, stage gates, --max-drop, the accuracy predictor.
struct HoldOutSet { ImageSet set; };
/// Test images: stages 7 and 8 alone.
struct EvaluationSet { ImageSet set; };

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Images with labels, and the three disjoint sets that decide (calibration, hold-out, evaluation) as three types.
#pragma once
#include "core/api/network_input.h"
#include "core/base/torch.h"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace mprdo {

/// From bytes to what a network reads: (value - mean) / std for each channel, value being the byte / 255, or the byte where the range is
/// 0-255; then the channels in their order and the dimensions in their layout.
struct Preprocessing {
    std::array<double, 3> mean{0, 0, 0}; ///< of red, green, blue, whatever the order; of grey images the first counts
    std::array<double, 3> std{1, 1, 1};
    ChannelOrder order = ChannelOrder::Rgb;
    PixelRange range = PixelRange::Unit;
    Layout layout = Layout::Nchw;
};

/// uint8 [N, 3, H, W], RGB, or [N, 1, H, W], grey, and int64 [N]; labels undefined: there are none. Copies share the tensors.
struct ImageSet {
    at::Tensor images;
    at::Tensor labels;
    Preprocessing preprocessing;

    std::int64_t size() const { return images.defined() ? images.size(0) : 0; }
    /// Shape of one image as the network reads it: [3, H, W]; [H, W, 3] where the layout is nhwc.
    std::vector<std::int64_t> inputShape() const;
    /// float32 [end - begin, inputShape()...], preprocessed, contiguous.
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

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/what_if.h"
#include <optional>
#include <vector>

namespace mprdo {

/// The drop that a summed distortion leads to under one kind of rounding, as this session's measurements have it, with its
/// range: the larger of what the fit misses by and of what so few images can tell.
class DropPrediction {
public:
    struct Pair {
        double distortion = 0, drop = 0;   ///< drop in points
        std::optional<std::int64_t> flips; ///< images right in FP32 or in this alone; nothing where answers were not kept
        friend bool operator==(const Pair&, const Pair&) = default;
    };
    /// Repeated measurements of one thing count once: leaving one out would be answered by the other.
    explicit DropPrediction(std::vector<Pair> pairs = {}, std::int64_t images = 0);

    bool known() const { return m_fit.known(); }
    const DropFit& fit() const { return m_fit; }
    double drop(double distortion) const { return m_fit.drop(distortion); }
    /// +- points; 0 while nothing is known.
    double error(double distortion) const;
    /// Half the paired 95 % interval at the predicted drop. Flips are what the measured pairs had at this distortion
    /// (isotonic, as the drop is), below them no fewer than the least distorted had.
    double samplingError(double distortion) const;

private:
    DropFit m_fit;
    DropFit m_flips; ///< distortion -> flips, where the fit says points
    double m_leastFlips = 0; ///< least distortion of which flips are known
    std::int64_t m_images;
};

} // namespace mprdo

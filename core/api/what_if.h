// SPDX-License-Identifier: GPL-3.0-or-later
// What an edit would do: an immutable value, called on the GUI thread, O(layers) per answer.
#pragma once
#include "core/api/allocation_problem.h"
#include "core/api/snapshots.h"
#include <optional>

namespace mprdo {

/// Monotone map from summed distortion to drop in points: isotonic regression through (0, 0) over this session's measured
/// pairs (pool adjacent violators; a pool stands at the mean log distortion of its members), linear in log distortion
/// between pools, straight from (0, 0) to the first, constant beyond the last. Fewer than three pairs of positive
/// distortion: says nothing. Pairs that are not finite are left out.
class DropFit {
public:
    struct Pair {
        double distortion = 0, drop = 0;
    };
    explicit DropFit(std::vector<Pair> pairs = {});
    bool known() const { return m_known; }
    double drop(double distortion) const;          ///< points, >= 0
    /// +- points at this distortion: what leaving out the measured pairs on either side and predicting them would have
    /// missed by, the worst of those within a factor of two standing for each of them, linear in log distortion between them
    /// (an error at 2 bits says nothing about 6); 0 when nothing is known.
    double leaveOneOutError(double distortion) const;
    bool extrapolates(double distortion) const;    ///< outside the measured distortions

private:
    std::vector<Pair> m_pairs; ///< fitted, ascending
    double m_lowest = 0, m_highest = 0; ///< measured distortions
    std::vector<Pair> m_errors; ///< distortion, absolute leave-one-out error; ascending
    bool m_known = false;
};

struct Estimate {
    double averageBits = 0, averageLiveBits = 0;
    std::int64_t storedBytes = 0;
    double distortion = 0;               ///< sum of D_l(b_l); lower bound when missing > 0
    int missing = 0;                     ///< layers not scored at their width yet
    std::optional<double> drop;          ///< predicted, points
    double dropError = 0;                ///< +- points
    bool extrapolated = false;           ///< outside the measured distortions: above them the drop is a lower bound
};

/// Everything what-if needs, behind shared_ptr<const>.
struct WhatIf {
    std::vector<LayerInfo> layers;
    SensitivityPtr sensitivity;
    Metric metric = Metric::Kl;
    std::vector<std::vector<std::int64_t>> layerBytes; ///< [layer][index in sensitivity->widths]
    std::vector<std::int64_t> layerBytesFp32;          ///< left unquantized
    RateKind rate = RateKind::Fixed;                   ///< entropy: bytes and average bits are of the entropy-coded file
    std::int64_t otherBytes = 0;                       ///< biases and what stays FP32
    DropFit fit;
    FrontPtr front;                                    ///< may be empty while it is being made

    /// Layers beyond the end of the allocation count as left in FP32; a width the session has no bytes for adds none and
    /// counts as missing.
    Estimate estimate(const Allocation&) const;
    /// Bits of a layer's weights in the file: as many as the width says, or the information of its codes where the rate is
    /// entropy-coded and known.
    double layerBits(std::size_t layer, Bits) const;
    double averageBits(const Allocation&) const; ///< sum of layerBits over all weights, as estimate() has it
    /// Index of the front's last point within the budget in bits of rate; nullopt without a front or under it.
    std::optional<std::size_t> pointAtRate(std::int64_t rate) const;
};
using WhatIfPtr = std::shared_ptr<const WhatIf>;

} // namespace mprdo

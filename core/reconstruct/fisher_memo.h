// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reconstruct/output_fisher.h"
#include <map>
#include <mutex>

namespace mprdo {

/// The output Fisher of one network's blocks on both sets of images, made when it is first asked for: every stage and every
/// allocation weighs by the same one. Any thread.
class FisherMemo {
public:
    struct Pair {
        std::vector<OutputFisher> calibration, gate; ///< per block
    };
    /// \throws Cancelled   Cost: outputFisher on both sets, once per seed
    Pair of(const Graph&, const std::vector<Block>&, const ImageSet& calibration, const ImageSet& gate, std::uint64_t seed,
            const RunControl&);

private:
    std::mutex m_mutex;
    std::map<std::uint64_t, Pair> m_known; ///< by seed
};

} // namespace mprdo

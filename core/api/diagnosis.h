// SPDX-License-Identifier: GPL-3.0-or-later
// Answers to "why": which layers cost a run its accuracy, and what makes plain 8 bits lose.
#pragma once
#include "core/api/snapshots.h"

namespace mprdo {

/// A run with one layer left in FP32, the rest as they were.
struct RestoredLayer {
    std::size_t layer = 0;          ///< index into ModelSnapshot::layers
    Evaluation evaluation;          ///< on the evaluation images
    double holdOutKl = 0;           ///< mean KL(FP32 || this), nats
};

/// Which layers cost a run what it lost: the run itself, then each quantized layer restored, one at a time.
struct Blame {
    std::int64_t run = 0;
    MethodRow whole;
    std::vector<RestoredLayer> layers; ///< network order; layers that are in FP32 anyway are left out
};

/// What the baseline doctor looked at. Accuracies in percent on the hold-out images.
struct Finding {
    std::string cause;              ///< "preprocessing", "class order", "batch norm", "per-tensor range", "activation range"
    std::string what;               ///< one sentence: what was compared, with both figures
    double with = 0, without = 0;   ///< accuracy as it is, and with the suspect undone
    bool guilty = false;            ///< undoing it gives back at least half a point
};

/// Why the naive 8-bit row is below FP32.
struct Diagnosis {
    double dropPoints = 0;          ///< FP32 minus naive 8-bit, evaluation images
    std::vector<Finding> findings;  ///< all that was looked at; guilty ones first, the largest gain first
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves a stage while it runs.
#pragma once
#include "core/api/polish_record.h"
#include "core/api/types.h"
#include <string>
#include <variant>
#include <vector>

namespace mprdo {

struct Progress {
    Stage stage = Stage::FineTune;
    std::string item;   ///< "layer3.0.conv1 at 4 bits"
    double done = 0;    ///< in cost units
    double total = 0;
    double etaSeconds = -1; ///< of this stage; negative: not known yet
};
struct StageStarted {
    Stage stage;
};
struct StageFinished {
    Stage stage;
    double seconds = 0;
    std::string summary; ///< one line for people
};
/// One layer scored at one width; distortions indexed as kMetrics, NaN where not computed.
struct LayerScored {
    std::size_t layer = 0;
    Bits bits = 0;
    std::vector<double> distortion;
};
/// One block optimised by stage 4, 5 or 6: summed held-out error of the block's output before and after.
struct BlockOptimised {
    Stage stage;
    std::string block;
    double before = 0, after = 0;
    bool accepted = true;
    bool reused = false; ///< an earlier call had finished it
};
struct EpochDone {
    int epoch = 0, epochs = 0;
    double loss = 0, validationAccuracy = 0;
};
/// Evaluation so far: correct of seen.
struct Counted {
    std::string what;
    std::int64_t correct = 0, seen = 0, total = 0;
};
/// Something the user should know; not an error.
struct Notice {
    std::string text;
};

/// Stage 3's error so far; more of them while bits are swapped.
using AllocationPolished = PolishRecord;

using Event = std::variant<Progress, StageStarted, StageFinished, LayerScored, BlockOptimised, EpochDone, Counted, Notice,
                           AllocationPolished>;

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Model and data of a run, read and found to fit each other.
#pragma once
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/data/dataset.h"
#include "core/graph/graph.h"

namespace mprdo {

struct OpenedInput {
    Graph graph;                     ///< unfolded; its head was made anew where it did not fit
    ModelSnapshot model;             ///< layers as after batch-norm folding
    DataSnapshot data;
    Splits sets;
    std::vector<Bits> fixed;         ///< per layer; 0: free
    std::optional<Allocation> given; ///< --allocation
    int fineTuneEpochs = 0;
    std::vector<std::string> notices;
};

/// Reads and checks everything that can be checked before stage 1. Emits nothing; notices are returned.
/// \throws Error as the readers and core/pipeline/input_check.h
OpenedInput openInput(const RunConfig&, const RunControl&);

CalibrationChoice calibrationChoice(const RunConfig&);

} // namespace mprdo

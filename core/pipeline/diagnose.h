// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline doctor: undoes one suspect at a time and sees what that gives back.
#pragma once
#include "core/api/diagnosis.h"
#include "core/api/run_control.h"
#include "core/data/image_set.h"
#include "core/graph/graph.h"
#include <memory>

namespace mprdo {

struct DoctorInput {
    std::shared_ptr<const Graph> graph;     ///< folded
    CalibrationSet calibration;
    HoldOutSet holdOut;
    double beforeFolding = 0, afterFolding = 0; ///< accuracies on the hold-out images, percent
    std::vector<LayerInfo> layers;
    bool labelled = true;                   ///< false: nothing says whether images and classes are as the network expects them
};

/// Everything but the drop, which is measured elsewhere. A suspect is guilty when undoing it gives back half a point.
/// Cost: about fifteen passes over the hold-out images and three over the calibration ones.
Diagnosis examine(const DoctorInput&, const RunControl&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_config.h"
#include "core/api/snapshots.h"
#include "ui/layer_state.h"

namespace mprdo {

/// Cells of a session that was just opened: automatic at the set's highest width, locked where the configuration locks.
std::vector<LayerCell> initialCells(const ModelSnapshot&, const RunConfig&);

} // namespace mprdo

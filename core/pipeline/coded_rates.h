// SPDX-License-Identifier: GPL-3.0-or-later
// What each layer's codes take in an entropy-coded file: the rates of the allocation under --rate entropy.
#pragma once
#include "core/api/run_control.h"
#include "core/base/artefact_cache.h"
#include "core/graph/graph.h"
#include "core/quant/grid.h"
#include <memory>

namespace mprdo {

/// [layer][index in widths], bits: order-0 information of the codes after nearest rounding, dead weights at zero. Kept in the
/// cache under context. Cost: a search of the grids at every width.
std::vector<std::vector<double>> codedRates(std::shared_ptr<const Graph> folded, const std::vector<Bits>& widths, GridMode,
                                            const std::string& context, ArtefactCache&, const RunControl&);

} // namespace mprdo

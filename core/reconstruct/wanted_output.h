// SPDX-License-Identifier: GPL-3.0-or-later
// Where in its block a layer's output is judged.
#pragma once
#include "core/graph/passes.h"

namespace mprdo {

/// The value that the layer's node should give as the FP32 network does: its own output, or the sum where that output goes into
/// an addition inside the block alone; other is the sum's other summand then.
struct WantedOutput {
    ValueId value = -1, other = -1;
};
WantedOutput wantedOutput(const Graph&, const Block&, const Node&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Networks that have the same tensors as a given one and differ in one thing that tensors do not tell.
#pragma once
#include "core/graph/graph.h"
#include <string>
#include <vector>

namespace mprdo {

struct GraphVariant {
    std::string difference; ///< goes on after "the same tensors ...": "without relu layer1.0.relu1", "with stride 2 instead of 1 at conv1"
    Graph graph;            ///< shares the tensors; shapes of values may no longer be those of the nodes; may not even run (Error{ShapeMismatch} or c10::Error)
};

/// One activation left out, or a ReLU more behind a batch norm or an addition; another kind of activation everywhere; a stride at one
/// place, or all strides a convolution earlier or later within their blocks; a max pool left out or averaging instead.
/// Batch norms must not be folded. Cost: one copy of the nodes for each.
std::vector<GraphVariant> graphVariants(const Graph&);

} // namespace mprdo

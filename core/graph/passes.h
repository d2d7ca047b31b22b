// SPDX-License-Identifier: GPL-3.0-or-later
// Graph -> Graph. The input graph is never changed.
#pragma once
#include "core/graph/graph.h"

namespace mprdo {

/// Folds every batch norm that follows a convolution or linear layer alone into its weight and bias (in double
/// precision); others stay. Epsilon and running statistics as PyTorch defines them.
Graph foldBatchNorm(const Graph&);

/// Removes Identity nodes.
Graph dropIdentities(const Graph&);

/// Removes nodes that lead to no output, and parameters that no node has.
Graph dropUnused(const Graph&);

/// A constant for each output channel that is added to a layer without a bias, read by nobody else, becomes its bias.
Graph fuseBiases(const Graph&);

/// A reconstruction block: consecutive nodes with one input value and one output value (BRECQ, arXiv 2102.05426).
struct Block {
    std::string name;               ///< longest common prefix of its layers ("layer3.0"), or the layer's own name
    std::size_t begin = 0, end = 0; ///< node range [begin, end) in topological order
    ValueId input = 0, output = 0;
    std::vector<std::size_t> layers; ///< indices into Graph::layers()
};

/// Partitions the nodes into single-entry single-exit regions: residual blocks between additions, else single layers
/// with the parameter-free nodes that follow. Every node is in exactly one block; every layer too.
std::vector<Block> findBlocks(const Graph&);

} // namespace mprdo

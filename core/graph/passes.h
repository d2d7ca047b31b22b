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

/// The network up to the numbers that decide: a final Softmax, LogSoftmax or Sigmoid is cut off (with the Flatten, Reshape or Identity
/// behind it), so that a network and the same with a Softmax behind it are one graph. The output becomes
/// - [N, C]: logits of a softmax over C classes; [N, C, 1, 1] is flattened; for one sigmoid z they are 0 and z;
/// - [N, K, 2]: of K > 1 sigmoids, each a choice between two: 0 and z.
/// Any other network comes back as it is. What was cut stands in Graph::ending. Softmax over another axis than that of the classes stays.
Graph asLogits(const Graph&);
/// The inverse: the file's own output, for exports and runtimes. Ids of values stay.
Graph withOwnOutput(const Graph&);
/// Classes that the logits decide between: C, 2 for one sigmoid, K for several.
/// \throws Error{Unsupported} a graph that is no classifier, with the reason
std::int64_t classesOf(const Graph&);

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

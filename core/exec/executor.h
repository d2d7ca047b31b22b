// SPDX-License-Identifier: GPL-3.0-or-later
// The only forward pass.
#pragma once
#include "core/graph/graph.h"
#include <functional>
#include <map>
#include <unordered_map>

namespace mprdo {

/// Replacements that hold for one run and never touch the graph.
struct Overlay {
    std::unordered_map<std::string, at::Tensor> parameters;                              ///< by parameter name
    std::unordered_map<ValueId, std::function<at::Tensor(const at::Tensor&)>> values;   ///< applied when a value is made, or a graph's input fed
};

using ValueMap = std::unordered_map<ValueId, at::Tensor>;

struct ExecOptions {
    bool training = false;  ///< batch norm uses batch statistics and hands them out through batchStatistics
    /// Training only: (node, batch mean [C], unbiased batch variance [C]).
    std::function<void(const Node&, const at::Tensor& mean, const at::Tensor& variance)> batchStatistics;
};

/// Runs the part of the graph that leads from the values in feeds to the values in fetches, and nothing else: starting
/// from cached values in the middle of the network and tapping any value are the same call. Intermediate values are
/// freed after their last use. Gradients flow when the caller has them enabled and a leaf requires them.
/// \throws Error{Internal} when a fetch depends on a graph input that feeds lacks.
ValueMap execute(const Graph&, const ValueMap& feeds, const std::vector<ValueId>& fetches, const Overlay& overlay = {},
                 const ExecOptions& options = {});

/// The graph's single output for its single input: logits [N, classes] of images [N, C, H, W].
at::Tensor forward(const Graph&, const at::Tensor& images, const Overlay& overlay = {});

/// MACs per image of every node (convolutions and linear layers; else 0).
std::vector<std::int64_t> macsPerNode(const Graph&);

} // namespace mprdo

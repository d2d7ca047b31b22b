// SPDX-License-Identifier: GPL-3.0-or-later
// A network written down by its user: what --arch FILE.json holds (resources/formats.md, "Network description").
#pragma once
#include "core/graph/graph.h"
#include "core/import/state_dict.h"
#include <string_view>

namespace mprdo {

struct NetworkDescription {
    struct Node {
        Op op = Op::Identity;
        std::string name;
        std::vector<std::size_t> inputs;               ///< 0: the images; k: the k-th node
        std::map<std::string, std::string> parameters; ///< role -> tensor, where it differs from the usual name
        std::map<std::string, Attribute> attributes;
    };
    std::string file, name;
    std::vector<std::int64_t> input; ///< [C, H, W]
    std::vector<Node> nodes;
    std::size_t output = 0;          ///< number of the node that makes the logits, counted from 1
};

/// Whether an architecture is the path of a description: it ends in ".json".
bool isDescriptionFile(const std::string& architecture);

/// Everything that can be judged without tensors.
/// \throws Error{BadFile} naming file, node and condition: JSON, keys, ops and their attributes, inputs not made before
NetworkDescription readDescription(const std::string& file, std::string_view text);
/// The same from the disk. \throws Error{Io} as well
NetworkDescription readDescription(const std::string& file);

/// The graph over the tensors, which must all be used but for those that take no part (extra_tensors.h). Sizes are bounded and every node is tried out (GuardedBuilder).
/// \throws Error{ShapeMismatch} naming file, node and condition; as checkedValues
Graph describedGraph(const NetworkDescription&, const StateDict& tensors);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Which node makes which value, and in what order nodes can run.
#pragma once
#include "core/import/onnx_node.h"
#include <map>
#include <string>
#include <vector>

namespace mprdo {

/// The nodes, each after those whose values it uses; of several that can run, the one that stands first in the file. A file
/// that is in order stays as it is. Cost: n log n.
/// \param given    names that no node makes -> what they are: "an input", "an initializer"
/// \param outputs  names that the graph gives back
/// \throws Error{BadFile} naming file, node and value: a name that two nodes make, or that a node makes and is given; a name
/// that is used, or given back, and nobody makes; a cycle
std::vector<OnnxNode> orderOnnxNodes(const std::string& file, std::vector<OnnxNode> nodes,
                                     const std::map<std::string, std::string>& given, const std::vector<std::string>& outputs);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A graph as JSON text: what both export files carry (resources/formats.md, "Graph").
#pragma once
#include "core/graph/graph.h"
#include <string>
#include <string_view>

namespace mprdo {

/// Values are numbered anew: 0 is the input, k the output of node k - 1. Compact, keys sorted, without parameter tensors.
/// \throws Error{Unsupported} when the graph has not one input, one output and one output a node.
std::string graphToText(const Graph&);

/// The name that the file which the graph came from has for its output, that of its value; empty: it is that of the node that makes it.
std::string outputName(const Graph&);

/// Builds the graph over the given parameters. Shapes are inferred anew and must be those of the text; sizes are bounded
/// before anything is run, then two blank images go through, so that what comes out can be executed.
/// \throws Error{BadFile} naming file and condition.
Graph graphFromText(const std::string& file, std::string_view text, const std::map<std::string, at::Tensor>& parameters,
                    const std::string& architecture);

} // namespace mprdo

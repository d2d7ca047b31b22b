// SPDX-License-Identifier: GPL-3.0-or-later
// A model of several outputs and the one that is quantized: what goes with the others is said, never passed over.
#pragma once
#include "core/import/onnx_file.h"

namespace mprdo {

/// Values that a node reads, or that are outputs.
std::set<std::string> namesRead(const OnnxFile&);

/// "logits [N, 10]", a shape only where the file has one; N: the free batch, ?: another free size.
std::string outputText(const OnnxValueInfo&);
/// "a [N, 10], b and c": what messages list.
std::string outputsText(const std::vector<OnnxValueInfo>&);

/// What a model loses when one of its outputs is taken.
struct LeftOut {
    std::vector<OnnxValueInfo> outputs;
    std::vector<std::string> tensors; ///< that the others alone read: names in the file
    std::int64_t numbers = 0;         ///< in those tensors
};

/// \throws Error{Unsupported} naming the outputs, and how one of them is taken
[[noreturn]] void refuseSeveralOutputs(const OnnxFile&);

/// Leaves one output, the nodes and the initializers that it needs. \throws Error{Usage} the file has no output of that name
LeftOut takeOutput(OnnxFile&, const std::string& name);

/// One sentence for people: what was taken and what goes; empty where nothing goes.
std::string leftOutText(const std::string& taken, const LeftOut&);

} // namespace mprdo

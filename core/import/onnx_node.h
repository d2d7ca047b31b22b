// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes of an ONNX file, from and to protobuf, and how names are checked.
#pragma once
#include "core/import/onnx_external.h"
#include "core/import/onnx_file.h"
#include <set>
#include <string>

namespace onnx {
class NodeProto;
}

namespace mprdo {

/// Names that a node reads: its inputs, and what its subgraphs take from the graph around them. \throws Error{BadFile} graphs too deep
std::set<std::string> onnxReads(const std::string& file, const onnx::NodeProto&);
/// The node; tensors are moved out of its attributes. place: its number in the file, for messages while it has no name.
/// \throws Error naming the file, the node and the attribute
OnnxNode takeOnnxNode(const std::string& file, int place, onnx::NodeProto& from, OnnxExternalData& external);
/// \throws Error{Unsupported} it has a subgraph
void putOnnxNode(const std::string& file, const OnnxNode& node, onnx::NodeProto& to);

/// "FILE: node NAME (OP)"
std::string onnxNodeText(const std::string& file, const OnnxNode& node);

/// name. \throws Error{BadFile} longer than 1 KiB, no UTF-8, or with control characters; kind: "a value", "a node"
const std::string& checkedOnnxName(const std::string& file, const char* kind, const std::string& name);

} // namespace mprdo

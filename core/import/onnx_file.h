// SPDX-License-Identifier: GPL-3.0-or-later
// An ONNX model as plain values: what the protobuf says, checked, before anything is made of it. Read and written.
#pragma once
#include "core/base/torch.h"
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mprdo {

/// ONNX element types by their numbers in TensorProto::DataType, those that are ever named in this program.
namespace onnx_type {
inline constexpr int kFloat = 1, kUint8 = 2, kInt8 = 3, kUint16 = 4, kInt16 = 5, kInt32 = 6, kInt64 = 7, kBool = 9, kFloat16 = 10, kDouble = 11,
                     kUint32 = 12, kUint64 = 13, kBfloat16 = 16, kUint4 = 21, kInt4 = 22;
}

/// Opsets of ai.onnx that can be read.
inline constexpr std::int64_t kFirstOnnxOpset = 7, kLastOnnxOpset = 25;

/// A tensor of the file. int4 and uint4 are unpacked: value is int8 or uint8 then; uint16, uint32 and uint64 come as int32, int64 and int64.
struct OnnxTensor {
    at::Tensor value; ///< contiguous, the file's type where LibTorch has it
    int elementType = onnx_type::kFloat;
};

using OnnxAttribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>, OnnxTensor>;

struct OnnxNode {
    std::string op, domain, name;      ///< name is never empty: the first output's where the file has none; domain "" for ai.onnx
    std::vector<std::string> inputs, outputs; ///< "" for an optional one that is left out
    std::map<std::string, OnnxAttribute> attributes;
    bool hasSubgraph = false;          ///< an attribute is a graph (If, Loop, Scan); it is not read
    std::set<std::string> captured = {}; ///< names in such graphs that may be values of the graph around them
};

struct OnnxValueInfo {
    std::string name;
    int elementType = onnx_type::kFloat; ///< of an output 0: the file does not say
    bool hasShape = false;
    std::vector<std::int64_t> shape;   ///< -1: free (no number, or a symbol)
};

struct OnnxFile {
    std::string path, producer;
    std::int64_t fileBytes = 0;        ///< with external data
    std::int64_t irVersion = 8, opset = 17;  ///< opset of ai.onnx
    std::string graphName;
    std::vector<OnnxNode> nodes;       ///< those that some output needs, in topological order (the file's own where it is one)
    std::map<std::string, OnnxTensor> initializers;
    std::vector<OnnxValueInfo> inputs; ///< without those that are initializers
    std::vector<OnnxValueInfo> outputs;
    std::map<std::string, std::string> metadata; ///< metadata_props
    std::vector<std::string> notices;  ///< sentences for people: what of the file is left out
};

/// Nodes, initializers and functions that no output needs are left out, whatever they are. External data is read from the file's own folder
/// alone.
/// \throws Error{Io | BadFile | Unsupported} naming the file, the node or tensor, and the condition
OnnxFile readOnnx(const std::string& path);
/// The same for bytes in memory; name stands for the path in messages; folder: where external data lies, empty: none may be named.
OnnxFile decodeOnnx(const std::string& name, std::string_view bytes, const std::string& folder = {});
/// A protobuf message whose first fields are those of ONNX's ModelProto.
bool looksLikeOnnx(const std::string& name, std::string_view head);

/// One TensorProto by itself, as ONNX's test data comes (input_0.pb). \throws Error{BadFile | Unsupported} naming it.
OnnxTensor decodeOnnxTensor(const std::string& name, std::string_view bytes);

/// The model as bytes: raw_data little-endian, int4/uint4 packed two a byte, low nibble first. Deterministic.
/// Attributes of type double are float32 in the file.
/// \throws Error{Unsupported} a node with a subgraph, a value that its element type cannot hold, more than 2 GiB
std::string encodeOnnx(const OnnxFile&);

} // namespace mprdo

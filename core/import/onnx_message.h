// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to a protobuf message, after a look at how much memory they would ask for.
#pragma once
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace mprdo {

class InputFile;

/// Parses a message whole. The bytes are walked through first: a message in protobuf is 2 bytes in a file and a hundred in
/// memory, so that a small file could ask for gigabytes; more than a million messages and texts are refused, as are
/// messages nested more than 64 deep. Contents of tensors are passed over by the walk, not read.
/// \param name  the file, for messages    \param out  an empty onnx::ModelProto or onnx::TensorProto
/// \throws Error{BadFile} naming the file, the field and the byte: truncated, damaged, too deep, too many
void parseOnnxMessage(const std::string& name, std::string_view bytes, google::protobuf::Message& out);
/// The same from a file; memory: what the message takes and 512 KiB.
void parseOnnxMessage(const InputFile&, google::protobuf::Message& out);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What parent and child of readTorchScript agree on: PROGRAM --mprdo-torchscript FILE C H W [OUTPUT]. The child answers on its
// standard output with an ONNX model (exit code 0) or with "CODE message" of an Error (kRefused).
#pragma once

namespace mprdo::script {

inline constexpr const char* kProcessWord = "--mprdo-torchscript";
/// The metadata of the answer that says what was left out.
inline constexpr const char* kNoticeKey = "mprdo.left_out";
inline constexpr int kRefused = 3;

} // namespace mprdo::script

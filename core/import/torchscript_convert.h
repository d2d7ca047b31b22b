// SPDX-License-Identifier: GPL-3.0-or-later
// The child's half of readTorchScript.
#pragma once
#include "core/import/onnx_file.h"

namespace mprdo::script {

/// In this process. The answer was run on other images than it was made with, and says what the module says to 1e-4 of
/// the largest output.
/// \throws as readTorchScript, and whatever LibTorch does
OnnxFile convertTorchScript(const std::string& path, const std::vector<std::int64_t>& inputShape, const std::string& output = {});

} // namespace mprdo::script

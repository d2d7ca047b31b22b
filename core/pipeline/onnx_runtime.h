// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX Runtime as a program beside this one: node with the npm package onnxruntime-node.
#pragma once
#include "core/api/run_control.h"
#include "core/base/torch.h"
#include <string>
#include <vector>

namespace mprdo {

struct RuntimeJob {
    std::string model;   ///< an ONNX file
    at::Tensor input;    ///< float32 [N, ...], what the network is fed
    std::string level;   ///< of graph optimisation: "disabled", "basic", "extended", "all"
};

struct RuntimeAnswers {
    std::vector<at::Tensor> outputs; ///< float32 [N, ...], the first output of each job
    std::string version;
};

/// All in one process. \param folder that holds node_modules; empty: MPRDO_ONNX_RUNTIME, the user's data folder, or where node looks
/// \throws Error{Unsupported} node or the package is not installed (how to install it); Error{BadFile} the runtime refuses a file; Cancelled
RuntimeAnswers runOnnxRuntime(const std::vector<RuntimeJob>&, const std::string& folder, const RunControl&);

} // namespace mprdo

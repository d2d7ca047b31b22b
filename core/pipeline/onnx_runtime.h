// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX Runtime as a program beside this one: node with the npm package onnxruntime-node.
#pragma once
#include "core/api/run_control.h"
#include "core/base/torch.h"
#include "core/import/onnx_file.h"
#include <string>
#include <vector>

namespace mprdo {

/// How a file wants to be fed.
struct RuntimeInput {
    std::string name = {};                      ///< of the input that the images go into; empty: the first one
    int elementType = onnx_type::kFloat;        ///< of that input: FP32, FP16 or FP64
    std::int64_t batch = 0;                     ///< images at a time: so many, no more and no less; 0: any number
    std::string output = {};                    ///< the output to give back; empty: the first one

    /// As the file says, of an input that the images go into.
    static RuntimeInput of(const OnnxFile&);
};

struct RuntimeJob {
    std::string model;       ///< an ONNX file
    at::Tensor input;        ///< float32 [N, ...], what the network is fed; a batch that is not full is filled with its last image
    std::string level;       ///< of graph optimisation: "disabled", "basic", "extended", "all"
    RuntimeInput feeding = {};
};

struct RuntimeAnswers {
    std::vector<at::Tensor> outputs; ///< float32 [N, ...], the output of each job
    std::string version;
};

/// All in one process. \param folder that holds node_modules; empty: MPRDO_ONNX_RUNTIME, the user's data folder, or where node looks
/// \throws Error{Unsupported} node or the package is not installed (how to install it), an input of another type; Error{BadFile} the runtime refuses a file; Cancelled
RuntimeAnswers runOnnxRuntime(const std::vector<RuntimeJob>&, const std::string& folder, const RunControl&);

} // namespace mprdo

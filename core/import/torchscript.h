// SPDX-License-Identifier: GPL-3.0-or-later
// TorchScript files (torch.jit.save). Such a file is a program and LibTorch's loader trusts it, so both run in a child
// process that may change nothing; what comes back is an ONNX model.
#pragma once
#include "core/import/onnx_file.h"
#include <chrono>
#include <functional>

namespace mprdo {

/// A file whose network is not known before its input's size is.
struct TorchScriptFile {
    std::string path;
    std::int64_t fileBytes = 0;
    std::string output = {}; ///< of several: the place in a tuple ("0", "1.0") or the key in a dict; empty: there is one
};

struct TorchScriptOptions {
    std::chrono::milliseconds limit{120'000}; ///< the child is ended then
    std::string output = {};                  ///< as TorchScriptFile::output
    std::function<void()> idle = {};          ///< called about 20 times a second; what it throws ends the child
};

/// A zip archive with code/ or constants.pkl beside data.pkl.
bool looksLikeTorchScript(const std::string& name, std::string_view bytes);

/// The module in evaluation mode as nodes of ONNX's opset 20, for images of a size and batches of any; its parameters
/// keep their attribute's path ("layer1.0.conv1.weight"), nodes are named after their module.
/// \param inputShape [C, H, W]
/// \throws Error{Io} the file cannot be read; Error{BadFile} LibTorch does not load it, ends while it does, or takes
/// longer than the limit; Error{Unsupported} naming an operator without a row and its module, or what else the network
/// does that no straight line says; Error{ShapeMismatch} images of that size do not pass
/// Cost: loading, five passes of at most 5 images, one thread.
OnnxFile readTorchScript(const std::string& path, const std::vector<std::int64_t>& inputShape,
                         const TorchScriptOptions& = {});

} // namespace mprdo

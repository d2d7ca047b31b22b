// SPDX-License-Identifier: GPL-3.0-or-later
// Named tensors from a file: PyTorch zip, PyTorch's older stream of pickles, safetensors. Recognised by content.
#pragma once
#include "core/base/torch.h"
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mprdo {

struct Checkpoint {
    std::string path;
    std::string format;       ///< "PyTorch zip", "PyTorch legacy", "safetensors"
    std::int64_t fileBytes = 0;
    /// File order; names without nesting (state_dict, model, net) and without "module."; the file's own types.
    std::vector<std::pair<std::string, at::Tensor>> tensors;

    std::map<std::string, at::Tensor> asMap() const;
};

/// Nothing in the file is ever executed; sizes are checked against the file before anything is allocated.
/// \throws Error{Io | BadFile | Unsupported} naming the file and the exact condition (truncated, a global that is not
/// allowed, offsets outside the file, a shape whose product overflows, NaN in a named tensor, ...).
Checkpoint readCheckpoint(const std::string& path);
/// The same for bytes in memory; name stands for the path in messages.
Checkpoint readCheckpoint(const std::string& name, std::string_view bytes);

/// The tensors as a safetensors file (little-endian, F32), names in the given order.
std::string encodeSafetensors(const std::vector<std::pair<std::string, at::Tensor>>& tensors);

} // namespace mprdo

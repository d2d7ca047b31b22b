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
    /// The network's: file order; names without the keys that lead to them, without a prefix that the known network in it does
    /// not have ("model.") and without what wrappers add ("module.", "_orig_mod."); the file's own types.
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    std::string key = {};                                        ///< that leads to the state dict; "" in the outermost dict
    std::vector<std::pair<std::string, at::Tensor>> beside = {}; ///< further tensors of that dict, which have another prefix
    std::vector<std::pair<std::string, std::string>> unread = {}; ///< tensors of kinds that are not read, and what makes them
    std::vector<std::string> notices = {};                        ///< sentences: what was taken, what else is in the file

    std::map<std::string, at::Tensor> asMap() const;
};

struct ReadOptions {
    std::string stateDict; ///< --state-dict: the keys that lead to it, with a prefix of names behind; "": told by what is there
    bool ofCheckpoints = false; ///< a file that has its own graph is read all the same; else stateDict is refused for it
};

/// Nothing in the file is ever executed; sizes are checked against the file before anything is allocated. The state dict is
/// looked for under all keys and in saved modules (torch.save(model)); of several the one that is a known network is taken.
/// \throws Error{Io | BadFile | Unsupported} naming the file and the exact condition (truncated, several networks, offsets
/// outside the file, a shape whose product overflows, ...); Error{Usage} nothing under options.stateDict
Checkpoint readCheckpoint(const std::string& path, const ReadOptions& options = {});
/// The same for bytes in memory; name stands for the path in messages.
Checkpoint readCheckpoint(const std::string& name, std::string_view bytes, const std::string& stateDict = {});

/// The tensors as a safetensors file (little-endian, F32), names in the given order.
std::string encodeSafetensors(const std::vector<std::pair<std::string, at::Tensor>>& tensors);

} // namespace mprdo

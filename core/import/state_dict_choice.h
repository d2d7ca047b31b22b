// SPDX-License-Identifier: GPL-3.0-or-later
// Which of a file's dicts of tensors is the network's, and which of its names: training scripts wrap state dicts in dicts, put
// prefixes before names and keep teachers, averages and losses beside.
#pragma once
#include "core/import/pickled_tensors.h"
#include <functional>
#include <string>
#include <vector>

namespace mprdo {

struct OfferedStateDict {
    std::string key;     ///< the keys that lead to it; "" for the root
    NamedTensors shapes; ///< the file's order, names without wrappers (withoutWrappers); only their shapes are looked at
};

struct StateDictChoice {
    std::size_t place = 0;
    std::string prefix; ///< "student.": of the network's tensors; those without it lie beside
};

/// A name without what DataParallel, torch.compile and sharding put into it: "module." and "_orig_mod." in front, "module." behind "features.",
/// "_orig_mod.", "_fsdp_wrapped_module." and "_checkpoint_wrapped_module." within.
std::string withoutWrappers(std::string name);

/// The one that is a known network, by names or else by structure; where none is, the only one with a tensor of at least two
/// dimensions.
/// \param wanted  --state-dict: one of the keys, with or without a prefix of names behind; "": told by what is there
/// \param same    whether two of them hold the same tensors, so that it does not matter which is taken
/// \throws Error{Unsupported} several, naming them and --state-dict; Error{Usage} nothing under wanted
StateDictChoice chooseStateDict(const std::string& file, const std::vector<OfferedStateDict>&, const std::string& wanted,
                                const std::function<bool(const StateDictChoice&, const StateDictChoice&)>& same);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A known network under names that nobody knows: told by the shapes of its layers in their order.
#pragma once
#include "core/import/pickled_tensors.h"
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

/// One way to read a state dict as a known network.
struct StructureMatch {
    std::string architecture;
    std::vector<std::pair<std::string, std::string>> names; ///< of the known network, of the file; every tensor of the network

    StateDict renamed(const StateDict& tensors) const;
};

/// Every known network whose convolutions, batch norms and linear layers have, each kind in its order, the shapes of the file's;
/// and every order in which files list a block's shortcut (before or behind the block) and their layers (as defined, or sorted
/// by name). All tensors of the file must have a place, but counters and what profilers leave behind. Shapes say nothing of
/// strides or of what stands between the layers: a match is a guess until data confirms it. At most eight; cost: some
/// milliseconds.
/// \param tensors  in the file's order; only their shapes are looked at
/// \param architecture  only this one; empty: any
std::vector<StructureMatch> structureMatches(const NamedTensors& tensors, const std::string& architecture = {});

} // namespace mprdo

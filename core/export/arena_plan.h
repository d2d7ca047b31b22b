// SPDX-License-Identifier: GPL-3.0-or-later
// Places in one piece of memory for buffers that live for a while each.
#pragma once
#include <cstdint>
#include <vector>

namespace mprdo {

/// Needed from step begin to step end, both included.
struct ArenaBuffer {
    std::int64_t size = 0, begin = 0, end = 0;
};

struct ArenaPlan {
    std::vector<std::int64_t> offsets; ///< one a buffer
    std::int64_t size = 0;
};

/// No two buffers that live at the same step overlap. Greedy: the largest first, each in the lowest gap that holds it (Pisarchyk and
/// Lee, arXiv 2001.03288, "greedy by size"). Deterministic; O(n^2).
ArenaPlan planArena(const std::vector<ArenaBuffer>&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/arena_plan.h"
#include <algorithm>
#include <numeric>

namespace mprdo {

ArenaPlan planArena(const std::vector<ArenaBuffer>& buffers)
{
    std::vector<std::size_t> bySize(buffers.size()), byOffset; // byOffset: those that have their place
    std::iota(bySize.begin(), bySize.end(), std::size_t(0));
    std::stable_sort(bySize.begin(), bySize.end(), [&](std::size_t a, std::size_t b) { return buffers[a].size > buffers[b].size; });
    ArenaPlan out;
    out.offsets.resize(buffers.size(), 0);
    for (const std::size_t i : bySize) {
        std::int64_t offset = 0;
        for (const std::size_t j : byOffset) {
            if (buffers[j].end < buffers[i].begin || buffers[i].end < buffers[j].begin)
                continue;
            if (offset + buffers[i].size <= out.offsets[j])
                break; // the gap before it is wide enough
            offset = std::max(offset, out.offsets[j] + buffers[j].size);
        }
        out.offsets[i] = offset;
        out.size = std::max(out.size, offset + buffers[i].size);
        byOffset.insert(std::upper_bound(byOffset.begin(), byOffset.end(), i,
                                         [&](std::size_t a, std::size_t b) { return out.offsets[a] < out.offsets[b]; }),
                        i);
    }
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/fisher_memo.h"

namespace mprdo {

FisherMemo::Pair FisherMemo::of(const Graph& graph, const std::vector<Block>& blocks, const ImageSet& calibration,
                                const ImageSet& gate, std::uint64_t seed, const RunControl& run)
{
    const std::lock_guard lock(m_mutex);
    auto it = m_known.find(seed);
    if (it == m_known.end())
        it = m_known.emplace(seed, Pair{outputFisher(graph, blocks, calibration, seed, run),
                                        outputFisher(graph, blocks, gate, seed, run)}).first;
    return it->second;
}

} // namespace mprdo

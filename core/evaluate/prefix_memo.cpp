// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prefix_memo.h"

namespace mprdo {

PrefixMemo::PrefixMemo(std::shared_ptr<const Graph> graph, std::int64_t images, std::int64_t mostBytes)
    : m_graph(std::move(graph))
    , m_blocks(findBlocks(*m_graph))
{
    m_first = m_blocks.empty() ? 0 : m_blocks.size() - 1;
    for (std::int64_t left = mostBytes; m_first > 0; --m_first) {
        std::int64_t bytes = images * static_cast<std::int64_t>(sizeof(float));
        const std::vector<std::int64_t>& shape
            = m_graph->values[static_cast<std::size_t>(m_blocks[m_first - 1].output)].shape;
        for (std::size_t i = 1; i < shape.size(); ++i)
            bytes *= shape[i];
        if (bytes > left)
            break;
        left -= bytes;
    }
}

at::Tensor PrefixMemo::logits(const ImageSet& set, std::int64_t begin, std::int64_t end, const Overlay& overlay,
                              const std::vector<std::string>& ids)
{
    NoGrad noGrad;
    std::map<std::size_t, Kept>& kept = m_kept[begin];
    ValueMap feeds;
    std::size_t from = m_first; // first block whose output is missing
    for (std::size_t i = m_blocks.size(); i-- > m_first && feeds.empty();)
        if (const auto it = kept.find(i); it != kept.end() && it->second.id == ids.at(i)
            && it->second.value.size(0) == end - begin) {
            feeds[m_blocks[i].output] = it->second.value;
            from = i + 1;
        }
    if (feeds.empty())
        feeds[m_graph->inputs.at(0)] = set.batch(begin, end);
    std::vector<ValueId> fetches{m_graph->outputs.at(0)};
    for (std::size_t i = from; i + 1 < m_blocks.size(); ++i)
        fetches.push_back(m_blocks[i].output);
    const ValueMap got = execute(*m_graph, feeds, fetches, overlay);
    for (std::size_t i = from; i + 1 < m_blocks.size(); ++i)
        kept[i] = {ids.at(i), got.at(m_blocks[i].output)};
    return got.at(m_graph->outputs[0]);
}

std::int64_t PrefixMemo::bytes() const
{
    std::int64_t out = 0;
    for (const auto& [batch, values] : m_kept)
        for (const auto& [block, kept] : values)
            out += static_cast<std::int64_t>(kept.value.nbytes());
    return out;
}

} // namespace mprdo

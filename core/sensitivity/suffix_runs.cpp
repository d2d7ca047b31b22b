// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sensitivity/suffix_runs.h"
#include <algorithm>
#include <numeric>
#include <set>

namespace mprdo {

std::vector<LayerSuffix> layerSuffixes(const Graph& graph)
{
    const std::vector<std::int64_t> macs = macsPerNode(graph);
    std::vector<LayerSuffix> out;
    for (const Layer& layer : graph.layers()) {
        LayerSuffix suffix;
        const std::size_t first = layer.nodes.front();
        std::set<ValueId> before(graph.inputs.begin(), graph.inputs.end()), cut, feeds, changed;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const Node& node = graph.nodes[i];
            if (i < first) {
                before.insert(node.outputs.begin(), node.outputs.end());
                continue;
            }
            bool dependent = std::count(layer.nodes.begin(), layer.nodes.end(), i) > 0;
            for (const ValueId v : node.inputs) {
                dependent |= changed.count(v) > 0;
                if (before.count(v))
                    cut.insert(v);
            }
            if (!dependent)
                continue;
            for (const ValueId v : node.inputs)
                if (!changed.count(v))
                    feeds.insert(v);
            changed.insert(node.outputs.begin(), node.outputs.end());
            suffix.macs += macs[i];
        }
        for (const ValueId v : graph.outputs) { // an output that the layer does not reach is handed through
            if (before.count(v))
                cut.insert(v);
            if (!changed.count(v))
                feeds.insert(v);
        }
        suffix.cut.assign(cut.begin(), cut.end());
        suffix.feeds.assign(feeds.begin(), feeds.end());
        out.push_back(std::move(suffix));
    }
    return out;
}

std::int64_t imagesPerBatch(const Graph& graph)
{
    const std::vector<std::int64_t> perNode = macsPerNode(graph);
    const double macs = std::accumulate(perNode.begin(), perNode.end(), 1.0);
    double bytes = 1;
    for (const Value& value : graph.values) {
        double elements = 4;
        for (std::size_t i = 1; i < value.shape.size(); ++i)
            elements *= double(value.shape[i]);
        bytes += elements;
    }
    const double images = std::min(5e9 / macs, double(256 << 20) / bytes); // 20 GMAC/s: two cores of a laptop
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(images), 1, 128);
}

PrefixCache::PrefixCache(const Graph& graph, const ImageSet& set, const std::vector<LayerSuffix>& suffixes,
                         std::int64_t batch, std::int64_t limitBytes)
    : m_graph(graph)
    , m_set(set)
    , m_suffixes(suffixes)
    , m_batch(batch)
    , m_limit(limitBytes)
    , m_kept(static_cast<std::size_t>((set.size() + batch - 1) / batch))
{
}

ValueMap PrefixCache::feeds(std::int64_t batch, std::size_t layer)
{
    Kept& kept = m_kept.at(static_cast<std::size_t>(batch));
    if (kept.values.empty() || kept.layer != layer) {
        ValueMap from = kept.layer < layer ? std::move(kept.values) : ValueMap{}; // a cut only leads forward
        if (from.empty())
            from = {{m_graph.inputs.at(0), m_set.batch(begin(batch), end(batch))}};
        m_bytes -= kept.bytes;
        kept = {layer, execute(m_graph, from, m_suffixes.at(layer).cut), 0};
        for (const auto& [id, tensor] : kept.values)
            kept.bytes += static_cast<std::int64_t>(tensor.nbytes());
        m_bytes += kept.bytes;
    }
    ValueMap out = execute(m_graph, kept.values, m_suffixes.at(layer).feeds);
    if (m_bytes > m_limit) {
        m_bytes -= kept.bytes;
        kept = {};
    }
    return out;
}

} // namespace mprdo

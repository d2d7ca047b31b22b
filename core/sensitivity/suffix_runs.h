// SPDX-License-Identifier: GPL-3.0-or-later
// Running only what lies behind a layer, from cached activations.
#pragma once
#include "core/data/image_set.h"
#include "core/exec/executor.h"

namespace mprdo {

/// What a run of everything that depends on a layer's weight needs and costs.
struct LayerSuffix {
    std::vector<ValueId> cut;   ///< made before the layer's first node and read at or after it: enough for all that follows
    std::vector<ValueId> feeds; ///< what the dependent nodes read and do not make themselves
    std::int64_t macs = 0;      ///< of the dependent nodes, per image
};

/// One per Graph::layers().
std::vector<LayerSuffix> layerSuffixes(const Graph&);

/// Images per batch so that a forward pass stays around a quarter of a second and its activations under 256 MB.
std::int64_t imagesPerBatch(const Graph&);

/// The cut in front of a layer for every batch of a set, walked forward through the network: asking for the layers in
/// ascending order costs one forward pass in all. Batches beyond limitBytes are not kept and start from the images.
class PrefixCache {
public:
    PrefixCache(const Graph&, const ImageSet&, const std::vector<LayerSuffix>&, std::int64_t batch,
                std::int64_t limitBytes = std::int64_t(512) << 20);

    std::int64_t batches() const { return static_cast<std::int64_t>(m_kept.size()); }
    std::int64_t begin(std::int64_t batch) const { return batch * m_batch; }
    std::int64_t end(std::int64_t batch) const { return std::min(m_set.size(), (batch + 1) * m_batch); }
    /// The values of the layer's feeds.
    ValueMap feeds(std::int64_t batch, std::size_t layer);

private:
    struct Kept {
        std::size_t layer = 0;
        ValueMap values; ///< empty: not kept
        std::int64_t bytes = 0;
    };
    const Graph& m_graph;
    ImageSet m_set;
    const std::vector<LayerSuffix>& m_suffixes;
    std::int64_t m_batch, m_limit, m_bytes = 0;
    std::vector<Kept> m_kept;
};

} // namespace mprdo

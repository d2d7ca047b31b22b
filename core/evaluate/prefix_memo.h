// SPDX-License-Identifier: GPL-3.0-or-later
// Values in the middle of the network that are kept between evaluations: after an edit of a late layer only what follows it is
// run again.
#pragma once
#include "core/data/image_set.h"
#include "core/exec/executor.h"
#include "core/graph/passes.h"
#include <map>

namespace mprdo {

/// One network on one set of images, batch by batch. Keeps what enters the last blocks, from the end backwards, as far as the
/// memory goes. Logits are those of a whole run to the bit. Not for several threads at once.
class PrefixMemo {
public:
    /// \param images how many there are in all   \param mostBytes bound on what is kept
    PrefixMemo(std::shared_ptr<const Graph>, std::int64_t images, std::int64_t mostBytes);

    const std::vector<Block>& blocks() const { return m_blocks; }
    /// Logits of the images [begin, end) under the overlay. ids: one a block, the identity of everything up to its end.
    const Graph& graph() const { return *m_graph; }
    at::Tensor logits(const ImageSet&, std::int64_t begin, std::int64_t end, const Overlay&, const std::vector<std::string>& ids);
    std::int64_t bytes() const; ///< what is kept now

private:
    struct Kept {
        std::string id;
        at::Tensor value; ///< output of the block
    };
    std::shared_ptr<const Graph> m_graph;
    std::vector<Block> m_blocks;
    std::size_t m_first = 0; ///< outputs of the blocks from here to the one before the last are kept
    std::map<std::int64_t, std::map<std::size_t, Kept>> m_kept; ///< by batch and block
};

} // namespace mprdo

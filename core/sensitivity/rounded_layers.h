// SPDX-License-Identifier: GPL-3.0-or-later
// Every layer's weight as it stands on the grid of each candidate width.
#pragma once
#include "core/api/run_control.h"
#include "core/exec/executor.h"
#include "core/quant/grid.h"
#include "core/sensitivity/suffix_runs.h"

namespace mprdo {

/// Made when first asked for and kept as one byte per weight and width, because the executed metrics and the curvature
/// look at the same rounding at different times.
class RoundedLayers {
public:
    RoundedLayers(const Graph&, Rounding, GridMode, std::size_t widths);

    /// Rounds the layer at those widths that are not there yet. Nearest: MSE grid, nearest code. ClosedForm: the grid
    /// weighted by diag(H), codes with second-order compensation on the layer's FP32 inputs, taken from the prefix.
    void ensure(std::size_t layer, const std::vector<std::size_t>& widthIndices, const std::vector<Bits>& widths,
                PrefixCache& prefix, const RunControl&);
    /// The weight's values on the grid, float32. ensure() came before.
    at::Tensor values(std::size_t layer, std::size_t widthIndex) const;

private:
    struct Entry {
        Grid grid;
        at::Tensor codes; ///< uint8: code - qMin; undefined: not made yet
    };
    void keep(Entry&, const Grid&, const at::Tensor& codes);

    const Graph& m_graph;
    std::vector<Layer> m_layers;
    Rounding m_rounding;
    GridMode m_mode;
    std::vector<std::vector<Entry>> m_entries; ///< [layer][width]
};

} // namespace mprdo

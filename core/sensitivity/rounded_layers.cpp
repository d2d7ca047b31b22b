// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sensitivity/rounded_layers.h"
#include "core/exec/input_statistics.h"
#include "core/quant/compensated_rounding.h"

namespace mprdo {
namespace {

/// diag(H) in a shape that broadcasts against the weight, mean 1 (a factor does not move the grid; a tiny one would
/// underflow). Undefined when the layer sees only zeros.
at::Tensor importanceOf(const at::Tensor& hessian, const at::Tensor& w)
{
    const at::Tensor diagonal = hessian.diagonal(0, 1, 2); // [groups, K]
    const double mean = diagonal.mean().item<double>();
    if (!(mean > 0))
        return {};
    const std::int64_t groups = diagonal.size(0);
    return (diagonal / mean).to(at::kFloat).repeat_interleave(w.size(0) / groups, 0).reshape(w.sizes());
}

} // namespace

RoundedLayers::RoundedLayers(const Graph& graph, Rounding rounding, GridMode mode, std::size_t widths)
    : m_graph(graph)
    , m_layers(graph.layers())
    , m_rounding(rounding)
    , m_mode(mode)
    , m_entries(m_layers.size(), std::vector<Entry>(widths))
{
}

void RoundedLayers::keep(Entry& entry, const Grid& grid, const at::Tensor& codes)
{
    entry.grid = grid;
    entry.codes = (codes - double(grid.qMin())).to(at::kByte);
}

void RoundedLayers::ensure(std::size_t layer, const std::vector<std::size_t>& widthIndices, const std::vector<Bits>& widths,
                           PrefixCache& prefix, const RunControl& run)
{
    const NoGrad noGrad;
    const at::Tensor& w = m_graph.parameter(m_layers[layer].parameter);
    at::Tensor hessian;
    for (const std::size_t i : widthIndices) {
        Entry& entry = m_entries[layer][i];
        if (entry.codes.defined())
            continue;
        run.throwIfCancelled();
        if (m_rounding == Rounding::Nearest) {
            const Grid grid = mseGrid(w, widths[i], m_mode);
            keep(entry, grid, quantize(w, grid));
            continue;
        }
        if (!hessian.defined())
            for (std::int64_t b = 0; b < prefix.batches(); ++b) {
                run.throwIfCancelled();
                std::vector<ValueId> inputs;
                for (const std::size_t n : m_layers[layer].nodes)
                    inputs.push_back(m_graph.nodes[n].inputs[0]);
                const ValueMap values = execute(m_graph, prefix.feeds(b, layer), inputs);
                for (const std::size_t n : m_layers[layer].nodes) {
                    const Node& node = m_graph.nodes[n];
                    const at::Tensor moment = inputSecondMoment(node, w, values.at(node.inputs[0]));
                    hessian = hessian.defined() ? hessian + moment : moment;
                }
            }
        const Grid grid = mseGrid(w, widths[i], m_mode, importanceOf(hessian, w));
        keep(entry, grid, roundCompensated(w, hessian, grid, {}, run));
    }
}

at::Tensor RoundedLayers::values(std::size_t layer, std::size_t widthIndex) const
{
    const Entry& entry = m_entries.at(layer).at(widthIndex);
    return dequantize(entry.codes.to(at::kFloat) + double(entry.grid.qMin()), entry.grid);
}

} // namespace mprdo

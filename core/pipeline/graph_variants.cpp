// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/graph_variants.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace mprdo {
namespace {

using Places = std::vector<std::size_t>;

constexpr double kUsualSlope = 0.1; // of LeakyReLU

bool isActivation(Op op)
{
    constexpr std::array kAll{Op::Relu, Op::LeakyRelu, Op::PRelu, Op::Clamp, Op::Silu, Op::HardSwish, Op::Gelu};
    return std::find(kAll.begin(), kAll.end(), op) != kAll.end();
}

/// Who makes and who reads every value.
struct Links {
    explicit Links(const Graph& graph)
    {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            for (const ValueId v : graph.nodes[i].inputs)
                readers[v].push_back(i);
            for (const ValueId v : graph.nodes[i].outputs)
                maker[v] = i;
        }
    }
    std::map<ValueId, Places> readers;
    std::map<ValueId, std::size_t> maker;
};

std::int64_t strideOf(const Node& node)
{
    if (node.op == Op::Conv2d)
        return node.perAxis("stride", 1, 2).front();
    const std::vector<std::int64_t> steps = node.integers("steps", {});
    return steps.empty() ? 1 : steps.front();
}

void setStride(Node& node, std::int64_t stride)
{
    if (node.op == Op::Conv2d)
        node.attributes["stride"] = stride;
    else
        node.attributes["steps"] = std::vector<std::int64_t>(node.integers("axes", {}).size(), stride);
}

/// A shortcut without weights that takes every second row and column.
bool skipsPixels(const Node& node) { return node.op == Op::Slice && node.integers("axes", {}) == std::vector<std::int64_t>{2, 3}; }

class Variants {
public:
    explicit Variants(const Graph& graph) : m_graph(graph), m_links(graph) {}

    std::vector<GraphVariant> all()
    {
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i)
            atNode(i);
        for (const auto& [value, places] : m_links.readers)
            strideFrom(places);
        otherActivations();
        strideMoved(true);
        strideMoved(false);
        return std::move(m_all);
    }

private:
    const Graph& m_graph;
    Links m_links;
    std::vector<GraphVariant> m_all;

    Graph& add(std::string difference) { return m_all.emplace_back(GraphVariant{std::move(difference), m_graph}).graph; }

    void atNode(std::size_t i)
    {
        const Node& node = m_graph.nodes[i];
        const std::string kind(name(node.op));
        const auto become = [&](std::string difference, Op op) {
            Node& changed = add(std::move(difference)).nodes[i];
            changed.op = op;
            if (op == Op::Identity) {
                changed.attributes.clear();
                changed.parameters.clear();
            }
        };
        if (isActivation(node.op) || node.op == Op::MaxPool2d)
            become(text("without ", kind, " ", node.name), Op::Identity);
        if (node.op == Op::MaxPool2d)
            become(text("with an average at ", kind, " ", node.name), Op::AvgPool2d);
        if ((node.op == Op::BatchNorm || node.op == Op::Add) && !isActivated(node.outputs.at(0)))
            reluBehind(i);
    }

    bool isActivated(ValueId value) const
    {
        const auto it = m_links.readers.find(value);
        return it != m_links.readers.end() && std::all_of(it->second.begin(), it->second.end(), [&](std::size_t r) { return isActivation(m_graph.nodes[r].op); });
    }

    void reluBehind(std::size_t i)
    {
        const Node& node = m_graph.nodes[i];
        Graph& changed = add(text("with a relu behind ", node.name));
        const ValueId out = node.outputs[0], before = static_cast<ValueId>(changed.values.size());
        changed.values.push_back(changed.values[static_cast<std::size_t>(out)]);
        changed.nodes[i].outputs[0] = before;
        Node relu;
        relu.op = Op::Relu;
        relu.name = node.name + ".relu";
        relu.inputs = {before};
        relu.outputs = {out};
        changed.nodes.insert(changed.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1, relu);
    }

    /// Everything that reads one value strides alike: a block's first convolution and its shortcut.
    void strideFrom(const Places& readers)
    {
        Places places;
        for (const std::size_t r : readers)
            if (m_graph.nodes[r].op == Op::Conv2d || skipsPixels(m_graph.nodes[r]))
                places.push_back(r);
        if (places.empty())
            return;
        const Node& first = m_graph.nodes[places.front()];
        const std::int64_t stride = strideOf(first), other = stride == 1 ? 2 : 1;
        Graph& changed = add(text("with stride ", other, " instead of ", stride, " at ", first.name));
        for (const std::size_t place : places)
            setStride(changed.nodes[place], other);
    }

    /// The convolution before or behind one, with nothing but batch norms and activations between.
    std::optional<std::size_t> neighbour(std::size_t at, bool before) const
    {
        for (;;) {
            if (before) {
                const auto it = m_links.maker.find(m_graph.nodes[at].inputs.at(0));
                if (it == m_links.maker.end())
                    return std::nullopt;
                at = it->second;
            } else {
                const auto it = m_links.readers.find(m_graph.nodes[at].outputs.at(0));
                if (it == m_links.readers.end() || it->second.size() != 1)
                    return std::nullopt;
                at = it->second.front();
            }
            const Op op = m_graph.nodes[at].op;
            if (op == Op::Conv2d)
                return at;
            if (op != Op::BatchNorm && !isActivation(op))
                return std::nullopt;
        }
    }

    /// The two places of a bottleneck's stride.
    void strideMoved(bool earlier)
    {
        std::vector<std::pair<std::size_t, std::size_t>> moves;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i)
            if (m_graph.nodes[i].op == Op::Conv2d && strideOf(m_graph.nodes[i]) > 1)
                if (const auto to = neighbour(i, earlier); to && strideOf(m_graph.nodes[*to]) == 1)
                    moves.emplace_back(i, *to);
        if (moves.empty())
            return;
        Graph& changed = add(text("with the stride of ", m_graph.nodes[moves.front().first].name, " and its like one convolution ", earlier ? "earlier" : "later"));
        for (const auto& [from, to] : moves) {
            setStride(changed.nodes[to], strideOf(m_graph.nodes[from]));
            setStride(changed.nodes[from], 1);
        }
    }

    void otherActivations()
    {
        std::set<Op> used;
        for (const Node& node : m_graph.nodes)
            if (isActivation(node.op) && node.op != Op::PRelu)
                used.insert(node.op);
        for (const Op from : used)
            for (const Op to : {Op::Relu, Op::Clamp, Op::LeakyRelu, Op::Silu, Op::HardSwish, Op::Gelu}) {
                if (from == to)
                    continue;
                const std::string kind = to == Op::Clamp ? std::string("relu6") : std::string(name(to));
                for (Node& node : add(text("with ", kind, " for ", name(from))).nodes)
                    if (node.op == from) {
                        node.op = to;
                        node.attributes.clear();
                        if (to == Op::Clamp)
                            node.attributes = {{"min", 0.0}, {"max", 6.0}};
                        if (to == Op::LeakyRelu)
                            node.attributes = {{"alpha", kUsualSlope}};
                    }
            }
    }
};

} // namespace

std::vector<GraphVariant> graphVariants(const Graph& graph) { return Variants(graph).all(); }

} // namespace mprdo

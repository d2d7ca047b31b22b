// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include <algorithm>

namespace mprdo {
namespace {

using Shape = std::vector<std::int64_t>;

const Shape& shapeOf(const Graph& graph, ValueId value) { return graph.values.at(static_cast<std::size_t>(value)).shape; }

const Node* makerOf(const Graph& graph, ValueId value)
{
    const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.outputs.at(0) == value; });
    return found == graph.nodes.end() ? nullptr : &*found;
}

std::int64_t elements(const Shape& shape)
{
    std::int64_t out = 1;
    for (std::size_t i = 1; i < shape.size(); ++i)
        out *= shape[i];
    return out;
}

/// [N, C] and [N, C, 1, 1], also with the ones elsewhere: one row of numbers for each image.
bool isRow(const Shape& shape)
{
    return shape.size() >= 2 && shape[0] == -1 && std::count_if(shape.begin() + 1, shape.end(), [](std::int64_t n) { return n != 1; }) <= 1;
}

/// Keeps the order of an image's numbers.
bool onlyShapes(const Node& node) { return node.op == Op::Identity || node.op == Op::Flatten || node.op == Op::Reshape; }

/// A softmax over all numbers of an image, or sigmoids.
bool endsLogits(const Graph& graph, const Node& node)
{
    if (node.op == Op::Sigmoid)
        return true;
    if (node.op != Op::Softmax)
        return false;
    const Shape& shape = shapeOf(graph, node.inputs[0]);
    const std::int64_t axis = node.integer("axis", 1);
    const auto at = static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(shape.size()) : axis);
    return at > 0 && at < shape.size() && shape[at] > 1 && shape[at] == elements(shape);
}

/// A node of one input behind the output.
void append(Graph& graph, Op op, const char* role, std::map<std::string, Attribute> attributes)
{
    Node node;
    node.op = op;
    node.name = graph.values.at(static_cast<std::size_t>(graph.outputs.at(0))).name + role;
    node.inputs = {graph.outputs[0]};
    node.attributes = std::move(attributes);
    Value made{node.name, at::kFloat, opRow(op).shape(node, {shapeOf(graph, node.inputs[0])}, {})};
    node.outputs = {static_cast<ValueId>(graph.values.size())};
    graph.outputs = node.outputs;
    graph.values.push_back(std::move(made));
    graph.nodes.push_back(std::move(node));
    ++graph.ending->adapters;
}

} // namespace

Graph asLogits(const Graph& source)
{
    if (source.ending || source.outputs.size() != 1)
        return source;
    const ValueId own = source.outputs[0];
    std::vector<ValueId> cut; // values that nobody needs for the logits, the last first
    ValueId value = own;
    const Node* end = nullptr;
    while (const Node* node = makerOf(source, value)) {
        if (!endsLogits(source, *node) && !onlyShapes(*node))
            break;
        cut.push_back(value);
        value = node->inputs.at(0);
        if (endsLogits(source, *node)) {
            end = node;
            break;
        }
    }
    const Op function = end ? end->op : Op::Identity;
    if (!end) { // what only shapes is part of the network
        cut.clear();
        value = own;
    }
    const Shape shape = shapeOf(source, value);
    if (!isRow(shape) || !isRow(shapeOf(source, own)) || (!end && shape.size() == 2))
        return source;
    Graph graph = source;
    graph.ending = OutputEnding{{}, 0, own};
    std::vector<Node> kept;
    for (const Node& node : source.nodes)
        (std::find(cut.begin(), cut.end(), node.outputs.at(0)) == cut.end() ? kept : graph.ending->nodes).push_back(node);
    graph.nodes = std::move(kept);
    graph.outputs = {value};
    if (shape.size() != 2)
        append(graph, Op::Flatten, ".logits", {{"axis", std::int64_t(1)}});
    if (function == Op::Sigmoid) {
        const std::int64_t count = elements(shape);
        if (count > 1)
            append(graph, Op::Reshape, ".outputs", {{"shape", Shape{count, 1}}});
        Shape before(count > 1 ? 3 : 2, 0), after = before;
        before.back() = 1;
        append(graph, Op::Pad, ".choices", {{"before", before}, {"after", after}});
    }
    graph.validate();
    return graph;
}

Graph withOwnOutput(const Graph& source)
{
    if (!source.ending)
        return source;
    Graph graph = source;
    graph.nodes.resize(graph.nodes.size() - source.ending->adapters);
    graph.nodes.insert(graph.nodes.end(), source.ending->nodes.begin(), source.ending->nodes.end());
    graph.outputs = {source.ending->output};
    graph.ending.reset();
    graph.validate();
    return graph;
}

std::int64_t classesOf(const Graph& graph)
{
    check(graph.outputs.size() == 1, ErrorCode::Unsupported, "the network has ", graph.outputs.size(), " outputs, one of classes is needed");
    const Shape& shape = shapeOf(graph, graph.outputs[0]);
    const bool choices = shape.size() == 3 && shape[2] == 2 && graph.ending && graph.ending->adapters > 0;
    check(shape.size() == 2 || choices, ErrorCode::Unsupported, "the network's output has the shape ", shapeText(shape),
          ", [images, classes] is needed");
    check(shape[1] > 1, ErrorCode::Unsupported, "the network makes one number of an image and no sigmoid stands behind it: that is a value, no "
          "choice between classes");
    return shape[1];
}

} // namespace mprdo

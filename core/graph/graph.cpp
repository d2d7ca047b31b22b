// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/graph.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include <algorithm>
#include <set>

namespace mprdo {

std::int64_t Node::integer(const std::string& key, std::int64_t otherwise) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? otherwise : std::get<std::int64_t>(it->second);
}

double Node::number(const std::string& key, double otherwise) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? otherwise : std::get<double>(it->second);
}

std::vector<std::int64_t> Node::integers(const std::string& key, std::vector<std::int64_t> otherwise) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? otherwise : std::get<std::vector<std::int64_t>>(it->second);
}

std::vector<double> Node::numbers(const std::string& key, std::vector<double> otherwise) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? otherwise : std::get<std::vector<double>>(it->second);
}

std::string Node::word(const std::string& key, const std::string& otherwise) const
{
    const auto it = attributes.find(key);
    return it == attributes.end() ? otherwise : std::get<std::string>(it->second);
}

std::vector<std::int64_t> Node::perAxis(const std::string& key, std::int64_t otherwise, std::size_t count) const
{
    const auto it = attributes.find(key);
    if (it == attributes.end())
        return std::vector<std::int64_t>(count, otherwise);
    if (const auto* one = std::get_if<std::int64_t>(&it->second))
        return std::vector<std::int64_t>(count, *one);
    const auto& many = std::get<std::vector<std::int64_t>>(it->second);
    check(many.size() == count, ErrorCode::ShapeMismatch, name, ": ", key, " has ", many.size(), " numbers, expected ", count);
    return many;
}

std::vector<Layer> Graph::layers() const
{
    std::vector<Layer> out;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Node& node = nodes[i];
        if (!opRow(node.op).weighted)
            continue;
        const std::string& parameter = node.parameters.at("weight");
        const auto known = std::find_if(out.begin(), out.end(), [&](const Layer& l) { return l.parameter == parameter; });
        if (known != out.end()) {
            known->nodes.push_back(i);
            continue;
        }
        Layer layer;
        layer.parameter = parameter;
        layer.name = parameter.ends_with(".weight") ? parameter.substr(0, parameter.size() - 7) : parameter;
        layer.groups = node.integer("groups", 1);
        layer.nodes = {i};
        out.push_back(std::move(layer));
    }
    return out;
}

const at::Tensor& Graph::parameter(const std::string& name) const
{
    const auto it = parameters.find(name);
    check(it != parameters.end(), ErrorCode::Internal, "graph: no parameter named ", name);
    return it->second;
}

void Graph::validate() const
{
    std::set<ValueId> made;
    const auto make = [&](ValueId v, const std::string& by) {
        check(v >= 0 && v < static_cast<ValueId>(values.size()), ErrorCode::Internal, by, ": value ", v, " does not exist");
        check(made.insert(v).second, ErrorCode::Internal, by, ": value ", v, " is assigned twice");
    };
    for (const ValueId v : inputs)
        make(v, "graph input");
    for (const Node& node : nodes) {
        const OpRow& row = opRow(node.op);
        const int arity = static_cast<int>(node.inputs.size());
        check(arity >= row.minInputs && arity <= row.maxInputs, ErrorCode::Internal, node.name, ": ", row.name, " takes ",
              row.minInputs, " to ", row.maxInputs, " inputs, has ", arity);
        for (const ValueId v : node.inputs)
            check(made.count(v) == 1, ErrorCode::Internal, node.name, ": value ", v, " is used before it is made");
        for (const auto& [role, parameter] : node.parameters)
            check(parameters.count(parameter) == 1, ErrorCode::Internal, node.name, ": ", role, " names the unknown parameter ",
                  parameter);
        for (const ValueId v : node.outputs)
            make(v, node.name);
    }
    for (const ValueId v : outputs)
        check(made.count(v) == 1, ErrorCode::Internal, "graph output ", v, " is never made");
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/network_description.h"
#include "core/base/error.h"
#include "core/base/nearest_name.h"
#include "core/graph/guarded_builder.h"
#include "core/import/extra_tensors.h"
#include "core/import/op_words.h"
#include <set>

namespace mprdo {
namespace {

/// Role -> tensor of a node. \throws Error{ShapeMismatch} a tensor that is not there
std::map<std::string, std::string> tensorsOf(const NetworkDescription::Node& node, const StateDict& tensors)
{
    std::map<std::string, std::string> out;
    for (const ParameterWord& word : parametersOf(node.op)) {
        const std::string role(word.role);
        const auto given = node.parameters.find(role);
        const std::string tensor = given == node.parameters.end() ? node.name + std::string(word.suffix) : given->second;
        if (tensors.count(tensor)) {
            out[role] = tensor;
            continue;
        }
        if (!word.required && given == node.parameters.end())
            continue;
        std::vector<std::string> names;
        for (const auto& [name, values] : tensors)
            names.push_back(name);
        const std::string nearest = nearestName(tensor, names);
        throw Error(ErrorCode::ShapeMismatch, text(node.name, ": ", role, ": the file has no tensor ", tensor,
                                                   nearest.empty() ? "" : "; the nearest is " + nearest));
    }
    return out;
}

Graph build(const NetworkDescription& description, const StateDict& tensors)
{
    std::vector<std::map<std::string, std::string>> roles;
    std::set<std::string> used;
    for (const NetworkDescription::Node& node : description.nodes) {
        roles.push_back(tensorsOf(node, tensors));
        for (const auto& [role, tensor] : roles.back())
            used.insert(tensor);
    }
    for (const auto& [name, tensor] : tensors)
        check(used.count(name) || takesNoPart(name, tensors, [&](const std::string& n) { return used.count(n) > 0; }), ErrorCode::ShapeMismatch, "no node uses the tensor ", name, " ",
              shapeText(tensor.sizes()));
    GuardedBuilder builder;
    for (const std::string& name : used)
        builder.parameter(name, checkedValues(name, tensors.at(name)));
    builder.input("input", description.input);
    for (std::size_t n = 0; n < description.nodes.size(); ++n) {
        const NetworkDescription::Node& node = description.nodes[n];
        const std::vector<ValueId> inputs(node.inputs.begin(), node.inputs.end());
        builder.add(node.op, node.name, inputs, roles[n], node.attributes);
    }
    return builder.finish(static_cast<ValueId>(description.output), description.name);
}

} // namespace

bool isDescriptionFile(const std::string& architecture) { return architecture.ends_with(".json"); }

Graph describedGraph(const NetworkDescription& description, const StateDict& tensors)
{
    try {
        return build(description, tensors);
    } catch (const Error& e) {
        throw Error(e.code(), text(description.file, ": ", e.what()), e.context());
    }
}

} // namespace mprdo

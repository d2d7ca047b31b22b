// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/graph_text.h"
#include "core/base/error.h"
#include "core/export/export_parts.h"
#include "core/graph/guarded_builder.h"
#include "core/graph/op_table.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = std::size_t(1) << 24;
constexpr std::size_t kMaxNodes = GuardedBuilder::kMaxNodes;
constexpr std::size_t kMaxList = 4096, kMaxWord = 64;

struct Context {
    const std::string& file;
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(file, ": graph: ", parts...));
    }
};

std::string numberName(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

json attributeToJson(const Attribute& attribute)
{
    if (const auto number = std::get_if<double>(&attribute); number && !std::isfinite(*number))
        return numberName(*number); // JSON has no infinity
    return std::visit([](const auto& value) { return json(value); }, attribute);
}

std::int64_t integerFrom(const json& value, const std::string& what, const Context& c)
{
    if (!value.is_number_integer()
        || (value.is_number_unsigned()
            && value.get<std::uint64_t>() > std::uint64_t(std::numeric_limits<std::int64_t>::max())))
        c.bad(what, " is not an integer");
    const auto number = value.get<std::int64_t>();
    if (number < -GuardedBuilder::kMaxAttribute || number > GuardedBuilder::kMaxAttribute)
        c.bad(what, " is ", number, ", which is out of bounds");
    return number;
}

std::vector<std::int64_t> integersFrom(const json& value, const std::string& what, const Context& c)
{
    if (!value.is_array() || value.size() > kMaxList)
        c.bad(what, " is not a short list of integers");
    std::vector<std::int64_t> out;
    for (const json& item : value)
        out.push_back(integerFrom(item, what, c));
    return out;
}

std::vector<double> numbersFrom(const json& value, const std::string& what, const Context& c)
{
    if (value.size() > kMaxList)
        c.bad(what, " is not a short list of numbers");
    std::vector<double> out;
    for (const json& item : value) {
        if (!item.is_number_float())
            c.bad(what, " mixes numbers with other things");
        out.push_back(item.get<double>());
    }
    return out;
}

std::string stringFrom(const json& object, const char* key, const std::string& what, const Context& c)
{
    const auto it = object.find(key);
    if (it == object.end() || !it->is_string() || it->get_ref<const std::string&>().size() > 1024)
        c.bad(what, " has no ", key);
    return checkedName(c.file, it->get<std::string>(), text("graph: ", what, ": ", key));
}

const json& memberOf(const json& object, const char* key, std::string_view what, const Context& c)
{
    const auto it = object.find(key);
    if (it == object.end())
        c.bad(what, " has no ", key);
    return *it;
}

Attribute attributeFrom(const json& value, const std::string& what, const Context& c)
{
    if (value.is_array() && !value.empty() && value[0].is_number_float())
        return numbersFrom(value, what, c);
    if (value.is_array())
        return integersFrom(value, what, c);
    if (value.is_number_float())
        return value.get<double>();
    if (value == "inf")
        return std::numeric_limits<double>::infinity();
    if (value == "-inf")
        return -std::numeric_limits<double>::infinity();
    if (value.is_string() && value.get_ref<const std::string&>().size() <= kMaxWord)
        return checkedName(c.file, value.get<std::string>(), "graph: " + what);
    return integerFrom(value, what, c);
}

Graph build(const json& root, const std::map<std::string, at::Tensor>& parameters, const std::string& architecture,
            const Context& c)
{
    GuardedBuilder builder;
    for (const auto& [name, tensor] : parameters)
        builder.parameter(name, tensor);
    const json& input = memberOf(root, "input", "the text", c);
    const std::vector<std::int64_t> inputShape = integersFrom(memberOf(input, "shape", "the input", c), "the input's shape", c);
    builder.input(stringFrom(input, "name", "the input", c), inputShape);

    const json& nodes = memberOf(root, "nodes", "the text", c);
    if (!nodes.is_array() || nodes.size() > kMaxNodes)
        c.bad("nodes is not a list of at most ", kMaxNodes);
    ValueId next = 1;
    for (const json& node : nodes) {
        const std::string place = text("node ", next - 1);
        if (!node.is_object())
            c.bad(place, " is not an object");
        const std::string nodeName = stringFrom(node, "name", place, c), opName = stringFrom(node, "op", place, c);
        const std::optional<Op> op = opFromName(opName);
        if (!op)
            c.bad(nodeName, ": unknown op ", opName);
        std::vector<ValueId> inputs;
        for (const std::int64_t v : integersFrom(memberOf(node, "inputs", nodeName, c), nodeName + ": inputs", c)) {
            if (v < 0 || v >= next)
                c.bad(nodeName, ": value ", v, " is used before it is made");
            inputs.push_back(static_cast<ValueId>(v));
        }
        std::map<std::string, std::string> roles;
        if (const auto it = node.find("parameters"); it != node.end()) {
            if (!it->is_object())
                c.bad(nodeName, ": parameters is not an object");
            for (const auto& [role, name] : it->items()) {
                if (!name.is_string() || !parameters.count(name.get<std::string>()))
                    c.bad(nodeName, ": ", role, " names a tensor that is not in the file");
                roles[role] = name.get<std::string>();
            }
        }
        std::map<std::string, Attribute> attributes;
        if (const auto it = node.find("attributes"); it != node.end()) {
            if (!it->is_object())
                c.bad(nodeName, ": attributes is not an object");
            for (const auto& [key, value] : it->items())
                attributes[checkedName(c.file, key, text("graph: ", nodeName, ": an attribute's name"))] = attributeFrom(value, nodeName + ": " + key, c);
        }
        const ValueId made = builder.add(*op, nodeName, inputs, roles, attributes);
        std::vector<std::int64_t> claimed = integersFrom(memberOf(node, "shape", nodeName, c), nodeName + ": shape", c);
        if (*op != Op::Constant)
            claimed.insert(claimed.begin(), -1);
        if (claimed != builder.shape(made))
            c.bad(nodeName, ": shape ", shapeText(claimed), " is written, but the op makes ", shapeText(builder.shape(made)));
        ++next;
    }
    const std::int64_t output = integerFrom(memberOf(root, "output", "the text", c), "output", c);
    if (output < 0 || output >= next)
        c.bad("the output ", output, " is never made");
    Graph graph = builder.finish(static_cast<ValueId>(output), architecture);
    if (root.contains("output_name"))
        graph.values.at(static_cast<std::size_t>(output)).name = stringFrom(root, "output_name", "the text", c);
    return graph;
}

} // namespace

std::string outputName(const Graph& graph)
{
    const ValueId output = graph.outputs.at(0);
    const std::string& name = graph.values.at(static_cast<std::size_t>(output)).name;
    const auto maker = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.outputs.at(0) == output; });
    return maker == graph.nodes.end() || maker->name == name ? std::string() : name;
}

std::string graphToText(const Graph& graph)
{
    check(graph.inputs.size() == 1 && graph.outputs.size() == 1, ErrorCode::Unsupported,
          "export: a network of ", graph.inputs.size(), " inputs and ", graph.outputs.size(), " outputs");
    const auto withoutBatch = [&](ValueId v) {
        const auto& shape = graph.values.at(static_cast<std::size_t>(v)).shape;
        return std::vector<std::int64_t>(shape.begin() + (!shape.empty() && shape[0] == -1), shape.end()); // a constant has none
    };
    std::map<ValueId, int> number{{graph.inputs[0], 0}};
    json root;
    root["input"] = {{"name", graph.values.at(static_cast<std::size_t>(graph.inputs[0])).name},
                     {"shape", withoutBatch(graph.inputs[0])}};
    root["nodes"] = json::array();
    for (const Node& node : graph.nodes) {
        check(node.outputs.size() == 1, ErrorCode::Unsupported, "export: ", node.name, " has ", node.outputs.size(), " outputs");
        json entry{{"op", name(node.op)}, {"name", node.name}, {"shape", withoutBatch(node.outputs[0])}};
        entry["inputs"] = json::array();
        for (const ValueId v : node.inputs)
            entry["inputs"].push_back(number.at(v));
        if (!node.parameters.empty())
            entry["parameters"] = node.parameters;
        for (const auto& [key, attribute] : node.attributes)
            entry["attributes"][key] = attributeToJson(attribute);
        root["nodes"].push_back(std::move(entry));
        number[node.outputs[0]] = static_cast<int>(root["nodes"].size());
    }
    root["output"] = number.at(graph.outputs[0]);
    if (const std::string name = outputName(graph); !name.empty())
        root["output_name"] = name;
    return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

Graph graphFromText(const std::string& file, std::string_view source, const std::map<std::string, at::Tensor>& parameters,
                    const std::string& architecture)
{
    const Context c{file};
    if (source.size() > kMaxText)
        c.bad("a text of ", source.size(), " bytes");
    const json root = json::parse(source, nullptr, /*allow_exceptions=*/false);
    if (!root.is_object())
        c.bad("the text is not a JSON object");
    try {
        return build(root, parameters, architecture, c);
    } catch (const Error& e) {
        if (e.code() == ErrorCode::BadFile)
            throw;
        c.bad(e.what());
    }
}

} // namespace mprdo

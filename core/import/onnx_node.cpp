// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_node.h"
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include "core/import/element_types.h"
#include "core/import/onnx_tensor.h"
#include <algorithm>
#include <onnx/onnx_pb.h>

namespace mprdo {
namespace {

using Attribute = onnx::AttributeProto;

constexpr int kDeepest = 64, kTypeField = 20; ///< of AttributeProto

/// The types whose values the attribute holds, whatever its own type says.
std::vector<Attribute::AttributeType> heldTypes(const Attribute& a)
{
    std::vector<Attribute::AttributeType> out;
    const auto add = [&](bool held, Attribute::AttributeType type) {
        if (held)
            out.push_back(type);
    };
    add(a.has_f(), Attribute::FLOAT);
    add(a.has_i(), Attribute::INT);
    add(a.has_s(), Attribute::STRING);
    add(a.has_t(), Attribute::TENSOR);
    add(a.has_g(), Attribute::GRAPH);
    add(a.has_sparse_tensor(), Attribute::SPARSE_TENSOR);
    add(a.has_tp(), Attribute::TYPE_PROTO);
    add(a.floats_size() > 0, Attribute::FLOATS);
    add(a.ints_size() > 0, Attribute::INTS);
    add(a.strings_size() > 0, Attribute::STRINGS);
    add(a.tensors_size() > 0, Attribute::TENSORS);
    add(a.graphs_size() > 0, Attribute::GRAPHS);
    add(a.sparse_tensors_size() > 0, Attribute::SPARSE_TENSORS);
    add(a.type_protos_size() > 0, Attribute::TYPE_PROTOS);
    return out;
}

std::string typeName(Attribute::AttributeType type)
{
    std::string out = Attribute::AttributeType_Name(type);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c == '_' ? ' ' : char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return out;
}

/// Older files leave the type out: it is that of the value then.
Attribute::AttributeType typeOf(const std::string& what, const Attribute& a)
{
    const auto held = heldTypes(a);
    const auto& unknown = a.unknown_fields();
    for (int i = 0; i < unknown.field_count(); ++i)
        check(unknown.field(i).number() != kTypeField, ErrorCode::BadFile, what, ": its type is none of ONNX's");
    check(a.ref_attr_name().empty(), ErrorCode::BadFile, what, ": stands for an attribute of a function, but is in none");
    if (!a.has_type() || a.type() == Attribute::UNDEFINED) {
        check(held.size() == 1, ErrorCode::BadFile, what, ": has no type");
        return held.front();
    }
    for (const auto type : held)
        check(type == a.type(), ErrorCode::BadFile, what, ": is said to be of type ", typeName(a.type()), " but holds ", typeName(type));
    return a.type();
}

/// Names that a subgraph uses and does not make, inner graphs included.
std::set<std::string> freeNames(const std::string& what, const onnx::GraphProto& graph, int depth)
{
    check(depth <= kDeepest, ErrorCode::BadFile, what, ": graphs are nested more than ", kDeepest, " deep");
    std::set<std::string> out, made;
    for (const auto& value : graph.input())
        made.insert(value.name());
    for (const auto& tensor : graph.initializer())
        made.insert(tensor.name());
    for (const auto& value : graph.output())
        out.insert(value.name());
    for (const auto& node : graph.node()) {
        made.insert(node.output().begin(), node.output().end());
        out.insert(node.input().begin(), node.input().end());
        for (const auto& a : node.attribute()) {
            if (a.has_g())
                out.merge(freeNames(what, a.g(), depth + 1));
            for (const auto& inner : a.graphs())
                out.merge(freeNames(what, inner, depth + 1));
        }
    }
    for (const std::string& name : made)
        out.erase(name);
    return out;
}

/// Everything but graphs.
OnnxAttribute takeValue(const std::string& what, Attribute::AttributeType type, Attribute& a, OnnxExternalData& external)
{
    switch (type) {
    case Attribute::FLOAT: return double(a.f());
    case Attribute::INT: return std::int64_t(a.i());
    case Attribute::STRING: return a.s();
    case Attribute::TENSOR: return takeOnnxTensor(what, *a.mutable_t(), external);
    case Attribute::FLOATS: return std::vector<double>(a.floats().begin(), a.floats().end());
    case Attribute::INTS: return std::vector<std::int64_t>(a.ints().begin(), a.ints().end());
    case Attribute::STRINGS: return std::vector<std::string>(a.strings().begin(), a.strings().end());
    default: throw Error(ErrorCode::Unsupported, text(what, ": attributes of type ", typeName(type), " cannot be read"));
    }
}

void takeAttributes(const std::string& file, onnx::NodeProto& from, OnnxExternalData& external, OnnxNode& out)
{
    const std::string node = onnxNodeText(file, out);
    std::set<std::string> names;
    for (Attribute& a : *from.mutable_attribute()) {
        checkedOnnxName(node, "an attribute", a.name());
        check(!a.name().empty(), ErrorCode::BadFile, node, ": has an attribute without a name");
        check(names.insert(a.name()).second, ErrorCode::BadFile, node, ": has two attributes named ", printable(a.name()));
        const std::string what = text(node, ": attribute ", printable(a.name()));
        const auto type = typeOf(what, a);
        if (type != Attribute::GRAPH && type != Attribute::GRAPHS) {
            out.attributes.emplace(a.name(), takeValue(what, type, a, external));
            continue;
        }
        out.hasSubgraph = true;
        if (a.has_g())
            out.captured.merge(freeNames(what, a.g(), 1));
        for (const auto& graph : a.graphs())
            out.captured.merge(freeNames(what, graph, 1));
    }
}

struct AttributeWriter {
    const std::string& what;
    Attribute& to;

    void operator()(std::int64_t value) const { to.set_type(Attribute::INT), to.set_i(value); }
    void operator()(double value) const { to.set_type(Attribute::FLOAT), to.set_f(static_cast<float>(value)); }
    void operator()(const std::string& value) const { to.set_type(Attribute::STRING), to.set_s(value); }
    void operator()(const std::vector<std::int64_t>& values) const
    {
        to.set_type(Attribute::INTS);
        to.mutable_ints()->Add(values.begin(), values.end());
    }
    void operator()(const std::vector<double>& values) const
    {
        to.set_type(Attribute::FLOATS);
        for (const double value : values)
            to.add_floats(static_cast<float>(value));
    }
    void operator()(const std::vector<std::string>& values) const
    {
        to.set_type(Attribute::STRINGS);
        for (const std::string& value : values)
            to.add_strings(value);
    }
    void operator()(const OnnxTensor& value) const
    {
        to.set_type(Attribute::TENSOR);
        putOnnxTensor(what, value, *to.mutable_t());
    }
};

} // namespace

std::set<std::string> onnxReads(const std::string& file, const onnx::NodeProto& node)
{
    const std::string what = text(file, ": node ", printable(node.name()));
    std::set<std::string> out(node.input().begin(), node.input().end());
    for (const Attribute& a : node.attribute()) {
        if (a.has_g())
            out.merge(freeNames(what, a.g(), 1));
        for (const auto& graph : a.graphs())
            out.merge(freeNames(what, graph, 1));
    }
    out.erase("");
    return out;
}

OnnxNode takeOnnxNode(const std::string& file, int place, onnx::NodeProto& from, OnnxExternalData& external)
{
    OnnxNode node;
    node.op = checkedOnnxName(file, "an operator", from.op_type());
    node.domain = checkedOnnxName(file, "a domain", from.domain());
    if (node.domain == "ai.onnx")
        node.domain.clear();
    for (const std::string& input : from.input())
        node.inputs.push_back(checkedOnnxName(file, "a value", input));
    for (const std::string& output : from.output())
        node.outputs.push_back(checkedOnnxName(file, "a value", output));
    node.name = checkedOnnxName(file, "a node", from.name());
    const auto first = std::find_if(node.outputs.begin(), node.outputs.end(), [](const std::string& o) { return !o.empty(); });
    check(!node.op.empty(), ErrorCode::BadFile, file, ": node ", place, " ", printable(node.name), ": names no operator");
    check(first != node.outputs.end(), ErrorCode::BadFile, file, ": node ", place, " ", printable(node.name), " (", printable(node.op),
          "): has no outputs");
    if (node.name.empty())
        node.name = *first;
    takeAttributes(file, from, external, node);
    return node;
}

void putOnnxNode(const std::string& file, const OnnxNode& node, onnx::NodeProto& to)
{
    const std::string what = onnxNodeText(file, node);
    check(!node.hasSubgraph, ErrorCode::Unsupported, what, ": has a subgraph, which cannot be written");
    to.set_op_type(node.op);
    to.set_name(node.name);
    if (!node.domain.empty())
        to.set_domain(node.domain);
    for (const std::string& input : node.inputs)
        to.add_input(input);
    for (const std::string& output : node.outputs)
        to.add_output(output);
    for (const auto& [name, value] : node.attributes) {
        Attribute& attribute = *to.add_attribute();
        attribute.set_name(name);
        const std::string where = text(what, ": attribute ", printable(name));
        std::visit(AttributeWriter{where, attribute}, value);
    }
}

std::string onnxNodeText(const std::string& file, const OnnxNode& node)
{
    return text(file, ": node ", printable(node.name), " (", printable(node.op), ")");
}

const std::string& checkedOnnxName(const std::string& file, const char* kind, const std::string& name)
{
    check(name.size() <= 1024, ErrorCode::BadFile, file, ": the name of ", kind, " has ", name.size(), " characters");
    check(isPlainText(name), ErrorCode::BadFile, file, ": the name ", printable(name), " of ", kind,
          isUtf8(name) ? " has control characters" : " is not valid UTF-8");
    return name;
}

} // namespace mprdo

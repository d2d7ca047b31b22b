// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/guarded_builder.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"

namespace mprdo {
namespace {

constexpr std::int64_t kTrialImages = 2;

template <class... Parts>
[[noreturn]] void bad(const Parts&... parts)
{
    throw Error(ErrorCode::ShapeMismatch, text(parts...));
}

/// What f returns; whatever it throws is an Error about the node.
template <class F>
auto asError(const std::string& node, F&& f)
{
    try {
        return f();
    } catch (const Error& e) {
        throw Error(ErrorCode::ShapeMismatch, e.what());
    } catch (const c10::Error& e) {
        const std::string message = e.what_without_backtrace();
        bad(node, ": it cannot be run: ", message.substr(0, message.find('\n')));
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        bad(node, ": an attribute is of the wrong kind, or a list too short");
    }
}

std::vector<std::int64_t> trialShape(const Value& value)
{
    std::vector<std::int64_t> out = value.shape;
    if (!out.empty() && out[0] == -1)
        out[0] = kTrialImages;
    return out;
}

/// The node alone, on blank inputs of the shapes that were inferred.
void tryOut(const Graph& graph, const Node& node)
{
    const auto valueOf = [&](ValueId v) -> const Value& { return graph.values.at(static_cast<std::size_t>(v)); };
    std::vector<at::Tensor> inputs;
    for (const ValueId v : node.inputs)
        inputs.push_back(at::zeros(trialShape(valueOf(v))));
    const auto parameter = [&](const std::string& role) {
        const auto it = node.parameters.find(role);
        return it == node.parameters.end() ? at::Tensor() : graph.parameter(it->second);
    };
    const at::Tensor made = asError(node.name, [&] { return opRow(node.op).execute({node, inputs, parameter, false}); });
    const std::vector<std::int64_t> expected = trialShape(valueOf(node.outputs.at(0)));
    if (made.sizes().vec() != expected)
        bad(node.name, ": makes ", shapeText(made.sizes()), " instead of ", shapeText(expected));
}

} // namespace

ValueId GuardedBuilder::input(const std::string& name, const std::vector<std::int64_t>& shape)
{
    const ValueId id = m_builder.input(name, shape);
    count(name, this->shape(id));
    return id;
}

void GuardedBuilder::parameter(const std::string& name, const at::Tensor& value) { m_builder.parameter(name, value); }

ValueId GuardedBuilder::add(Op op, const std::string& name, const std::vector<ValueId>& inputs,
                            const std::map<std::string, std::string>& parameters,
                            const std::map<std::string, Attribute>& attributes)
{
    const ValueId id = asError(name, [&] { return m_builder.add(op, name, inputs, parameters, attributes); });
    if (op == Op::Constant) // of no image
        return id;
    count(name, shape(id));
    return id;
}

void GuardedBuilder::count(const std::string& name, const std::vector<std::int64_t>& shape)
{
    if (shape.empty() || shape[0] != -1)
        bad(name, ": has no batch dimension");
    std::int64_t elements = 1;
    for (std::size_t i = 1; i < shape.size(); ++i)
        if (shape[i] < 1 || shape[i] > kMaxElements || (elements *= shape[i]) > kMaxElements)
            bad(name, ": has the impossible shape ", shapeText(shape));
    m_elements += elements;
    if (m_elements > kMaxAllElements)
        bad(name, ": the values up to here take more than ", kMaxAllElements, " elements an image");
}

const std::vector<std::int64_t>& GuardedBuilder::shape(ValueId id) const { return m_builder.shape(id); }

Graph GuardedBuilder::finish(ValueId output, const std::string& architecture)
{
    Graph graph = m_builder.finish(output, architecture);
    NoGrad noGrad;
    for (const Node& node : graph.nodes)
        tryOut(graph, node);
    return graph;
}

} // namespace mprdo

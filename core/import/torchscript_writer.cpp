// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_writer.h"
#include "core/base/error.h"
#include "core/import/torchscript_call.h"
#include <algorithm>
#include <array>

namespace mprdo::script {
namespace {

constexpr std::int64_t kOpset = 20; ///< the first with Gelu

const std::array<const RowTable*, 7>& tables()
{
    static const std::array<const RowTable*, 7> all{&activationRows(), &attentionRows(), &binaryRows(), &layerRows(),
                                                    &pieceRows(),      &poolingRows(),   &shapeRows()};
    return all;
}

Row rowOf(const std::string& op)
{
    for (const RowTable* table : tables())
        if (const auto it = table->find(op); it != table->end())
            return it->second;
    return nullptr;
}

bool sameView(const at::Tensor& a, const at::Tensor& b)
{
    return a.defined() && b.defined() && a.scalar_type() == b.scalar_type() && a.data_ptr() == b.data_ptr()
        && a.sizes() == b.sizes() && a.strides() == b.strides();
}

Ints joined(const Ints& a, const Ints& b)
{
    Ints out = a;
    for (std::size_t i = 0; i < out.size() && i < b.size(); ++i)
        out[i] = a[i] == b[i] ? a[i] : -1;
    return out;
}

} // namespace

Writer::Writer(std::string file, Recording first, Recording second,
               std::vector<std::pair<std::string, at::Tensor>> parameters)
    : m_first(std::move(first))
    , m_second(std::move(second))
    , m_parameters(std::move(parameters))
{
    m_out.path = std::move(file);
    m_out.producer = "mprdo-ptq, from TorchScript";
    m_out.opset = kOpset;
    m_out.graphName = "torchscript";
}

Ints Writer::shape(int value) const
{
    return joined(m_first.shapes.at(static_cast<std::size_t>(value)),
                  m_second.shapes.at(static_cast<std::size_t>(value)));
}

std::optional<std::string> Writer::nameOf(int value) const
{
    const auto it = m_names.find(value);
    return it == m_names.end() ? std::nullopt : std::optional(it->second);
}

std::string Writer::unique(const std::string& name)
{
    std::string out = name;
    for (int i = 1; !m_used.insert(out).second; ++i)
        out = text(name, "_", i);
    return out;
}

std::vector<std::string> Writer::node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                                      Attributes attributes, std::size_t outputs)
{
    OnnxNode made;
    made.op = op;
    made.name = unique(name);
    made.inputs = std::move(inputs);
    made.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i)
        made.outputs.push_back(outputs == 1 ? made.name : unique(text(made.name, ".", i)));
    m_out.nodes.push_back(made);
    return made.outputs;
}

bool Writer::isTransposedParameter(const at::Tensor& t) const
{
    return t.dim() == 2
        && std::none_of(m_parameters.begin(), m_parameters.end(), [&](const auto& p) { return sameView(p.second, t); })
        && std::any_of(m_parameters.begin(), m_parameters.end(),
                       [&](const auto& p) { return sameView(p.second, t.t()); });
}

std::string Writer::initializer(const at::Tensor& t, const std::string& name)
{
    for (const auto& [known, made] : m_initializers)
        if (sameView(known, t))
            return made;
    const auto own
        = std::find_if(m_parameters.begin(), m_parameters.end(), [&](const auto& p) { return sameView(p.second, t); });
    const std::string made = unique(own == m_parameters.end() ? name : own->first);
    const bool integers = !at::isFloatingType(t.scalar_type());
    m_out.initializers[made] = {t.detach().to(integers ? at::kLong : at::kFloat).contiguous(),
                                integers ? onnx_type::kInt64 : onnx_type::kFloat};
    m_initializers.emplace_back(t, made);
    return made;
}

OnnxFile Writer::run()
{
    const auto different = [&](const std::string& where) {
        throw Error(ErrorCode::Unsupported,
                    text(m_out.path, ": what runs depends on how many images there are or on what they hold", where));
    };
    const Ints input = joined(m_first.shapes.at(0), m_second.shapes.at(0));
    m_used.insert("images");
    bind(kImages, "images");
    m_out.inputs.push_back({"images", onnx_type::kFloat, true, input});
    for (std::size_t i = 0; i < m_first.steps.size(); ++i) {
        const Step& step = m_first.steps[i];
        if (i >= m_second.steps.size() || m_second.steps[i].op != step.op
            || m_second.steps[i].made.size() != step.made.size())
            different(text(" (", step.op, step.scope.empty() ? "" : " in ", step.scope, ")"));
        const Call call(*this, step, m_second.steps[i]);
        const Row row = rowOf(step.op);
        if (!row)
            call.refuse("the operator is not supported; rewrite that part of the network with supported ones");
        row(call);
    }
    if (m_first.steps.size() != m_second.steps.size() || m_first.output != m_second.output)
        different("");
    const auto output = nameOf(m_first.output);
    check(output.has_value(), ErrorCode::Unsupported, m_out.path,
          ": the output is one that only the first result of an operator can be");
    m_out.outputs.push_back({*output, onnx_type::kFloat, true, joined(m_first.outputShape, m_second.outputShape)});
    return std::move(m_out);
}

std::vector<std::string> torchScriptOps()
{
    std::vector<std::string> out;
    for (const RowTable* table : tables())
        for (const auto& [name, row] : *table)
            out.emplace_back(name);
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace mprdo::script

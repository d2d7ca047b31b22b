// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/onnx_builder.h"
#include "core/base/error.h"
#include "core/export/graph_text.h"
#include "core/graph/op_table.h"
#include "core/import/onnx_forms.h"
#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace onnx {

OnnxBuilder::OnnxBuilder(const ExportedModel& model, const OnnxExportOptions& options)
    : m_model(model)
{
    check(options.opset == 21 || options.opset == 13, ErrorCode::Usage, "ONNX opset ", options.opset, ": 21 and 13 can be written");
    m_file.opset = options.opset;
    m_file.irVersion = options.opset == 21 ? 10 : 7;
    m_file.producer = "mprdo-ptq";
    m_file.graphName = model.model.graph->architecture;
}

std::string OnnxBuilder::number()
{
    std::string out;
    do
        out = std::to_string(m_next++);
    while (!m_used.insert(out).second);
    return out;
}

std::string OnnxBuilder::unique(const std::string& name)
{
    std::string out = name;
    for (int i = 1; !m_used.insert(out).second; ++i)
        out = text(name, "_", i);
    return out;
}

std::string OnnxBuilder::floats(const std::string& name, const at::Tensor& value)
{
    const std::string own = name.empty() ? number() : unique(name);
    m_file.initializers[own] = {value.to(at::kFloat).contiguous(), onnx_type::kFloat};
    return own;
}

std::string OnnxBuilder::scalar(double value)
{
    std::string& known = m_scalars[std::bit_cast<std::uint32_t>(static_cast<float>(value))];
    return known.empty() ? known = floats({}, at::scalar_tensor(value, at::kFloat)) : known;
}

std::string OnnxBuilder::integers(const std::vector<std::int64_t>& values)
{
    std::string& own = m_lists[values];
    if (own.empty()) {
        own = number();
        m_file.initializers[own] = {at::tensor(values, at::kLong), onnx_type::kInt64};
    }
    return own;
}

std::string OnnxBuilder::dequantized(const std::string& name, const QuantizedTensor& q)
{
    const bool narrow = q.grid.bits <= 4 && m_file.opset >= 21, one = q.grid.scale.numel() == 1;
    const int type = narrow ? (q.grid.symmetric ? onnx_type::kInt4 : onnx_type::kUint4)
                            : (q.grid.symmetric ? onnx_type::kInt8 : onnx_type::kUint8);
    const at::ScalarType stored = q.grid.symmetric ? at::kChar : at::kByte;
    const auto shaped = [&](const at::Tensor& t) { return one ? t.reshape({}) : t; };
    const std::string codes = name.empty() ? number() : unique(name), scale = number();
    m_file.initializers[codes] = {q.codes.to(stored).contiguous(), type};
    m_file.initializers[scale] = {shaped(q.grid.scale.to(at::kFloat)).contiguous(), onnx_type::kFloat};
    Names inputs{codes, scale};
    if (!q.grid.symmetric) {
        inputs.push_back(number());
        m_file.initializers[inputs.back()] = {shaped(q.grid.zeroPoint.to(at::kByte)).contiguous(), type};
    }
    Attributes attributes;
    if (!one)
        attributes["axis"] = q.grid.axis;
    return add("DequantizeLinear", {}, inputs, attributes);
}

const at::Tensor& OnnxBuilder::parameterValue(const Node& node, const std::string& role) const
{
    const std::string& name = node.parameters.at(role);
    const auto corrected = m_model.model.biases.find(name);
    return corrected != m_model.model.biases.end() ? corrected->second : graph().parameter(name);
}

const QuantizedTensor* OnnxBuilder::quantized(const Node& node) const
{
    const auto role = node.parameters.find("weight");
    const auto it = role == node.parameters.end() ? m_model.model.weights.end() : m_model.model.weights.find(role->second);
    return it == m_model.model.weights.end() ? nullptr : &it->second;
}

std::string OnnxBuilder::parameter(const Node& node, const std::string& role)
{
    const auto it = node.parameters.find(role);
    if (it == node.parameters.end())
        return {};
    if (const auto known = m_parameters.find(it->second); known != m_parameters.end())
        return known->second;
    const QuantizedTensor* q = role == "weight" ? quantized(node) : nullptr;
    return m_parameters[it->second] = q ? dequantized(nameNeeded(node, role), *q) : floats(nameNeeded(node, role), parameterValue(node, role));
}

std::string OnnxBuilder::nameNeeded(const Node& node, const std::string& role) const
{
    const std::string& name = node.parameters.at(role);
    return name == node.name + "." + role ? std::string() : name;
}

/// Nothing is written that the file's opset does not have.
void OnnxBuilder::checkWritable(const std::string& op, const std::string& name, std::size_t inputs, const Attributes& attributes) const
{
    const std::string& node = name.empty() ? m_writing : name;
    const OnnxForm* form = onnxForm(op, m_file.opset);
    check(form, ErrorCode::Unsupported, "ONNX export: ", node, ": opset ", m_file.opset, " has no operator ", op);
    check(inputs <= form->mostInputs, ErrorCode::Unsupported, "ONNX export: ", node, ": ", op, " of opset ", m_file.opset, " takes at most ",
          form->mostInputs, " inputs, ", inputs, " are needed");
    for (const auto& [attribute, value] : attributes) {
        if (hasAttribute(*form, attribute))
            continue;
        const auto& forms = onnxForms(op);
        const auto later = std::find_if(forms.begin(), forms.end(), [&](const OnnxForm& f) { return f.since > m_file.opset && hasAttribute(f, attribute); });
        throw Error(ErrorCode::Unsupported, text("ONNX export: ", node, ": ", op, " of opset ", m_file.opset, " has no ", attribute,
                                                 later == forms.end() ? std::string() : text(", which came with opset ", later->since)));
    }
}

std::string OnnxBuilder::add(const std::string& op, const std::string& name, const Names& inputs, const Attributes& attributes)
{
    checkWritable(op, name, inputs.size(), attributes);
    OnnxNode node;
    node.op = op;
    node.name = name;
    node.inputs = inputs;
    node.outputs = {number()};
    node.attributes = attributes;
    m_file.nodes.push_back(node);
    return node.outputs[0];
}

void OnnxBuilder::round(ValueId v, const Grid& grid)
{
    const std::string name = m_names.at(v);
    const double scale = grid.scale.item<double>(), zero = grid.zeroPoint.item<double>();
    std::string x = name;
    if (grid.bits != 8) // UINT8 holds it; its levels are fewer
        x = add("Clip", {}, {x, scalar(scale * (0 - zero)), scalar(scale * (double(grid.qMax()) - zero))});
    const std::string step = floats({}, grid.scale.reshape({})), origin = number();
    m_file.initializers[origin] = {grid.zeroPoint.to(at::kByte).reshape({}).contiguous(), onnx_type::kUint8};
    const std::string codes = add("QuantizeLinear", {}, {x, step, origin});
    m_names[v] = add("DequantizeLinear", {}, {codes, step, origin});
}

/// What ONNX has no place for.
void OnnxBuilder::describe()
{
    using nlohmann::json;
    const auto written = [](const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); };
    json bits = json::array();
    for (const Layer& layer : graph().layers())
        if (const auto it = m_model.model.weights.find(layer.parameter); it != m_model.model.weights.end())
            bits.push_back(it->second.grid.bits);
    m_file.metadata["mprdo.bits"] = written(bits);
    m_file.metadata["mprdo.architecture"] = graph().architecture;
    m_file.metadata["mprdo.mean"] = written(perChannel(m_model, m_model.preprocessing.mean));
    m_file.metadata["mprdo.std"] = written(perChannel(m_model, m_model.preprocessing.std));
    m_file.metadata["mprdo.channel_order"] = name(m_model.preprocessing.order);
    m_file.metadata["mprdo.range"] = name(m_model.preprocessing.range);
    m_file.metadata["mprdo.layout"] = name(m_model.preprocessing.layout);
    m_file.metadata["mprdo.classes"] = written(m_model.classes);
}

/// The output keeps the name that the file had for it.
void OnnxBuilder::nameOutput()
{
    const std::string wanted = outputName(graph());
    std::string& name = m_names.at(graph().outputs.at(0));
    const auto maker = std::find_if(m_file.nodes.begin(), m_file.nodes.end(), [&](const OnnxNode& n) { return n.outputs.at(0) == name; });
    if (wanted.empty() || maker == m_file.nodes.end())
        return;
    maker->outputs[0] = wanted;
    for (OnnxNode& node : m_file.nodes)
        std::replace(node.inputs.begin(), node.inputs.end(), name, wanted);
    name = wanted;
}

OnnxFile OnnxBuilder::build()
{
    NoGrad noGrad;
    if (const std::string output = outputName(graph()); !output.empty())
        m_used.insert(output);
    const auto rounded = [&](ValueId v) {
        if (const auto it = m_model.model.activations.find(v); it != m_model.model.activations.end())
            round(v, it->second);
    };
    for (const ValueId v : graph().inputs) {
        m_names[v] = unique(graph().values[static_cast<std::size_t>(v)].name);
        m_file.inputs.push_back({m_names[v], onnx_type::kFloat, true, shape(v)});
        rounded(v);
    }
    for (const Node& node : graph().nodes) {
        m_writing = node.name;
        const Writer write = writerOf(node.op);
        check(write, ErrorCode::Unsupported, "ONNX export: ", node.name, ": has no op for ", name(node.op));
        m_names[node.outputs.at(0)] = write(*this, node);
        rounded(node.outputs[0]);
    }
    nameOutput();
    for (const ValueId v : graph().outputs)
        m_file.outputs.push_back({m_names.at(v), onnx_type::kFloat, true, shape(v)});
    describe();
    return m_file;
}

} // namespace onnx

OnnxFile toOnnx(const ExportedModel& model, const OnnxExportOptions& options) { return onnx::OnnxBuilder(model, options).build(); }

} // namespace mprdo

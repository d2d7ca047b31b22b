// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_import.h"
#include "core/graph/passes.h"
#include "core/import/element_types.h"
#include "core/import/onnx_forms.h"
#include "core/import/onnx_importer.h"
#include "core/import/onnx_outputs.h"
#include <algorithm>
#include <array>

namespace mprdo {
namespace onnx {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t(1) << 31; ///< of one value, an image

const std::array<const RowTable*, 6>& tables()
{
    static const std::array<const RowTable*, 6> all{&layerRows(), &activationRows(), &binaryRows(), &poolingRows(), &shapeRows(), &quantizeRows()};
    return all;
}

Row rowOf(const std::string& op)
{
    for (const RowTable* table : tables())
        if (const auto it = table->find(op); it != table->end())
            return it->second;
    return nullptr;
}

/// A rounded value that is all anybody reads of its source is its source, rounded where it is made.
void settleActivations(ImportedOnnx& imported)
{
    Graph& graph = imported.graph;
    std::map<ValueId, int> readers;
    for (const Node& node : graph.nodes)
        for (const ValueId v : node.inputs)
            ++readers[v];
    for (const ValueId v : graph.outputs)
        ++readers[v];
    std::map<ValueId, ValueId> same;
    std::vector<Node> kept;
    for (Node node : graph.nodes) {
        for (ValueId& v : node.inputs)
            if (const auto it = same.find(v); it != same.end())
                v = it->second;
        const auto grid = node.op == Op::Identity ? imported.activations.find(node.outputs[0]) : imported.activations.end();
        if (grid != imported.activations.end() && readers[node.inputs[0]] == 1 && !imported.activations.count(node.inputs[0])) {
            same[node.outputs[0]] = node.inputs[0];
            imported.activations[node.inputs[0]] = grid->second;
            imported.activations.erase(node.outputs[0]);
            continue;
        }
        kept.push_back(std::move(node));
    }
    for (ValueId& v : graph.outputs)
        if (const auto it = same.find(v); it != same.end())
            v = it->second;
    graph.nodes = std::move(kept);
}

bool isFloat(int elementType)
{
    return elementType == onnx_type::kFloat || elementType == onnx_type::kFloat16 || elementType == onnx_type::kDouble || elementType == onnx_type::kBfloat16;
}

} // namespace

std::string moduleName(const std::string& node, const std::string& op)
{
    if (!node.starts_with('/'))
        return node;
    std::vector<std::string> parts;
    for (std::size_t begin = 1; begin <= node.size();) {
        const std::size_t end = std::min(node.find('/', begin), node.size());
        const std::string part = node.substr(begin, end - begin);
        if (!parts.empty() && part.starts_with(parts.back() + "."))
            parts.back() = part; // PyTorch repeats the path: /layer1/layer1.0
        else
            parts.push_back(part);
        begin = end + 1;
    }
    if (parts.size() > 1 && parts.back().starts_with(op))
        parts.pop_back(); // "Conv", "Conv_1"
    std::string out;
    for (const std::string& part : parts)
        out += (out.empty() ? "" : ".") + part;
    return out;
}

Importer::Importer(const OnnxFile& file, const OnnxImportOptions& options)
    : m_file(file)
    , m_options(options)
{
    for (const auto& [name, tensor] : file.initializers)
        m_constants[name] = {tensor.value, {}, name};
}

const Constant* Importer::constant(const std::string& name) const
{
    const auto it = m_constants.find(name);
    return it == m_constants.end() ? nullptr : &it->second;
}

const Constant& Importer::needConstant(const Call& c, std::size_t input, const char* what) const
{
    const Constant* found = constant(c.input(input));
    if (!found)
        c.refuse("its ", what, " ", c.input(input), " is computed while the network runs; it must be a constant");
    return *found;
}

Ints Importer::integersOf(const Call& c, std::size_t input, const char* what) const
{
    const at::Tensor& value = needConstant(c, input, what).value;
    if (at::isFloatingType(value.scalar_type()) || value.numel() > 4096 || value.dim() > 1)
        c.bad("its ", what, " ", c.input(input), " is not a short list of integers");
    const at::Tensor list = value.reshape({-1}).to(at::kLong);
    return Ints(list.data_ptr<std::int64_t>(), list.data_ptr<std::int64_t>() + list.numel());
}

double Importer::numberOf(const Call& c, std::size_t input, const char* what) const
{
    const at::Tensor& value = needConstant(c, input, what).value;
    if (value.numel() != 1)
        c.bad("its ", what, " ", c.input(input), " has ", value.numel(), " elements, expected 1");
    return value.to(at::kDouble).item<double>();
}

ValueId Importer::value(const Call& c, std::size_t input)
{
    const std::string name = c.input(input);
    if (const auto it = m_values.find(name); it != m_values.end())
        return it->second;
    const Constant* known = constant(name);
    if (!known && codes(name))
        c.refuse("reads the quantized values, which nothing dequantizes: integer arithmetic inside the network is not supported");
    if (!known && rows(name))
        c.refuse("reads ", name, ", which merges the images of a batch with other dimensions");
    if (!known)
        c.bad("nobody makes its input ", name);
    if (!at::isFloatingType(known->value.scalar_type()))
        c.refuse("its input ", name, " is a constant of integers, which is not a value of a network");
    const ValueId made = add(c, Op::Constant, {}, {{"value", parameter(c, *known, "value")}}, {}, text(".constant", input));
    m_values[name] = made;
    return made;
}

ValueId Importer::add(const Call& c, Op op, const std::vector<ValueId>& inputs, const std::map<std::string, std::string>& parameters,
                      const std::map<std::string, Attribute>& attributes, const std::string& suffix)
{
    std::string name = moduleName(c.node.name, c.node.op) + suffix;
    for (int i = 1; !m_nodeNames.insert(name).second; ++i)
        name = text(moduleName(c.node.name, c.node.op), suffix, "_", i);
    try {
        const ValueId made = m_builder.add(op, name, inputs, parameters, attributes);
        std::int64_t elements = 1;
        for (const std::int64_t d : m_builder.shape(made))
            if (d != -1 && (d < 1 || __builtin_mul_overflow(elements, d, &elements) || elements > kMaxElements))
                c.bad("makes the impossible shape ", shapeText(m_builder.shape(made)));
        return made;
    } catch (const Error& e) {
        if (e.code() == ErrorCode::BadFile)
            throw;
        throw Error(e.code(), text(m_file.path, ": ", c.node.op, " ", e.what()));
    } catch (const std::bad_variant_access&) {
        c.bad("an attribute is of the wrong kind");
    }
}

std::string Importer::readable(const Call& c, const Constant& constant, const std::string& role) const
{
    std::string name = constant.name;
    for (const std::string_view suffix : {"_quantized", ".codes", "_dequantized"}) // as exporters of integer weights name them
        if (name.ends_with(suffix))
            name.resize(name.size() - suffix.size());
    const bool says = !name.empty() && !name.starts_with("onnx::") && !name.starts_with('/') && name.find_first_not_of("0123456789") != std::string::npos;
    if (!says || (role == "weight" && !name.ends_with(".weight")))
        name = role == "weight" || !says ? moduleName(c.node.name, c.node.op) + "." + role : name;
    return name;
}

std::string Importer::parameter(const Call& c, const Constant& constant, const std::string& role, const std::string& transform)
{
    const std::pair<std::string, std::string> key{constant.name, transform + (role == "weight" ? " weight" : "") + (constant.turned ? " turned" : "")};
    if (!constant.name.empty())
        if (const auto known = m_parameters.find(key); known != m_parameters.end())
            return known->second;
    if (!at::isFloatingType(constant.value.scalar_type()))
        c.refuse("its ", role, " is a tensor of integers");
    const at::Tensor wide = constant.value.to(at::kFloat);
    check(wide.isfinite().all().item<bool>() || role == "value" || role == "constant", ErrorCode::NonFinite, m_file.path, ": ", c.node.op, " ", c.node.name, ": its ", role,
          " holds a value that is not finite");
    const std::string base = readable(c, constant, role);
    std::string name = base;
    for (int i = 1; !m_parameterNames.insert(name).second; ++i)
        name = text(base, "_", i);
    m_builder.parameter(name, wide);
    if (!constant.name.empty())
        m_parameters[key] = name;
    if (constant.quantized && role == "weight")
        m_weights[name] = *constant.quantized;
    return name;
}

void Importer::bind(const Call& c, std::size_t output, ValueId v)
{
    if (output < c.node.outputs.size() && !c.node.outputs[output].empty())
        m_values[c.node.outputs[output]] = v;
}

void Importer::bind(const Call& c, std::size_t output, Constant constant)
{
    if (constant.name.empty() && output < c.node.outputs.size())
        constant.name = c.node.outputs[output];
    if (output < c.node.outputs.size() && !c.node.outputs[output].empty())
        m_constants[c.node.outputs[output]] = std::move(constant);
}

void Importer::bindCodes(const Call& c, Codes codes) { m_codes[c.node.outputs.at(0)] = codes; }

std::optional<Codes> Importer::codes(const std::string& name) const
{
    const auto it = m_codes.find(name);
    return it == m_codes.end() ? std::nullopt : std::optional(it->second);
}

void Importer::bindRows(const Call& c, ValueId v) { m_rows[c.node.outputs.at(0)] = v; }

std::optional<ValueId> Importer::rows(const std::string& name) const
{
    const auto it = m_rows.find(name);
    return it == m_rows.end() ? std::nullopt : std::optional(it->second);
}

void Importer::keepActivation(ValueId v, Grid grid) { m_activations[v] = std::move(grid); }

std::optional<Grid> Importer::activation(ValueId v) const
{
    const auto it = m_activations.find(v);
    return it == m_activations.end() ? std::nullopt : std::optional(it->second);
}

void Importer::addInputs()
{
    check(!m_file.inputs.empty(), ErrorCode::Unsupported, m_file.path, ": the model has no input");
    std::vector<OnnxValueInfo> inputs = m_file.inputs;
    if (m_options.freeBatch) { // what nothing reads is none of the network's
        const std::set<std::string> read = namesRead(m_file);
        std::erase_if(inputs, [&](const OnnxValueInfo& info) { return !read.contains(info.name); });
        check(!inputs.empty(), ErrorCode::Unsupported, m_file.path, ": its output does not depend on any input");
        check(inputs.size() == 1, ErrorCode::Unsupported, m_file.path, ": the model has ", inputs.size(), " inputs (", printable(inputs[0].name), ", ",
              printable(inputs.back().name), "); a network of one, the images, can be read");
    }
    for (const OnnxValueInfo& info : inputs) {
        check(isFloat(info.elementType), ErrorCode::Unsupported, m_file.path, ": the input ", info.name,
              " is not one of floating-point numbers (element type ", info.elementType, ")");
        check(info.hasShape, ErrorCode::Unsupported, m_file.path, ": the input ", info.name, " has no shape");
        Ints shape = info.shape;
        if (m_options.freeBatch) {
            check(shape.size() >= 2, ErrorCode::Unsupported, m_file.path, ": the input ", info.name, " of the shape ", shapeText(shape),
                  " has no batch dimension");
            m_fileBatch = std::max<std::int64_t>(shape[0], 0);
            shape.erase(shape.begin());
            if (!m_options.inputShape.empty() && shape.size() == m_options.inputShape.size())
                for (std::size_t i = 0; i < shape.size(); ++i)
                    shape[i] = shape[i] == -1 ? m_options.inputShape[i] : shape[i];
            for (const std::int64_t d : shape)
                check(d >= 1 && d <= (1 << 20), ErrorCode::Unsupported, m_file.path, ": the input ", info.name, " leaves dimensions free, ",
                      shapeText(info.shape), ": its size must be given", shape.size() == 3 ? ", as --input 3x224x224" : "");
            m_values[info.name] = m_builder.input(info.name, shape);
        } else {
            check(std::find(shape.begin(), shape.end(), 0) == shape.end(), ErrorCode::Unsupported, m_file.path, ": the input ", info.name,
                  " of the shape ", shapeText(shape), " has no elements");
            m_values[info.name] = m_builder.wholeInput(info.name, shape);
        }
    }
}

bool Importer::fold(const Call& c)
{
    if (c.node.op == "Shape" && m_values.count(c.input(0)) && !constant(c.input(0))) {
        Ints shape = m_builder.shape(m_values.at(c.input(0)));
        for (std::int64_t& d : shape)
            d = d == -1 ? kBatch : d;
        bind(c, 0, Constant{at::tensor(shapeBetween(c, shape), at::kLong), {}, {}});
        return true;
    }
    std::vector<const Constant*> inputs;
    for (const std::string& name : c.node.inputs) {
        const Constant* known = name.empty() ? nullptr : constant(name);
        if (!known && !name.empty())
            return false;
        inputs.push_back(known);
    }
    std::optional<Constant> result = folded(c, opset(), inputs);
    if (!result)
        return false;
    bind(c, 0, std::move(*result));
    return true;
}

void Importer::one(const OnnxNode& node)
{
    const Call c{m_file, node};
    if (!node.domain.empty() && node.domain != "ai.onnx")
        c.refuse("is an op of the domain ", node.domain, ", which is not known; export the network with standard ops");
    if (node.hasSubgraph)
        c.refuse("control flow is not supported; export the network with fixed shapes, so that it is folded away");
    try {
        checkForm(c, opset());
        if (fold(c))
            return;
        const Row row = rowOf(node.op);
        if (!row)
            c.refuse("the op is not supported; rewrite that part of the network with supported ones, or leave it out of the export");
        row(*this, c);
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const c10::Error& e) {
        const std::string what = e.what_without_backtrace();
        c.bad("cannot be computed: ", what.substr(0, what.find('\n')));
    } catch (const std::exception& e) { // LibTorch throws others too
        const std::string what = e.what();
        c.bad("cannot be computed: ", what.substr(0, what.find('\n')));
    }
}

ValueId Importer::output()
{
    const std::string& name = m_file.outputs[0].name;
    const auto made = m_values.find(name);
    check(std::none_of(m_file.inputs.begin(), m_file.inputs.end(), [&](const OnnxValueInfo& i) { return i.name == name; }), ErrorCode::Unsupported,
          m_file.path, ": the output ", printable(name), " is the input itself");
    check(made != m_values.end(), ErrorCode::Unsupported, m_file.path, ": the output ", printable(name),
          constant(name) ? " is a constant, whatever the input is"
          : codes(name)  ? " holds quantized values, which nothing dequantizes"
                         : " cannot be read: only the first one of its node can be");
    return made->second;
}

ImportedOnnx Importer::run()
{
    NoGrad noGrad;
    check(!m_file.outputs.empty(), ErrorCode::BadFile, m_file.path, ": the model has no output");
    if (m_file.outputs.size() > 1)
        refuseSeveralOutputs(m_file);
    addInputs();
    for (const OnnxNode& node : m_file.nodes)
        one(node);
    const ValueId out = output();
    if (m_options.freeBatch)
        check(!m_builder.shape(out).empty() && m_builder.shape(out)[0] == -1, ErrorCode::Unsupported, m_file.path, ": the output ",
              m_file.outputs[0].name, " of the shape ", shapeText(m_builder.shape(out)), " does not keep the images of a batch apart");
    ImportedOnnx result;
    result.graph = m_builder.finish(out, "onnx");
    result.weights = std::move(m_weights);
    result.activations = std::move(m_activations);
    settleActivations(result);
    result.graph = fuseBiases(dropUnused(result.graph));
    result.graph.values.at(static_cast<std::size_t>(result.graph.outputs.at(0))).name = m_file.outputs[0].name; // exports keep it
    return result;
}

} // namespace onnx

ImportedOnnx importOnnx(const OnnxFile& file, const OnnxImportOptions& options) { return onnx::Importer(file, options).run(); }

std::vector<std::string> onnxOps()
{
    std::vector<std::string> out;
    for (const onnx::RowTable* table : onnx::tables())
        for (const auto& [name, row] : *table)
            out.emplace_back(name);
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace mprdo

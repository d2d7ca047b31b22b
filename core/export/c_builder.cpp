// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/c_builder.h"
#include "core/base/error.h"
#include "core/code/bit_packing.h"
#include "core/export/c_text.h"
#include "core/export/export_parts.h"
#include "core/export/stored_size.h"
#include "core/graph/op_table.h"
#include <algorithm>
#include <limits>

namespace mprdo::c {
namespace {

constexpr std::int64_t kMostConstants = std::int64_t(1) << 24, kMostElements = std::int64_t(1) << 24, kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kGeometryBytes = 68, kWeightsBytes = 32; // of the structs where pointers have 4 bytes

} // namespace

CBuilder::CBuilder(const ExportedModel& model, const std::string& name)
    : m_model(model)
    , m_name(name)
    , m_used{name + "_run", name + "_class_names"}
{
    check(isIdentifier(name), ErrorCode::Usage, "C export: ", comment(name), " is no name for a C function");
    const std::int64_t bytes = storedBytes(model.model);
    check(bytes <= kMostConstants, ErrorCode::Unsupported, "C export: ", graph().architecture, " takes ", bytes,
          " bytes; C source is made for networks of at most ", kMostConstants);
    check(graph().inputs.size() == 1 && graph().outputs.size() == 1, ErrorCode::Unsupported, "C export: a network of ",
          graph().inputs.size(), " inputs and ", graph().outputs.size(), " outputs");
}

Ints CBuilder::shape(ValueId v) const
{
    Ints out = graph().values.at(static_cast<std::size_t>(v)).shape;
    for (std::int64_t& size : out)
        size = size < 0 ? 1 : size;
    return out;
}

std::string CBuilder::unique(const std::string& name)
{
    std::string out = name;
    for (int i = 2; !m_used.insert(out).second; ++i)
        out = text(name, "_", i);
    return out;
}

std::size_t CBuilder::newBuffer(const std::string& name, std::int64_t floats, std::int64_t begin)
{
    m_buffers.push_back({unique(name), false, {floats, begin, begin}});
    return m_buffers.size() - 1;
}

void CBuilder::take(ValueId v, std::size_t buffer)
{
    m_of[v] = buffer;
    std::int64_t& end = m_buffers[buffer].place.end;
    end = std::max(end, m_lastUse[v]);
}

std::string CBuilder::scratch(const Node& node, std::int64_t floats)
{
    return m_buffers[newBuffer("s_" + identifierPart(node.name), floats, m_step)].name;
}

std::string CBuilder::array(const char* type, const std::string& name, std::int64_t elements, std::int64_t elementBytes,
                            const std::function<std::string(std::int64_t)>& element)
{
    constexpr std::size_t lineLength = 118;
    const std::string own = unique(name);
    m_constants += text("static const ", type, " ", own, "[", elements, "] = {\n");
    std::string line = "   ";
    for (std::int64_t i = 0; i < elements; ++i) {
        const std::string value = element(i);
        if (line.size() + value.size() + 2 > lineLength) {
            m_constants += line + "\n";
            line = "   ";
        }
        line += " " + value + ",";
    }
    m_constants += line + "\n};\n";
    m_constantBytes += elements * elementBytes;
    return own;
}

std::string CBuilder::floats(const std::string& name, const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kFloat).contiguous();
    return array("float", "p_" + identifierPart(name), flat.numel(), 4, [&](std::int64_t i) { return literal(flat.data_ptr<float>()[i]); });
}

std::string CBuilder::integers(const std::string& name, const Ints& values)
{
    return array("int32_t", "p_" + identifierPart(name), static_cast<std::int64_t>(values.size()), 4,
                 [&](std::int64_t i) { return std::to_string(values[static_cast<std::size_t>(i)]); });
}

std::string CBuilder::geometry(const std::string& name, const Ints& members)
{
    const std::string own = unique("g_" + identifierPart(name));
    std::string list;
    for (const std::int64_t member : members) {
        check(member < std::int64_t(1) << 30, ErrorCode::Unsupported, "C export: ", name, ": ", member, " is too large a stride, padding or dilation");
        list += (list.empty() ? "" : ", ") + std::to_string(member);
    }
    m_constants += "static const geometry " + own + " = {" + list + "};\n";
    m_constantBytes += kGeometryBytes;
    use("geometry");
    return "&" + own;
}

at::Tensor CBuilder::parameterValue(const Node& node, const std::string& role) const
{
    const std::string& name = node.parameters.at(role);
    const auto packed = m_model.model.weights.find(name);
    const auto corrected = m_model.model.biases.find(name);
    const at::Tensor out = packed != m_model.model.weights.end() ? packed->second.values()
                           : corrected != m_model.model.biases.end() ? corrected->second
                                                                     : graph().parameter(name);
    check(out.isfinite().all().item<bool>(), ErrorCode::NonFinite, "C export: ", name, " holds a value that is not finite");
    return out;
}

std::string CBuilder::parameter(const Node& node, const std::string& role)
{
    const auto it = node.parameters.find(role);
    if (it == node.parameters.end())
        return "NULL";
    std::string& known = m_arrays[it->second];
    if (known.empty())
        known = floats(it->second, parameterValue(node, role));
    return known;
}

bool CBuilder::isPacked(const Node& node) const { return m_model.model.weights.count(node.parameters.at("weight")) > 0; }

std::string CBuilder::weight(const Node& node)
{
    const std::string& name = node.parameters.at("weight");
    std::string& known = m_weights[name];
    if (!known.empty())
        return known;
    const std::string own = unique("w_" + identifierPart(name));
    std::string members;
    if (isPacked(node)) {
        const LayerPart part = layerPart({name, name, m_model.model.weights.at(name).grid.axis, 1, {}}, m_model.model.weights.at(name));
        const auto bytes = [&](const char* what, const auto* values, std::int64_t count) {
            return array("uint8_t", own + what, count, 1, [&](std::int64_t i) { return std::to_string(static_cast<unsigned char>(values[i])); });
        };
        const auto* codes = part.codes.data_ptr<std::uint8_t>();
        const std::string packed = packBits({codes, codes + part.codes.numel()}, static_cast<int>(part.bits));
        const std::string codesName = bytes("_codes", packed.data(), static_cast<std::int64_t>(packed.size()));
        const at::Tensor scale = part.scale.to(at::kFloat);
        const std::string scaleName
            = array("float", own + "_scale", scale.numel(), 4, [&](std::int64_t i) { return literal(scale.data_ptr<float>()[i]); });
        const std::string zeroName = part.symmetric ? "NULL" : bytes("_zero_point", part.zeroPoint.data_ptr<std::uint8_t>(), part.zeroPoint.numel());
        const bool one = part.scale.numel() == 1;
        const Ints inner(part.shape.begin() + (one ? 0 : part.axis + 1), part.shape.end());
        const std::int64_t low = m_model.model.weights.at(name).grid.qMin();
        members = text("NULL, ", codesName, ", ", scaleName, ", ", zeroName, ", ", part.bits, ", ", low, ", ", part.scale.numel(), ", ", product(inner));
    } else {
        members = parameter(node, "weight") + ", NULL, NULL, NULL, 0, 0, 1, 1";
    }
    m_constants += "static const weights " + own + " = {" + members + "};\n";
    m_constantBytes += kWeightsBytes;
    use("weights");
    return known = "&" + own;
}

void CBuilder::add(const std::string& statement) { m_code += indented(statement); }

void CBuilder::call(std::string_view kernel, const std::vector<std::string>& arguments)
{
    use(kernel);
    std::string list;
    for (const std::string& argument : arguments)
        list += (list.empty() ? "" : ", ") + argument;
    add(text(kernel, "(", list, ");"));
}

void CBuilder::copy(const std::string& to, const std::string& from, std::int64_t floats)
{
    const LoopNest loops({floats}, {{1}});
    add(loops.around(to + "[" + loops.index(0) + "] = " + from + "[" + loops.index(0) + "];"));
}

void CBuilder::roundIfRounded(ValueId v)
{
    const auto it = m_model.model.activations.find(v);
    if (it == m_model.model.activations.end())
        return;
    const Grid& grid = it->second;
    const float zero = grid.zeroPoint.item<float>();
    call("round_values", {m_buffers[m_of.at(v)].name, std::to_string(product(shape(v))), literal(grid.scale.item<float>()),
                          literal(float(grid.qMin()) - zero), literal(float(grid.qMax()) - zero)});
}

void CBuilder::findUses()
{
    m_needed.assign(graph().nodes.size(), 0);
    m_lastUse[graph().outputs[0]] = kNever;
    for (std::size_t i = graph().nodes.size(); i-- > 0;) {
        const Node& node = graph().nodes[i];
        check(node.outputs.size() == 1, ErrorCode::Unsupported, "C export: ", node.name, " has ", node.outputs.size(), " outputs");
        m_needed[i] = m_lastUse.count(node.outputs[0]) > 0;
        if (m_needed[i])
            for (const ValueId v : node.inputs)
                m_lastUse.emplace(v, static_cast<std::int64_t>(i) + 1);
    }
}

/// Sharing the input's buffer would round it for its other readers as well.
bool CBuilder::aliases(const Node& node, std::int64_t step) const
{
    if (writerOf(node.op)->storage != Storage::Alias)
        return false;
    const Buffer& buffer = m_buffers[m_of.at(node.inputs.at(0))];
    return m_model.model.activations.count(node.outputs[0]) == 0 || (!buffer.readOnly && buffer.place.end <= step);
}

std::optional<std::size_t> CBuilder::overwritten(const Node& node, std::int64_t step) const
{
    if (writerOf(node.op)->storage == Storage::InPlace)
        for (const ValueId v : node.inputs) {
            const Buffer& buffer = m_buffers[m_of.at(v)];
            if (!buffer.readOnly && buffer.place.end <= step && product(shape(v)) == product(outputShape(node)))
                return m_of.at(v);
        }
    return std::nullopt;
}

void CBuilder::write(const Node& node, std::int64_t step)
{
    m_step = step;
    const ValueId made = node.outputs[0];
    const CWriter* writer = writerOf(node.op);
    check(writer != nullptr, ErrorCode::Unsupported, "C export: ", node.name, ": there is no C for ", name(node.op));
    const std::int64_t floats = product(shape(made));
    check(floats <= kMostElements, ErrorCode::Unsupported, "C export: ", node.name, ": makes ", floats, " numbers an image, at most ", kMostElements,
          " are possible");
    const bool constant = node.op == Op::Constant && m_model.model.activations.count(made) == 0;
    m_code += text("\n    /* ", comment(node.name), ": ", name(node.op), ", ", comment(shapeText(shape(made))), " */\n");
    if (constant) {
        m_buffers.push_back({parameter(node, "value"), true, {}});
        take(made, m_buffers.size() - 1);
        return;
    }
    if (aliases(node, step)) {
        take(made, m_of.at(node.inputs.at(0)));
    } else {
        const std::optional<std::size_t> place = overwritten(node, step);
        take(made, place ? *place : newBuffer("v_" + identifierPart(node.name), floats, step));
        if (writer->storage == Storage::Alias)
            copy(output(node), input(node), floats);
        else
            writer->write(*this, node);
    }
    roundIfRounded(made);
}

CSource CBuilder::build()
{
    NoGrad noGrad;
    findUses();
    const ValueId fed = graph().inputs[0], wanted = graph().outputs[0];
    const std::int64_t inputFloats = product(shape(fed));
    check(inputFloats <= kMostElements, ErrorCode::Unsupported, "C export: an input of ", inputFloats, " numbers, at most ", kMostElements, " are possible");
    if (m_model.model.activations.count(fed)) {
        take(fed, newBuffer("v_" + identifierPart(graph().values[static_cast<std::size_t>(fed)].name), inputFloats, 0));
        copy(m_buffers[m_of[fed]].name, "input", inputFloats);
        roundIfRounded(fed);
    } else {
        m_buffers.push_back({"input", true, {}});
        take(fed, m_buffers.size() - 1);
    }
    for (std::size_t i = 0; i < graph().nodes.size(); ++i)
        if (m_needed[i])
            write(graph().nodes[i], static_cast<std::int64_t>(i) + 1);
    if (m_buffers[m_of.at(wanted)].readOnly)
        copy("output", m_buffers[m_of[wanted]].name, product(shape(wanted)));

    std::vector<ArenaBuffer> places;
    for (std::size_t i = 0; i < m_buffers.size(); ++i) {
        const bool outside = m_buffers[i].readOnly || i == m_of[wanted];
        places.push_back(outside ? ArenaBuffer{} : m_buffers[i].place);
    }
    const ArenaPlan plan = planArena(places);
    check(plan.size <= std::int64_t(1) << 28, ErrorCode::Unsupported, "C export: the values of ", graph().architecture, " take ", 4 * plan.size,
          " bytes at a time");
    CSource out;
    out.constantBytes = m_constantBytes;
    out.arenaBytes = 4 * plan.size;
    out.header = headerText(out);
    out.source = sourceText(out, plan);
    return out;
}

} // namespace mprdo::c

// SPDX-License-Identifier: GPL-3.0-or-later
// An ONNX file as text, everything in it, so that two can be compared and a difference explains itself.
#pragma once
#include "core/import/onnx_file.h"
#include <sstream>

namespace mprdo::test {

inline std::string onnxText(const OnnxTensor& t)
{
    std::ostringstream out;
    out << "type " << t.elementType << " as " << toString(t.value.scalar_type()) << " [";
    for (const std::int64_t size : t.value.sizes())
        out << size << ' ';
    out << "]";
    const at::Tensor values = t.value.contiguous();
    const auto* bytes = static_cast<const unsigned char*>(values.data_ptr());
    for (std::size_t i = 0; i < static_cast<std::size_t>(values.nbytes()); ++i)
        out << (i % values.element_size() == 0 ? " " : "") << std::hex << int(bytes[i] >> 4) << int(bytes[i] & 15);
    return out.str();
}

namespace detail {
struct AttributeText {
    std::ostream& out;
    void operator()(std::int64_t v) const { out << "int " << v; }
    void operator()(double v) const { out << "float " << v; }
    void operator()(const std::string& v) const { out << "string " << v; }
    void operator()(const OnnxTensor& v) const { out << onnxText(v); }
    template <class T>
    void operator()(const std::vector<T>& all) const
    {
        out << (std::is_same_v<T, std::int64_t> ? "ints" : std::is_same_v<T, double> ? "floats" : "strings");
        for (const T& v : all)
            out << ' ' << v;
    }
};
} // namespace detail

inline std::string onnxText(const OnnxNode& node)
{
    std::ostringstream out;
    out << node.op << " '" << node.domain << "' '" << node.name << "'";
    for (const std::string& input : node.inputs)
        out << " <" << input;
    for (const std::string& output : node.outputs)
        out << " >" << output;
    for (const auto& [name, value] : node.attributes) {
        out << "; " << name << " = ";
        std::visit(detail::AttributeText{out}, value);
    }
    return out.str() + (node.hasSubgraph ? "; with a subgraph" : "");
}

inline std::string onnxText(const OnnxValueInfo& value)
{
    std::ostringstream out;
    out << value.name << " of " << value.elementType << (value.hasShape ? " [" : " without a shape");
    for (const std::int64_t size : value.shape)
        out << size << ' ';
    return out.str();
}

/// Without path and fileBytes.
inline std::string onnxText(const OnnxFile& file)
{
    std::ostringstream out;
    out << "IR " << file.irVersion << ", opset " << file.opset << ", by '" << file.producer << "', graph '" << file.graphName << "'\n";
    for (const auto& [key, value] : file.metadata)
        out << "metadata " << key << " = " << value << '\n';
    for (const OnnxValueInfo& value : file.inputs)
        out << "input " << onnxText(value) << '\n';
    for (const OnnxValueInfo& value : file.outputs)
        out << "output " << onnxText(value) << '\n';
    for (const OnnxNode& node : file.nodes)
        out << onnxText(node) << '\n';
    for (const auto& [name, tensor] : file.initializers)
        out << "tensor " << name << ": " << onnxText(tensor) << '\n';
    return out.str();
}

} // namespace mprdo::test

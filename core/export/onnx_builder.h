// SPDX-License-Identifier: GPL-3.0-or-later
// The ONNX file that is being written, and what the rows of onnx_writers.cpp add to it. Included by them alone.
#pragma once
#include "core/export/onnx_export.h"
#include <set>

namespace mprdo::onnx {

class OnnxBuilder {
public:
    OnnxBuilder(const ExportedModel&, const OnnxExportOptions&);
    OnnxFile build();

    using Names = std::vector<std::string>;
    using Attributes = std::map<std::string, OnnxAttribute>;

    std::int64_t opset() const { return m_file.opset; }
    const Graph& graph() const { return *m_model.model.graph; }
    const std::vector<std::int64_t>& shape(ValueId v) const { return graph().values.at(static_cast<std::size_t>(v)).shape; }
    /// The name under which readers find a value: rounded, where it is.
    const std::string& value(ValueId v) const { return m_names.at(v); }
    std::string input(const Node& node, std::size_t i = 0) const { return value(node.inputs.at(i)); }

    /// The name of a parameter by its role, "" where the node has none; weights on a grid through DequantizeLinear.
    std::string parameter(const Node&, const std::string& role);
    const at::Tensor& parameterValue(const Node&, const std::string& role) const;
    /// The parameter's name; "" where its node's name and its role say it already, as readers name what has a number.
    std::string nameNeeded(const Node&, const std::string& role) const;
    /// What a weight is made of, if it is on a grid.
    const QuantizedTensor* quantized(const Node&) const;

    /// Initializers of their own; without a name they get a number, as what is computed does: names are a good part of a small file.
    std::string floats(const std::string& name, const at::Tensor&);
    /// One initializer for each number or list, whoever asks.
    std::string scalar(double);
    std::string integers(const std::vector<std::int64_t>&);
    /// Codes, scales and zero points of a weight as initializers, and a node that makes FP32 of them. name: of the weight.
    std::string dequantized(const std::string& name, const QuantizedTensor&);

    /// A node with one output, a number, which is returned. name: of the graph's node, for the one that makes its value.
    std::string add(const std::string& op, const std::string& name, const Names& inputs, const Attributes& attributes = {});
    /// A name that nobody has yet.
    std::string unique(const std::string& name);
    std::string number();

private:
    void round(ValueId, const Grid&);
    void checkWritable(const std::string& op, const std::string& name, std::size_t inputs, const Attributes&) const;
    void nameOutput();
    void describe();

    const ExportedModel& m_model;
    OnnxFile m_file;
    std::map<ValueId, std::string> m_names;
    std::map<std::string, std::string> m_parameters; ///< parameter -> name of what a reader reads
    std::map<std::uint32_t, std::string> m_scalars; ///< by the float's bits
    std::map<std::vector<std::int64_t>, std::string> m_lists;
    std::set<std::string> m_used;
    std::string m_writing; ///< the graph's node that is being written, for messages
    int m_next = 1;
};

/// Writes a node; returns the name of its output.
using Writer = std::string (*)(OnnxBuilder&, const Node&);
/// null where ONNX has no such op
Writer writerOf(Op);

} // namespace mprdo::onnx

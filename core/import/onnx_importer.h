// SPDX-License-Identifier: GPL-3.0-or-later
// The import at work: what is known of each name, and what the rows of onnx_rows_*.cpp build with. Included by them alone.
#pragma once
#include "core/base/error.h"
#include "core/graph/graph_builder.h"
#include "core/import/onnx_import.h"
#include <functional>
#include <set>
#include <string_view>

namespace mprdo::onnx {

using Ints = std::vector<std::int64_t>;

/// Stands for the batch size where shapes are computed with: a prime that no real size is a multiple of.
inline constexpr std::int64_t kBatch = 1'000'003;

/// A tensor that is known before the network runs.
struct Constant {
    at::Tensor value;
    std::optional<QuantizedTensor> quantized; ///< what value is dequantized from
    std::string name;                         ///< of the initializer it comes from, or of the node output that it is
    bool turned = false;                      ///< it is that initializer's matrix transposed
    std::optional<QuantizedTensor> reordered = {}; ///< what the same numbers were in an order in which an axis has the scales
};

/// Codes of a rounded value, which nobody has dequantized yet.
struct Codes {
    ValueId rounded = 0;
    bool isSigned = false; ///< INT8 or INT4
};

class Importer;

/// One node of the file: its attributes and inputs, with errors that name it.
struct Call {
    const OnnxFile& file;
    const OnnxNode& node;

    template <class... Parts>
    [[noreturn]] void refuse(const Parts&... parts) const
    {
        throw Error(ErrorCode::Unsupported, text(file.path, ": ", node.op, " ", node.name, ": ", parts...));
    }
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(file.path, ": ", node.op, " ", node.name, ": ", parts...));
    }
    bool has(const std::string& attribute) const { return node.attributes.count(attribute) > 0; }
    std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
    double number(const std::string& attribute, double otherwise) const;
    Ints integers(const std::string& attribute, Ints otherwise) const;
    std::vector<double> numbers(const std::string& attribute) const;
    std::string word(const std::string& attribute, const std::string& otherwise) const;
    /// Empty: left out.
    std::string input(std::size_t i) const { return i < node.inputs.size() ? node.inputs[i] : std::string(); }
    std::size_t inputs() const;
    void needInputs(std::size_t least, std::size_t most) const;
    /// No output but the first may be used by name.
    void onlyFirstOutput() const;
    /// Attributes that the row does not read must have the given value. \throws Error{Unsupported}
    void needDefault(const std::string& attribute, std::int64_t value) const;
};

using Row = void (*)(Importer&, const Call&);

class Importer {
public:
    Importer(const OnnxFile&, const OnnxImportOptions&);
    ImportedOnnx run();

    std::int64_t opset() const { return m_file.opset; }
    bool freeBatch() const { return m_options.freeBatch; }
    /// The number that the file has for the batch, 0 where it leaves it free.
    std::int64_t fileBatch() const { return m_fileBatch; }

    const Constant* constant(const std::string& name) const; ///< null: it is made while the network runs
    /// \throws Error{Unsupported} when it is none
    const Constant& needConstant(const Call&, std::size_t input, const char* what) const;
    Ints integersOf(const Call&, std::size_t input, const char* what) const;
    double numberOf(const Call&, std::size_t input, const char* what) const;

    /// The graph's value of a name; a constant becomes a node of its own.
    ValueId value(const Call&, std::size_t input);
    const Ints& shape(ValueId v) const { return m_builder.shape(v); }

    /// Adds a node named after the call (name: a suffix for further ones).
    ValueId add(const Call&, Op, const std::vector<ValueId>& inputs, const std::map<std::string, std::string>& parameters = {},
                const std::map<std::string, Attribute>& attributes = {}, const std::string& suffix = {});
    /// The name of a parameter that holds the constant; transform says what was done to it ("t": transposed), so that the nodes that
    /// share a weight share the parameter. role "weight" names it after the node where the file's name says nothing.
    std::string parameter(const Call&, const Constant&, const std::string& role, const std::string& transform = {});

    void bind(const Call&, std::size_t output, ValueId);
    void bind(const Call&, std::size_t output, Constant);
    /// The first output is the codes of a rounded value, for DequantizeLinear alone.
    void bindCodes(const Call&, Codes);
    std::optional<Codes> codes(const std::string& name) const;
    /// The first output is the value with its batch and other leading dimensions seen as one: rows for Gemm, until they are taken apart.
    void bindRows(const Call&, ValueId);
    std::optional<ValueId> rows(const std::string& name) const;
    void keepActivation(ValueId, Grid);
    std::optional<Grid> activation(ValueId) const;

private:
    void addInputs();
    void one(const OnnxNode&);
    std::string readable(const Call&, const Constant&, const std::string& role) const;
    bool fold(const Call&);
    ValueId output();

    const OnnxFile& m_file;
    OnnxImportOptions m_options;
    GraphBuilder m_builder;
    std::int64_t m_fileBatch = 0;
    std::map<std::string, ValueId> m_values, m_rows;
    std::map<std::string, Codes> m_codes;
    std::map<std::string, Constant> m_constants;
    std::map<std::pair<std::string, std::string>, std::string> m_parameters; ///< (initializer, transform) -> parameter
    std::set<std::string> m_parameterNames, m_nodeNames;
    std::map<std::string, QuantizedTensor> m_weights;
    std::map<ValueId, Grid> m_activations;
};

/// "/layer1/layer1.0/conv1/Conv" -> "layer1.0.conv1": the module path that PyTorch's exporter writes; other names as they are.
std::string moduleName(const std::string& node, const std::string& op);

/// What Shape gives of a shape: the part from the attribute start to end, where it has them (opset 15).
Ints shapeBetween(const Call&, const Ints& shape);

/// The value of a node whose inputs are all constants, if it is one of the ops that shapes and weights are computed with.
std::optional<Constant> folded(const Call&, std::int64_t opset, const std::vector<const Constant*>& inputs);

using RowTable = std::map<std::string_view, Row>;
const RowTable& layerRows();
const RowTable& activationRows();
const RowTable& binaryRows();
const RowTable& poolingRows();
const RowTable& shapeRows();
const RowTable& quantizeRows();

} // namespace mprdo::onnx

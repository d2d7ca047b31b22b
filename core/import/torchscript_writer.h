// SPDX-License-Identifier: GPL-3.0-or-later
// From two recordings of a TorchScript module, of batches of different sizes, to ONNX's nodes: what differs between the
// two is the batch.
#pragma once
#include "core/import/onnx_file.h"
#include "core/import/torchscript_recording.h"
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace mprdo::script {

class Call;
using Row = void (*)(const Call&);
using RowTable = std::map<std::string_view, Row>;
const RowTable& activationRows();
const RowTable& attentionRows();
const RowTable& binaryRows();
const RowTable& layerRows();
const RowTable& pieceRows();
const RowTable& poolingRows();
const RowTable& shapeRows();

/// The operators that have a row, in alphabetical order.
std::vector<std::string> torchScriptOps();

class Writer {
public:
    using Attributes = std::map<std::string, OnnxAttribute>;

    /// \param parameters the module's tensors by their attribute's path
    Writer(std::string file, Recording, Recording other, std::vector<std::pair<std::string, at::Tensor>> parameters);

    /// \throws Error{Unsupported} naming the operator and its module: no row, a variant that no node says, something
    /// that depends on the batch's size or on chance
    OnnxFile run();

    const std::string& file() const { return m_out.path; }
    /// Of both recordings; -1 where they differ.
    Ints shape(int value) const;
    /// Images in the two recordings.
    std::pair<std::int64_t, std::int64_t> batches() const
    {
        return {m_first.shapes.at(0).at(0), m_second.shapes.at(0).at(0)};
    }
    std::optional<std::string> nameOf(int value) const;
    void bind(int value, const std::string& name) { m_names[value] = name; }

    /// \return the names of its outputs
    std::vector<std::string> node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                                  Attributes, std::size_t outputs);
    /// An initializer, the same one for the same tensor; under its path where it is one of the module's, under name
    /// else.
    std::string initializer(const at::Tensor&, const std::string& name);
    /// True where it is one of the module's matrices transposed.
    bool isTransposedParameter(const at::Tensor&) const;

private:
    std::string unique(const std::string& name);
    OnnxFile m_out;
    Recording m_first, m_second;
    std::vector<std::pair<std::string, at::Tensor>> m_parameters;
    std::map<int, std::string> m_names;
    std::vector<std::pair<at::Tensor, std::string>> m_initializers; ///< what they hold, as it was given
    std::set<std::string> m_used;
};

} // namespace mprdo::script

// SPDX-License-Identifier: GPL-3.0-or-later
// The C source that is being written, and what the rows of c_writers.cpp add to it. Included by them alone.
#pragma once
#include "core/export/arena_plan.h"
#include "core/export/c_export.h"
#include "core/export/c_loops.h"
#include <functional>
#include <optional>
#include <set>

namespace mprdo::c {

class CBuilder {
public:
    CBuilder(const ExportedModel&, const std::string& name);
    CSource build();

    const Graph& graph() const { return *m_model.model.graph; }
    /// Of one image: 1 along the free dimension.
    Ints shape(ValueId) const;
    Ints inputShape(const Node& node, std::size_t i = 0) const { return shape(node.inputs.at(i)); }
    Ints outputShape(const Node& node) const { return shape(node.outputs.at(0)); }
    /// Pointers, as expressions.
    std::string input(const Node& node, std::size_t i = 0) const { return m_buffers[m_of.at(node.inputs.at(i))].name; }
    std::string output(const Node& node) const { return m_buffers[m_of.at(node.outputs.at(0))].name; }
    /// Room for so many floats while the node runs.
    std::string scratch(const Node&, std::int64_t floats);

    /// The parameter as an array of floats; "NULL" where the node has none.
    std::string parameter(const Node&, const std::string& role);
    /// As the executor sees it: dequantized, or corrected. \throws Error{NonFinite}
    at::Tensor parameterValue(const Node&, const std::string& role) const;
    /// The address of the node's weight, to be unpacked.
    std::string weight(const Node&);
    bool isPacked(const Node&) const;

    /// Constants of their own; their names.
    std::string floats(const std::string& name, const at::Tensor&);
    std::string integers(const std::string& name, const Ints&);
    /// "static const geometry g_conv1 = {...};": its address. \throws Error{Unsupported} a number of 2^30 and more
    std::string geometry(const std::string& name, const Ints& members);

    /// A statement (some lines).
    void add(const std::string& statement);
    /// One that calls a function of c_kernels.h.
    void call(std::string_view kernel, const std::vector<std::string>& arguments);
    void use(std::string_view kernel) { m_kernels.insert(kernel); }

private:
    struct Buffer {
        std::string name;      ///< of a pointer, or of what may only be read
        bool readOnly = false; ///< the caller's input, a constant
        ArenaBuffer place;     ///< in floats
    };

    std::string unique(const std::string& name);
    std::size_t newBuffer(const std::string& name, std::int64_t floats, std::int64_t begin);
    void take(ValueId v, std::size_t buffer);
    /// An array under that name, or one like it; its name.
    std::string array(const char* type, const std::string& name, std::int64_t elements, std::int64_t elementBytes,
                      const std::function<std::string(std::int64_t)>& element);
    void copy(const std::string& to, const std::string& from, std::int64_t floats);
    void roundIfRounded(ValueId);
    void findUses();
    void write(const Node&, std::int64_t step);
    bool aliases(const Node&, std::int64_t step) const;
    std::optional<std::size_t> overwritten(const Node&, std::int64_t step) const;
    std::string headerText(const CSource&) const;
    std::string sourceText(const CSource&, const ArenaPlan&) const;

    const ExportedModel& m_model;
    std::string m_name;
    std::vector<char> m_needed;                ///< nodes that lead to the output
    std::map<ValueId, std::int64_t> m_lastUse; ///< step; node k runs at step k + 1
    std::map<ValueId, std::size_t> m_of;       ///< which buffer a value lies in
    std::vector<Buffer> m_buffers;
    std::int64_t m_step = 0;
    std::map<std::string, std::string> m_arrays, m_weights; ///< by parameter
    std::set<std::string> m_used;
    std::set<std::string_view> m_kernels;
    std::string m_constants, m_code;
    std::int64_t m_constantBytes = 0;
};

/// What a node's output may share with its input.
enum class Storage {
    Own,
    InPlace, ///< element i is written after all that needs element i has been read
    Alias    ///< the same numbers in the same order: nothing is done at all
};

struct CWriter {
    void (*write)(CBuilder&, const Node&);
    Storage storage = Storage::Own;
};

/// null where there is none
const CWriter* writerOf(Op);

} // namespace mprdo::c

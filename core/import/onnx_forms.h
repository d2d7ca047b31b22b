// SPDX-License-Identifier: GPL-3.0-or-later
// The operators that are read, as each opset defines them: which attributes, inputs and outputs there are. What a node has beyond that
// is refused, so that no operator is ever read as another opset's.
#pragma once
#include "core/import/onnx_importer.h"
#include <limits>

namespace mprdo::onnx {

/// Any number of inputs or outputs.
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

/// What an operator looks like from an opset on, up to that of its next form.
struct OnnxForm {
    std::int64_t since = 1;
    std::size_t leastInputs = 1, mostInputs = 1, mostOutputs = 1;
    std::vector<std::string_view> attributes; ///< "axis!": it must be there
    bool gone = false; ///< from this opset on there is no such operator
};

/// Required or not.
bool hasAttribute(const OnnxForm&, const std::string& attribute);

/// The form of an operator in an opset; null: the operator is not known, or not in that opset.
/// Source: ONNX's operator change log (https://onnx.ai/onnx/operators), opset 7 to 25.
const OnnxForm* onnxForm(std::string_view op, std::int64_t opset);
/// All forms of an operator, oldest first; empty: it is not known.
const std::vector<OnnxForm>& onnxForms(std::string_view op);
/// The operators that have forms, in alphabetical order: those with a row and those that are folded alone.
std::vector<std::string> onnxFormNames();

/// \throws Error{Unsupported} naming the node and an attribute, input or output that its operator does not have in that opset
void checkForm(const Call&, std::int64_t opset);

} // namespace mprdo::onnx

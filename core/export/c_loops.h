// SPDX-License-Identifier: GPL-3.0-or-later
// Nested loops over the elements of tensors, as text.
#pragma once
#include "core/graph/graph.h"

namespace mprdo::c {

using Ints = std::vector<std::int64_t>;

std::int64_t product(const Ints&);
/// Row-major strides of a shape, in elements.
Ints strides(const Ints& shape);
/// Those of a shape that is broadcast to another one: 0 along what is repeated.
Ints broadcastStrides(const Ints& shape, const Ints& to);

/// One loop for each size, outermost first; axes that every operand walks as one are joined, axes of one element left out.
class LoopNest {
public:
    /// \param operandStrides for each operand one stride an axis
    /// \param variable its loops are "i0", "i1", ...
    LoopNest(const Ints& sizes, const std::vector<Ints>& operandStrides, char variable = 'i');

    /// Where operand k's element lies: "i0 * 5 + i1 + 3".
    std::string index(std::size_t operand, std::int64_t offset = 0) const;
    /// The loops around a statement (some lines), indented by four spaces a loop.
    std::string around(const std::string& statement) const;

private:
    Ints m_sizes;
    std::vector<Ints> m_strides; ///< [operand][axis]
    char m_variable;
};

/// Every line four spaces further to the right.
std::string indented(const std::string& lines, std::size_t times = 1);

} // namespace mprdo::c

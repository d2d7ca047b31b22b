// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/c_loops.h"
#include "core/base/error.h"
#include <algorithm>
#include <sstream>

namespace mprdo::c {

std::int64_t product(const Ints& shape)
{
    std::int64_t out = 1;
    for (const std::int64_t size : shape)
        out *= size;
    return out;
}

Ints strides(const Ints& shape)
{
    Ints out(shape.size());
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i])
        out[i] = stride;
    return out;
}

Ints broadcastStrides(const Ints& shape, const Ints& to)
{
    const Ints own = strides(shape);
    Ints out(to.size(), 0);
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[shape.size() - 1 - i] != 1)
            out[to.size() - 1 - i] = own[shape.size() - 1 - i];
    return out;
}

LoopNest::LoopNest(const Ints& sizes, const std::vector<Ints>& operandStrides, char variable)
    : m_strides(operandStrides.size())
    , m_variable(variable)
{
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        if (sizes[axis] == 1)
            continue;
        bool joins = !m_sizes.empty();
        for (std::size_t k = 0; joins && k < operandStrides.size(); ++k)
            joins = m_strides[k].back() == sizes[axis] * operandStrides[k][axis];
        if (joins)
            m_sizes.back() *= sizes[axis];
        else
            m_sizes.push_back(sizes[axis]);
        for (std::size_t k = 0; k < operandStrides.size(); ++k) {
            if (joins)
                m_strides[k].back() = operandStrides[k][axis];
            else
                m_strides[k].push_back(operandStrides[k][axis]);
        }
    }
}

std::string LoopNest::index(std::size_t operand, std::int64_t offset) const
{
    std::string out;
    for (std::size_t axis = 0; axis < m_sizes.size(); ++axis) {
        const std::int64_t stride = m_strides[operand][axis];
        if (stride == 0)
            continue;
        const std::string factor = std::abs(stride) == 1 ? "" : text(" * ", std::abs(stride));
        out += text(out.empty() ? (stride < 0 ? "-" : "") : (stride < 0 ? " - " : " + "), m_variable, axis, factor);
    }
    if (offset != 0)
        out += out.empty() ? text(offset) : text(offset < 0 ? " - " : " + ", std::abs(offset));
    return out.empty() ? "0" : out;
}

std::string LoopNest::around(const std::string& statement) const
{
    const std::size_t loops = m_sizes.size();
    const bool block = loops > 0 && statement.starts_with("{\n"); // its brace stands behind the innermost loop
    std::string out;
    for (std::size_t axis = 0; axis < loops; ++axis) {
        const std::string i = text(m_variable, axis);
        out += indented(text("for (int32_t ", i, " = 0; ", i, " < ", m_sizes[axis], "; ++", i, block && axis + 1 == loops ? ") {\n" : ")\n"), axis);
    }
    return out + (block ? indented(statement.substr(2), loops - 1) : indented(statement, loops));
}

std::string indented(const std::string& lines, std::size_t times)
{
    std::istringstream in(lines);
    std::string out;
    for (std::string line; std::getline(in, line);)
        out += std::string(line.empty() ? 0 : 4 * times, ' ') + line + "\n";
    return out;
}

} // namespace mprdo::c

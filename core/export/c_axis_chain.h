// SPDX-License-Identifier: GPL-3.0-or-later
// Functions that work along one axis, called one after the other.
#pragma once
#include "core/export/c_builder.h"

namespace mprdo::c {

/// Sizes before, along and after an axis.
struct Around {
    std::int64_t outer = 1, size = 1, inner = 1;

    Around(const Ints& shape, std::size_t axis)
    {
        for (std::size_t i = 0; i < shape.size(); ++i)
            (i < axis ? outer : i == axis ? size : inner) *= shape[i];
    }
};

/// One axis after the other, with a scratch buffer between any two.
class AxisChain {
public:
    AxisChain(CBuilder& b, const Node& n, std::size_t steps)
        : m_builder(b)
        , m_node(n)
        , m_left(steps)
        , m_from(b.input(n))
        , m_shape(b.inputShape(n))
    {
    }
    const Ints& shape() const { return m_shape; }
    /// rest: arguments behind outer, in_size, out_size and inner
    void step(std::string_view kernel, std::size_t axis, std::int64_t outSize, const std::vector<std::string>& rest)
    {
        const Around around(m_shape, axis);
        m_shape[axis] = outSize;
        const std::string to = --m_left == 0 ? m_builder.output(m_node) : m_builder.scratch(m_node, product(m_shape));
        std::vector<std::string> arguments{m_from, to, std::to_string(around.outer), std::to_string(around.size), std::to_string(outSize),
                                           std::to_string(around.inner)};
        arguments.insert(arguments.end(), rest.begin(), rest.end());
        m_builder.call(kernel, arguments);
        m_from = to;
    }

private:
    CBuilder& m_builder;
    const Node& m_node;
    std::size_t m_left;
    std::string m_from;
    Ints m_shape;
};

} // namespace mprdo::c

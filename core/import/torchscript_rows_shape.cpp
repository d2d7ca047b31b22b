// SPDX-License-Identifier: GPL-3.0-or-later
// Operators that change a value's shape or the order of its dimensions, and padding.
#include "core/import/torchscript_call.h"
#include <numeric>

namespace mprdo::script {
namespace {

/// Whatever the operator was asked: it made that shape.
void reshaped(const Call& c)
{
    if (c.madeShape() == c.shape("self"))
        c.give(c.input("self"));
    else
        c.give(c.add("Reshape", {c.input("self"), c.integerList(c.target(), "shape")}));
}

void flatten(const Call& c)
{
    const std::int64_t rank = c.rank("self");
    const bool image = rank > 1 && c.axis("self", c.integer("start_dim", 0)) == 1
        && c.axis("self", c.integer("end_dim", -1)) == rank - 1;
    if (image && c.madeShape() != c.shape("self"))
        c.give(c.add("Flatten", {c.input("self")}, {{"axis", std::int64_t(1)}}));
    else
        reshaped(c);
}

void permute(const Call& c)
{
    Ints axes = c.integers("dims");
    for (std::int64_t& a : axes)
        a = c.axis("self", a);
    c.give(c.add("Transpose", {c.input("self")}, {{"perm", axes}}));
}

void transpose(const Call& c)
{
    Ints axes(static_cast<std::size_t>(c.rank("self")));
    std::iota(axes.begin(), axes.end(), 0);
    std::swap(axes[static_cast<std::size_t>(c.axis("self", c.integer("dim0")))],
              axes[static_cast<std::size_t>(c.axis("self", c.integer("dim1")))]);
    c.give(c.add("Transpose", {c.input("self")}, {{"perm", axes}}));
}

/// By a product with ones, which broadcasts.
void expand(const Call& c)
{
    const Ints from = c.shape("self");
    Ints to = c.madeShape();
    if (from == to) {
        c.give(c.input("self"));
        return;
    }
    std::int64_t elements = 1;
    for (std::int64_t& d : to) {
        d = d == -1 ? 1 : d;
        elements *= d;
    }
    if (from.size() != to.size() || from[0] != c.madeShape()[0] || elements > (1 << 24))
        c.refuse("repeats ", shapeText(from), " to ", shapeText(c.madeShape()));
    c.give(c.add("Mul", {c.input("self"), c.initializer(at::ones(to), "ones")}));
}

/// pad lists (before, after) of the last dimension first.
void padded(const Call& c, const Ints& pad, const std::string& mode, double value)
{
    const auto rank = static_cast<std::size_t>(c.rank("self"));
    if (pad.size() % 2 != 0 || pad.size() / 2 > rank)
        c.refuse("pad ", shapeText(pad), " of ", rank, " dimensions");
    Ints pads(2 * rank, 0);
    for (std::size_t i = 0; i < pad.size() / 2; ++i) {
        pads[rank - 1 - i] = pad[2 * i];
        pads[2 * rank - 1 - i] = pad[2 * i + 1];
    }
    std::vector<std::string> inputs{c.input("self"), c.integerList(pads, "pads")};
    if (mode == "constant" && value != 0)
        inputs.push_back(c.initializer(at::scalar_tensor(value, at::kFloat), "value"));
    c.give(c.add("Pad", inputs, {{"mode", mode}}));
}

void constantPad(const Call& c) { padded(c, c.integers("pad"), "constant", c.number("value", 0)); }
void reflectionPad(const Call& c) { padded(c, c.integers("padding"), "reflect", 0); }
void replicationPad(const Call& c) { padded(c, c.integers("padding"), "edge", 0); }

void pad(const Call& c)
{
    static const std::map<std::string, std::string> modes{
        {"constant", "constant"}, {"reflect", "reflect"}, {"replicate", "edge"}, {"circular", "wrap"}};
    const auto mode = modes.find(c.word("mode", "constant"));
    if (mode == modes.end())
        c.refuse("mode ", c.word("mode", "constant"), " is not known");
    padded(c, c.integers("pad"), mode->second, c.number("value", 0));
}

} // namespace

const RowTable& shapeRows()
{
    static const RowTable rows{
        {"aten::flatten", flatten},
        {"aten::reshape", reshaped},
        {"aten::view", reshaped},
        {"aten::_unsafe_view", reshaped},
        {"aten::reshape_as", reshaped},
        {"aten::view_as", reshaped},
        {"aten::unflatten", reshaped},
        {"aten::squeeze", reshaped},
        {"aten::unsqueeze", reshaped},
        {"aten::permute", permute},
        {"aten::transpose", transpose},
        {"aten::expand", expand},
        {"aten::expand_as", expand},
        {"aten::constant_pad_nd", constantPad},
        {"aten::pad", pad},
        {"aten::reflection_pad1d", reflectionPad},
        {"aten::reflection_pad2d", reflectionPad},
        {"aten::replication_pad1d", replicationPad},
        {"aten::replication_pad2d", replicationPad},
    };
    return rows;
}

} // namespace mprdo::script

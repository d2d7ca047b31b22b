// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that move values about.
#include "core/base/error.h"
#include "core/export/c_axis_chain.h"
#include "core/export/c_text.h"
#include "core/export/c_writers.h"
#include "core/graph/op_table.h"

namespace mprdo::c {
namespace {

/// to[offset + ...] = from[offset + ...] over sizes.
void move(CBuilder& b, const Ints& sizes, const std::string& to, const Ints& toSteps, std::int64_t toOffset, const std::string& from,
          const Ints& fromSteps, std::int64_t fromOffset)
{
    const LoopNest loops(sizes, {toSteps, fromSteps});
    b.add(loops.around(to + "[" + loops.index(0, toOffset) + "] = " + from + "[" + loops.index(1, fromOffset) + "];"));
}

} // namespace

void writeCopy(CBuilder& b, const Node& n)
{
    const Ints count{product(b.outputShape(n))};
    move(b, count, b.output(n), {1}, 0, b.input(n), {1}, 0);
}

void writeConstant(CBuilder& b, const Node& n)
{
    const Ints count{product(b.outputShape(n))};
    move(b, count, b.output(n), {1}, 0, b.parameter(n, "value"), {1}, 0);
}

void writeConcat(CBuilder& b, const Node& n)
{
    const Ints out = b.outputShape(n), steps = strides(out);
    const std::size_t axis = axisOf(n.integer("axis", 1), out.size());
    std::int64_t before = 0;
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
        const Ints in = b.inputShape(n, i);
        move(b, in, b.output(n), steps, before * steps[axis], b.input(n, i), strides(in), 0);
        before += in[axis];
    }
}

void writeSlice(CBuilder& b, const Node& n)
{
    const Ints in = b.inputShape(n), out = b.outputShape(n), axes = n.integers("axes", {}), starts = n.integers("starts", {}),
               every = n.integers("steps", Ints(axes.size(), 1));
    const Ints inSteps = strides(in);
    Ints steps = inSteps;
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axisOf(axes[i], in.size());
        offset += starts[i] * inSteps[axis];
        steps[axis] = inSteps[axis] * every[i];
    }
    move(b, out, b.output(n), strides(out), 0, b.input(n), steps, offset);
}

void writeGather(CBuilder& b, const Node& n)
{
    const Ints indices = n.integers("indices", {});
    AxisChain(b, n, 1).step("take", axisOf(n.integer("axis", 1), b.inputShape(n).size()), static_cast<std::int64_t>(indices.size()),
                            {b.integers(n.name + ".indices", indices)});
}

void writeTranspose(CBuilder& b, const Node& n)
{
    const Ints out = b.outputShape(n), inSteps = strides(b.inputShape(n)), axes = n.integers("axes", {});
    Ints steps;
    for (const std::int64_t a : axes)
        steps.push_back(inSteps[static_cast<std::size_t>(a)]);
    move(b, out, b.output(n), strides(out), 0, b.input(n), steps, 0);
}

void writePad(CBuilder& b, const Node& n)
{
    const Ints in = b.inputShape(n), out = b.outputShape(n), before = n.integers("before", {}), after = n.integers("after", {});
    if (n.word("mode", "constant") == "constant") {
        const LoopNest all({product(out)}, {{1}});
        b.add(all.around(text(b.output(n), "[", all.index(0), "] = ", literal(static_cast<float>(n.number("value", 0))), ";")));
        const Ints to = strides(out), from = strides(in);
        Ints sizes = in;
        std::int64_t toOffset = 0, fromOffset = 0;
        for (std::size_t i = 0; i < in.size(); ++i) { // what is padded by less than nothing is cut
            toOffset += std::max<std::int64_t>(0, before[i]) * to[i];
            fromOffset += std::max<std::int64_t>(0, -before[i]) * from[i];
            sizes[i] = in[i] + std::min<std::int64_t>(0, before[i]) + std::min<std::int64_t>(0, after[i]);
        }
        move(b, sizes, b.output(n), to, toOffset, b.input(n), from, fromOffset);
        return;
    }
    std::vector<std::size_t> padded;
    for (std::size_t i = 0; i < in.size(); ++i)
        if (before[i] != 0 || after[i] != 0)
            padded.push_back(i);
    if (padded.empty())
        return writeCopy(b, n);
    AxisChain chain(b, n, padded.size());
    for (const std::size_t axis : padded) {
        // where each element comes from is what padding 0, 1, 2, ... gives
        Node one = n;
        one.attributes["before"] = Ints{before[axis]};
        one.attributes["after"] = Ints{after[axis]};
        const std::vector<at::Tensor> counted{at::arange(in[axis], at::kLong)};
        const at::Tensor from = opRow(Op::Pad).execute({one, counted, {}}).contiguous();
        chain.step("take", axis, out[axis], {b.integers(n.name + ".from", Ints(from.data_ptr<std::int64_t>(), from.data_ptr<std::int64_t>() + from.numel()))});
    }
}

} // namespace mprdo::c

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/c_text.h"
#include "core/export/c_writers.h"
#include "core/graph/windows.h"
#include <limits>

namespace mprdo::c {
namespace {

std::string poolGeometry(CBuilder& b, const Node& n)
{
    const Ints in = b.inputShape(n), out = b.outputShape(n), kernel = n.perAxis("kernel", 2, in.size() - 2);
    const bool oneAxis = in.size() == 3;
    std::vector<Window> windows = windowsOf(n, kernel, kernel);
    if (oneAxis)
        windows.insert(windows.begin(), Window{});
    const Window &h = windows[0], &w = windows[1];
    const auto height = [&](const Ints& shape) { return oneAxis ? 1 : shape[2]; };
    return b.geometry(n.name, {in[1], in[1], in[1], height(in), in.back(), height(out), out.back(), h.kernel, w.kernel, h.stride, w.stride, h.before,
                               w.before, h.after, w.after, h.dilation, w.dilation});
}

} // namespace

void writeMaxPool(CBuilder& b, const Node& n) { b.call("max_pool", {b.input(n), b.output(n), poolGeometry(b, n)}); }

void writeAvgPool(CBuilder& b, const Node& n)
{
    b.call("average_pool", {b.input(n), b.output(n), poolGeometry(b, n), n.integer("count_padding", 1) ? "1" : "0"});
}

void writeAdaptiveAvgPool(CBuilder& b, const Node& n)
{
    const Ints in = b.inputShape(n), out = b.outputShape(n);
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    check((out[2] + 1) * (in[2] + 1) < most && (out[3] + 1) * (in[3] + 1) < most, ErrorCode::Unsupported, "C export: ", n.name, ": pools ",
          shapeText(in), " to ", shapeText(out));
    b.call("adaptive_pool", {b.input(n), b.output(n), std::to_string(in[1]), std::to_string(in[2]), std::to_string(in[3]), std::to_string(out[2]),
                             std::to_string(out[3])});
}

void writeMean(CBuilder& b, const Node& n)
{
    Ints kept = b.inputShape(n), reduced(kept.size(), 1);
    const Ints steps = strides(kept);
    for (const std::int64_t a : n.integers("axes", {}))
        std::swap(kept[axisOf(a, kept.size())], reduced[axisOf(a, kept.size())]);
    const LoopNest loops(kept, {steps, strides(kept)}), inner(reduced, {steps}, 'k');
    const std::string outerAt = loops.index(0), innerAt = inner.index(0);
    const std::string at = innerAt == "0" ? outerAt : outerAt == "0" ? innerAt : outerAt + " + " + innerAt;
    const std::string sum = inner.around("sum += " + b.input(n) + "[" + at + "];");
    const std::string mean = text(b.output(n), "[", loops.index(1), "] = sum / ", literal(static_cast<float>(product(reduced))), ";");
    b.add(loops.around("{\n" + indented("float sum = 0.0f;\n" + sum + mean) + "}"));
}

} // namespace mprdo::c

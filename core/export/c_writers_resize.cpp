// SPDX-License-Identifier: GPL-3.0-or-later
// Resize as sums of neighbours with weights that are computed here.
#include "core/base/error.h"
#include "core/export/c_axis_chain.h"
#include "core/export/c_text.h"
#include "core/export/c_writers.h"
#include "core/graph/op_table.h"
#include <algorithm>

namespace mprdo::c {
namespace {

constexpr std::int64_t kMostWeights = std::int64_t(1) << 26;

/// Weights [output, input] along one of the node's axes: what the op makes of the unit vectors. NaN where the source lies outside.
at::Tensor axisWeights(const Node& n, std::size_t i, std::int64_t in)
{
    const std::vector<double> roi = n.numbers("roi", {});
    const std::int64_t out = n.integers("sizes", {}).at(i);
    check(in * std::max(in, out) <= kMostWeights, ErrorCode::Unsupported, "C export: ", n.name, ": resizes ", in, " to ", out);
    Node one = n;
    one.attributes["axes"] = Ints{1};
    one.attributes["sizes"] = Ints{out};
    one.attributes["scales"] = std::vector<double>{n.numbers("scales", {}).at(i)};
    one.attributes["extrapolation"] = std::numeric_limits<double>::quiet_NaN();
    if (!roi.empty())
        one.attributes["roi"] = std::vector<double>{roi[i], roi[roi.size() / 2 + i]};
    return opRow(Op::Resize).execute({one, {at::eye(in)}, {}}).t().contiguous();
}

struct Neighbours {
    Ints first;         ///< [output], -1: outside
    at::Tensor weights; ///< [output, as many as the widest sum has]
};

Neighbours neighbours(const at::Tensor& matrix)
{
    const std::int64_t out = matrix.size(0), in = matrix.size(1);
    const auto w = matrix.accessor<float, 2>();
    Neighbours result;
    std::int64_t widest = 1;
    for (std::int64_t k = 0; k < out; ++k) {
        std::int64_t begin = 0, end = in;
        while (begin + 1 < in && w[k][begin] == 0)
            ++begin;
        while (end - 1 > begin && w[k][end - 1] == 0)
            --end;
        const bool outside = matrix[k].isnan().any().item<bool>();
        result.first.push_back(outside ? -1 : begin);
        widest = std::max(widest, outside ? 1 : end - begin);
    }
    result.weights = at::zeros({out, widest});
    for (std::int64_t k = 0; k < out; ++k) {
        std::int64_t& first = result.first[static_cast<std::size_t>(k)];
        if (first < 0)
            continue;
        first = std::min(first, in - widest);
        result.weights[k] = matrix[k].slice(0, first, first + widest);
    }
    return result;
}

} // namespace

void writeResize(CBuilder& b, const Node& n)
{
    const Ints axes = n.integers("axes", {}), in = b.inputShape(n);
    std::vector<std::pair<std::size_t, at::Tensor>> steps;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axisOf(axes[i], in.size());
        const at::Tensor weights = axisWeights(n, i, in[axis]);
        if (weights.size(0) != weights.size(1) || !at::equal(weights, at::eye(weights.size(0))))
            steps.emplace_back(axis, weights);
    }
    if (steps.empty())
        return writeCopy(b, n);
    AxisChain chain(b, n, steps.size());
    for (const auto& [axis, matrix] : steps) {
        const Neighbours near = neighbours(matrix);
        const std::string first = b.integers(n.name + ".first", near.first);
        const bool picks = near.weights.size(1) == 1 && near.weights.eq(1).all().item<bool>();
        if (picks)
            chain.step("take", axis, matrix.size(0), {first});
        else
            chain.step("resample", axis, matrix.size(0),
                       {first, b.floats(n.name + ".weights", near.weights), std::to_string(near.weights.size(1)),
                        literal(static_cast<float>(n.number("extrapolation", 0)))});
    }
}

} // namespace mprdo::c

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exec/input_statistics.h"
#include "core/base/error.h"
#include "core/graph/op_table.h"
#include "core/graph/windows.h"

namespace mprdo {
namespace {

/// keep of count positions, one from each of keep equal stretches. Where in its stretch follows the golden ratio: a fixed
/// step that divides the width of the maps would see one column alone.
at::Tensor spread(std::int64_t count, std::int64_t keep)
{
    const at::Tensor i = at::arange(keep, at::kDouble), jitter = i * 0.6180339887498949;
    return ((i + (jitter - jitter.floor())) * (double(count) / double(keep))).floor().to(at::kLong);
}

/// Spread rows so that at most keep of count stay.
at::Tensor thinned(const at::Tensor& rows, std::int64_t axis, std::int64_t keep)
{
    const std::int64_t count = rows.size(axis);
    if (keep <= 0 || count <= keep)
        return rows;
    return rows.index_select(axis, spread(count, keep));
}

/// t as [positions, O], positions in the order of inputPatches.
at::Tensor targetRows(const Node& node, const at::Tensor& t)
{
    return node.op == Op::Linear ? t.reshape({-1, t.size(-1)}) : t.movedim(1, -1).reshape({-1, t.size(1)});
}

/// What a transposed convolution's kernel sees: zeros between the elements of x and around them, so that its output is that of an
/// ordinary convolution of stride 1 with the mirrored kernel. Along one axis.
at::Tensor spacedOut(const at::Tensor& x, std::int64_t axis, const Window& window, std::int64_t outputPadding)
{
    at::Tensor out = x;
    if (window.stride > 1) {
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape[static_cast<std::size_t>(axis)] = (x.size(axis) - 1) * window.stride + 1;
        out = at::zeros(shape, x.options());
        out.slice(axis, 0, shape[static_cast<std::size_t>(axis)], window.stride).copy_(x);
    }
    std::vector<std::int64_t> sides(static_cast<std::size_t>(2 * (x.dim() - axis)), 0);
    const std::int64_t reach = window.dilation * (window.kernel - 1);
    sides[sides.size() - 2] = reach - window.before;
    sides[sides.size() - 1] = reach - window.after + outputPadding;
    return at::constant_pad_nd(out, sides, 0);
}

/// rows^T rows, [g, P, K] -> [g, K, K]. The upper triangle is made in strips and mirrored: five eighths of the products.
/// Columns that are zero throughout (taps that meet padding alone) are left out of the products.
at::Tensor gram(const at::Tensor& rows)
{
    if (rows.size(0) == 1 && rows.size(2) >= 512) {
        const at::Tensor live = at::nonzero(rows[0].abs().amax(0)).reshape({-1});
        if (live.size(0) < rows.size(2) * 3 / 4) {
            at::Tensor whole = at::zeros({1, rows.size(2), rows.size(2)}, rows.options());
            const at::Tensor part = gram(rows.index_select(2, live));
            whole[0].index_put_({live.unsqueeze(1), live.unsqueeze(0)}, part[0]);
            return whole;
        }
    }
    const std::int64_t k = rows.size(2), strip = std::max<std::int64_t>(64, (k + 3) / 4);
    at::Tensor out = at::empty({rows.size(0), k, k}, rows.options());
    for (std::int64_t a = 0; a < k; a += strip) {
        const std::int64_t b = std::min(k, a + strip);
        const at::Tensor part = at::bmm(rows.slice(2, a, b).transpose(1, 2), rows.slice(2, a, k));
        out.slice(1, a, b).slice(2, a, k).copy_(part);
        if (b < k)
            out.slice(1, b, k).slice(2, a, b).copy_(part.slice(2, b - a).transpose(1, 2));
    }
    return out;
}

} // namespace

at::Tensor inputPatches(const Node& node, const at::Tensor& weight, const at::Tensor& x, std::int64_t keep)
{
    if (node.op == Op::Linear)
        return thinned(x.reshape({1, -1, weight.size(1)}), 1, keep);
    check(opRow(node.op).weighted && x.dim() == weight.dim(), ErrorCode::Internal, node.name, ": has no input patches");
    const bool transposed = node.op == Op::ConvTranspose2d || node.op == Op::ConvTranspose1d;
    std::vector<Window> geometry = windowsOf(node, weight.sizes());
    at::Tensor planes = x;
    std::vector<std::int64_t> extra = node.perAxis("output_padding", 0, geometry.size());
    if (x.dim() == 3) { // one row of a plane
        planes = x.unsqueeze(2);
        geometry.insert(geometry.begin(), Window{});
        extra.insert(extra.begin(), 0);
    }
    const Window &down = geometry[0], &across = geometry[1];
    const std::int64_t groups = node.integer("groups", 1), kH = down.kernel, kW = across.kernel, n = x.size(0), c = x.size(1);
    at::Tensor padded = planes;
    if (transposed)
        padded = spacedOut(spacedOut(planes, 2, down, extra[0]), 3, across, extra[1]);
    else if (down.before + down.after + across.before + across.after > 0)
        padded = at::constant_pad_nd(planes, {across.before, across.after, down.before, down.after}, 0);
    // [N, C, oH, oW, kH, kW] as a view, windows by strides; dilation picks inside the window
    at::Tensor windows = padded.unfold(2, down.span(), transposed ? 1 : down.stride).unfold(3, across.span(), transposed ? 1 : across.stride);
    if (down.dilation > 1 || across.dilation > 1)
        windows = windows.slice(4, 0, windows.size(4), down.dilation).slice(5, 0, windows.size(5), across.dilation);
    if (transposed)
        windows = windows.flip({4, 5});
    const std::int64_t positions = windows.size(2) * windows.size(3), k = c / groups * kH * kW;
    at::Tensor rows = windows.reshape({n, groups, c / groups, windows.size(2), windows.size(3), kH, kW})
                          .permute({1, 0, 3, 4, 2, 5, 6}); // [g, N, oH, oW, C/g, kH, kW]
    if (keep > 0 && n * positions > keep) {
        const std::int64_t total = n * positions;
        const at::Tensor picked = spread(total, keep);
        const at::Tensor image = at::floor_divide(picked, positions), rest = picked - image * positions;
        const at::Tensor row = at::floor_divide(rest, windows.size(3)), column = rest - row * windows.size(3);
        rows = rows.index({at::indexing::Slice(), image, row, column});
        return rows.reshape({groups, keep, k});
    }
    return rows.reshape({groups, n * positions, k});
}

at::Tensor inputSecondMoment(const Node& node, const at::Tensor& weight, const at::Tensor& x)
{
    NoGrad noGrad;
    const at::Tensor rows = inputPatches(node, weight, x);
    return gram(rows).to(at::kDouble);
}

void LayerMoments::add(const Node& node, const at::Tensor& weight, const at::Tensor& input, const at::Tensor& target,
                       std::int64_t keep)
{
    NoGrad noGrad;
    const at::Tensor rows = inputPatches(node, weight, input, keep); // [g, P, K]
    const at::Tensor wanted = thinned(targetRows(node, target), 0, keep); // [P, O]
    check(rows.size(1) == wanted.size(0), ErrorCode::Internal, node.name, ": ", rows.size(1), " input positions, ",
          wanted.size(0), " outputs");
    const std::int64_t groups = rows.size(0), perGroup = wanted.size(1) / groups;
    const at::Tensor byGroup = wanted.reshape({-1, groups, perGroup}).permute({1, 2, 0}); // [g, O/g, P]
    const at::Tensor newXx = gram(rows);
    const at::Tensor newTx = at::bmm(byGroup, rows).reshape({wanted.size(1), rows.size(2)});
    const at::Tensor newX = rows.sum(1, false, at::kDouble), newT = wanted.sum(0, false, at::kDouble);
    const at::Tensor newTt = (wanted * wanted).sum(0, false, at::kDouble);
    if (xx.defined()) {
        xx += newXx;
        tx += newTx;
        x += newX;
        t += newT;
        tt += newTt;
    } else {
        xx = newXx.to(at::kDouble);
        tx = newTx.to(at::kDouble);
        x = newX;
        t = newT;
        tt = newTt;
    }
    count += rows.size(1);
}

at::Tensor LayerMoments::meanInput() const { return x / double(count); }
at::Tensor LayerMoments::meanTarget() const { return t / double(count); }

at::Tensor LayerMoments::covariance() const
{
    const at::Tensor mean = meanInput(); // [g, K]
    return (xx / double(count)).baddbmm_(mean.unsqueeze(2), mean.unsqueeze(1), 1, -1);
}

at::Tensor LayerMoments::variance() const
{
    return xx.diagonal(0, 1, 2) / double(count) - meanInput().square();
}

at::Tensor LayerMoments::crossCovariance() const
{
    const std::int64_t groups = x.size(0), perGroup = t.size(0) / groups;
    const at::Tensor mean = meanInput().repeat_interleave(perGroup, 0); // [O, K]
    return tx / double(count) - meanTarget().unsqueeze(1) * mean;
}

at::Tensor LayerMoments::residual(const at::Tensor& rows) const
{
    const std::int64_t groups = x.size(0), outputs = t.size(0);
    const at::Tensor byGroup = rows.reshape({groups, outputs / groups, rows.size(1)});
    const at::Tensor quadratic = (at::bmm(byGroup, covariance()) * byGroup).sum(2).reshape({outputs});
    const at::Tensor variance = tt / double(count) - meanTarget().square();
    return (variance - 2 * (rows * crossCovariance()).sum(1) + quadratic).clamp_min(0);
}

at::Tensor LayerMoments::residual(const at::Tensor& rows, const at::Tensor& bias) const
{
    return residual(rows) + (bestBias(rows) - bias).square();
}

at::Tensor LayerMoments::bestBias(const at::Tensor& rows) const
{
    const std::int64_t groups = x.size(0), perGroup = t.size(0) / groups;
    return meanTarget() - (rows * meanInput().repeat_interleave(perGroup, 0)).sum(1);
}

} // namespace mprdo

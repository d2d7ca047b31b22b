// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/front_view.h"
#include "core/api/average_bits.h"

namespace mprdo {

FrontViewPtr FrontView::make(AllocationProblem problem, FrontPtr front, const WhatIf& sizes)
{
    auto view = std::make_shared<FrontView>();
    view->problem = std::move(problem);
    view->front = std::move(front);
    const std::size_t points = view->front ? view->front->points.size() : 0;
    view->averageBits.reserve(points);
    view->storedBytes.reserve(points);
    for (std::size_t i = 0; i < points; ++i) {
        const Allocation bits = view->allocation(i);
        const Estimate estimate = sizes.estimate(bits);
        view->averageBits.push_back(estimate.averageBits);
        view->storedBytes.push_back(estimate.storedBytes);
        if (sizes.rate == RateKind::Entropy)
            view->fixedBits.push_back(mprdo::averageBits(sizes.layers, bits));
    }
    return view;
}

Allocation FrontView::allocation(std::size_t point) const
{
    Allocation out;
    const auto& choice = front->points[point].choice;
    out.bits.reserve(choice.size());
    for (std::size_t l = 0; l < choice.size(); ++l)
        out.bits.push_back(problem.layers[l][choice[l]].bits);
    return out;
}

std::optional<std::size_t> FrontView::pointAt(double target) const
{
    // Distortion falls along the front, so the last point that fits is the best.
    for (std::size_t i = averageBits.size(); i-- > 0;)
        if (averageBits[i] <= target + 1e-9)
            return i;
    return std::nullopt;
}

} // namespace mprdo

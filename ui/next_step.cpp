// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/next_step.h"

namespace mprdo {

std::optional<NextStep> nextStep(const FrontView& view, double averageBits, std::int64_t moreBytes)
{
    // A budget below what manual and locked layers allow is answered with the smallest allocation there is.
    const std::size_t here = view.pointAt(averageBits).value_or(0);
    if (here + 1 >= view.storedBytes.size())
        return std::nullopt;
    std::size_t there = here + 1;
    while (there + 1 < view.storedBytes.size() && view.storedBytes[there] < view.storedBytes[here] + moreBytes)
        ++there;
    NextStep out;
    out.bytes = view.storedBytes[there] - view.storedBytes[here];
    out.distortionBefore = view.front->points[here].distortion;
    out.distortionAfter = view.front->points[there].distortion;
    out.distortionShare = out.distortionBefore > 0 ? out.distortionAfter / out.distortionBefore - 1 : 0;
    const Allocation before = view.allocation(here), after = view.allocation(there);
    for (std::size_t l = 0; l < before.bits.size(); ++l)
        if (before.bits[l] != after.bits[l])
            out.layers.append(int(l));
    return out;
}

} // namespace mprdo

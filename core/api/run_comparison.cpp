// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/run_comparison.h"
#include "core/api/statistics.h"
#include <tuple>

namespace mprdo {

std::optional<RunComparison> compareRuns(const Evaluation& a, const Evaluation& b, const std::vector<std::int32_t>& labels,
                                         std::size_t classes)
{
    if (!a.predictions || !b.predictions || a.predictions->size() != b.predictions->size()
        || a.predictions->size() > labels.size() || a.predictions->empty())
        return std::nullopt;
    RunComparison out;
    out.classes.resize(classes);
    out.images = static_cast<std::int64_t>(a.predictions->size());
    for (std::size_t i = 0; i < a.predictions->size(); ++i) {
        const Flip here{static_cast<std::int64_t>(i), labels[i], (*a.predictions)[i], (*b.predictions)[i]};
        const bool rightA = here.a == here.label, rightB = here.b == here.label;
        out.correctA += rightA;
        out.correctB += rightB;
        out.agree += here.a == here.b;
        if (rightA && !rightB)
            out.lost.push_back(here);
        else if (rightB && !rightA)
            out.won.push_back(here);
        else if (here.a != here.b)
            out.otherwise.push_back(here);
        if (here.label < 0 || static_cast<std::size_t>(here.label) >= classes)
            continue;
        ClassChange& c = out.classes[static_cast<std::size_t>(here.label)];
        ++c.images;
        c.correctA += rightA;
        c.correctB += rightB;
        c.won += rightB && !rightA;
        c.lost += rightA && !rightB;
    }
    const auto won = static_cast<std::int64_t>(out.won.size()), lost = static_cast<std::int64_t>(out.lost.size());
    out.differencePoints = 100.0 * double(won - lost) / double(out.images);
    std::tie(out.low, out.high) = pairedInterval(won, lost, out.images);
    out.mcnemarP = mcnemarExact(lost, won);
    return out;
}

} // namespace mprdo

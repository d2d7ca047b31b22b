// SPDX-License-Identifier: GPL-3.0-or-later
// Two measurements of the same images side by side: what differs, and whether that is more than chance. Standard library only.
#pragma once
#include "core/api/snapshots.h"
#include <optional>
#include <vector>

namespace mprdo {

/// An image on which the two answers differ.
struct Flip {
    std::int64_t image = 0;        ///< index in the evaluation set
    std::int32_t label = 0, a = 0, b = 0; ///< true class and the two predictions
    friend bool operator==(const Flip&, const Flip&) = default;
};

struct ClassChange {
    std::int64_t images = 0, correctA = 0, correctB = 0;
    std::int64_t won = 0, lost = 0; ///< right in B alone, right in A alone
};

struct RunComparison {
    std::int64_t images = 0, correctA = 0, correctB = 0;
    std::int64_t agree = 0;                 ///< images with equal predictions, right or wrong
    double differencePoints = 0;            ///< accuracy of B minus accuracy of A, percentage points
    double low = 0, high = 0;               ///< its paired 95 % interval (Agresti and Min 2005), points
    double mcnemarP = 1;                    ///< exact, two-sided
    std::vector<ClassChange> classes;
    std::vector<Flip> won;                  ///< wrong in A, right in B; ascending images
    std::vector<Flip> lost;                 ///< right in A, wrong in B
    std::vector<Flip> otherwise;            ///< wrong in both, differently
};

/// Nothing where an evaluation has no predictions, or they and the labels are not of one length. O(images).
std::optional<RunComparison> compareRuns(const Evaluation& a, const Evaluation& b, const std::vector<std::int32_t>& labels,
                                         std::size_t classes);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The end of stage 3: bits swapped between layers while what is measured falls.
#pragma once
#include "core/allocate/interactions.h"
#include "core/api/polish_record.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include <functional>

namespace mprdo {

/// Pairwise terms of the KL from the inner products of the layers' errors: s_l(b) s_m(c) e_l(b) . e_m(c), with s so that
/// D_l(b) = s^2 |e|^2 / 2 is the measured KL. The predicted distortion is then |sum of s e|^2 / 2 and never negative. A width
/// that was not measured has the direction of the nearest one that was; FP32 and layers without an error have no terms.
/// All zero where the table has no products. problem: distortions of kl, layers as in the table.
CrossTerms crossTermsFrom(const AllocationProblem&, const SensitivityTable&);

struct PolishPlan {
    Rounding rounding = Rounding::Nearest;            ///< what measure() measures
    int most = 0;                                     ///< measurements after the first one
    std::string note;                                 ///< why it is none
    double enough = 0;                                ///< nats; a start that measures no more is left as it is
    std::function<double(const Allocation&)> measure; ///< hold-out KL, nats
    std::function<bool(const Allocation&)> keeps;     ///< the target; asked before a swap is taken
};

struct Polished {
    std::vector<std::size_t> choice;
    PolishRecord record;
};

/// Measures the start, then the local optimum of the prediction, then the moves from the best so far in the order of what
/// they are predicted to gain; each that measures at least 1 % less is taken, if it keeps the target, and its own moves follow.
/// Within the budget in rate; emits AllocationPolished and progress of stage 3. The same answers give the same choice.
/// \throws Cancelled; whatever measure and keeps throw
Polished polish(const AllocationProblem&, const CrossTerms&, const std::vector<std::size_t>& start, std::int64_t budget,
                const PolishPlan&, const RunControl&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 3: from scores to an allocation that meets the target.
#pragma once
#include "core/api/allocation_problem.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include <functional>

namespace mprdo {

/// Rate in bits of codes and distortion for every width; fixed[l] != 0 leaves that one choice. A width that was not
/// measured takes the distortion of the nearest measured one times 4^(difference): 6 dB a bit.
AllocationProblem problemFrom(const std::vector<LayerInfo>&, const SensitivityTable&, const std::vector<Bits>& set, Metric,
                              const std::vector<Bits>& fixed);

/// The widths of an answer. \throws nothing
Allocation allocationOf(const AllocationProblem&, const std::vector<std::uint8_t>& choice);
Allocation allocationOf(const AllocationProblem&, const std::vector<std::size_t>& choice);
Allocation allocationOf(const AllocationProblem&, const AllocationAnswer&);

struct Decision {
    Allocation allocation;
    double slope = 0;
    double distortion = 0;
    std::int64_t budget = 0; ///< bits of rate that the target leaves
    std::string note;      ///< something the user should know; may be empty
};

/// Best allocation of at most so many average bits over all weights.
/// Rate of the allocation in the problem's own currency, bits per weight.
double ratePerWeight(const AllocationProblem&, const Allocation&, const std::vector<LayerInfo>&);

Decision decideByBits(const AllocationProblem&, const std::vector<LayerInfo>&, double averageBits);

/// Best allocation whose file has at most so many bytes. fileBytes gives the real size of an allocation's file.
/// \throws Error{BudgetInfeasible} when even the lowest allocation's file is larger (says its size)
Decision decideByBytes(const AllocationProblem&, std::int64_t target,
                       const std::function<std::int64_t(const Allocation&)>& fileBytes, const RunControl&);

/// Smallest allocation of the front whose drop (points, by the judge) is at most that; the highest one with a note when
/// none is. Bisection: about log2(front) judgements.
Decision decideByDrop(const AllocationProblem&, const Front&, double points,
                      const std::function<double(const Allocation&)>& drop, const RunControl&);

} // namespace mprdo

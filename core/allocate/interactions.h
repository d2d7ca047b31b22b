// SPDX-License-Identifier: GPL-3.0-or-later
// Where distortions do not add up: pairwise terms between layers, and an allocation made better under them. Numbers only.
#pragma once
#include "core/api/allocation_problem.h"
#include <optional>

namespace mprdo {

/// cross(l, i, m, j): what choice i of layer l and choice j of layer m cost together beyond the sum of both alone (CLADO,
/// arXiv 2307.05657, has the same terms, each from an execution of its own). Of the same unit as the distortions, of
/// either sign, symmetric; 0 where it was not set. Memory: 8 bytes for each pair of choices.
class CrossTerms {
public:
    explicit CrossTerms(const AllocationProblem&);
    void set(std::size_t l, std::size_t i, std::size_t m, std::size_t j, double value); ///< l != m
    double operator()(std::size_t l, std::size_t i, std::size_t m, std::size_t j) const
    {
        return m_values[(m_first[l] + i) * m_size + m_first[m] + j];
    }

private:
    std::vector<std::size_t> m_first; ///< of each layer's choices among all
    std::size_t m_size = 0;
    std::vector<double> m_values;
};

/// sum_l D_l + sum_{l < m} cross: the predicted distortion. Cost: O(layers^2).
double distortionWith(const AllocationProblem&, const CrossTerms&, const std::vector<std::size_t>& choice);

/// One or two layers take other choices.
struct AllocationMove {
    std::size_t layer = 0, to = 0;
    std::optional<std::pair<std::size_t, std::size_t>> other; ///< layer, to
    double gain = 0;                                          ///< by how much the prediction falls
    std::int64_t rate = 0;                                    ///< of the whole allocation afterwards

    void apply(std::vector<std::size_t>& choice) const;
};

/// Moves of one or two layers that keep the budget, greatest gain first (equal gains: in the order of the layers), at most
/// so many: all that lower the prediction (by more than 1e-12 of the summed distortions), and those that raise it by at most
/// the tolerance while a layer gets a dearer choice, because predictions err. A layer of one choice never moves.
/// Cost: O((layers choices)^2).
std::vector<AllocationMove> rankedMoves(const AllocationProblem&, const CrossTerms&,
                                        const std::vector<std::size_t>& choice, std::int64_t budget, double tolerance,
                                        std::size_t most);

/// The start after the best move again and again until there is none: never worse by the prediction, within the budget
/// where the start is, a local optimum of those moves. The answer's distortion is the prediction's; slope is kept.
/// Without cross terms an exact start stays. The same input has the same answer. Cost: rankedMoves() per move taken.
AllocationAnswer refined(const AllocationProblem&, const CrossTerms&, AllocationAnswer start, std::int64_t budget);

} // namespace mprdo

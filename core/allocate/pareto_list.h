// SPDX-License-Identifier: GPL-3.0-or-later
// Partial sums of the multiple-choice knapsack that nothing cheaper beats, with the way back to their choices.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mprdo {

/// A choice relative to some reference: distortion = cost - lambda * rate, up to a constant.
struct ParetoMove {
    std::int64_t rate = 0;
    double cost = 0;
    std::uint8_t choice = 0;
};

struct ParetoState {
    std::int64_t rate = 0;
    double cost = 0;
    std::uint32_t parent = 0;
    std::uint8_t choice = 0;
};

/// Ascending in rate, strictly falling in cost - lambda * rate; the rest is dropped.
void keepUseful(std::vector<ParetoMove>& moves, double lambda);

class ParetoList {
public:
    ParetoList();

    const std::vector<ParetoState>& states() const { return m_levels.back(); }
    std::size_t size() const { return m_levels.back().size(); }
    /// Adds one layer: every state with every move, pruned. moves as keepUseful() leaves them.
    /// \throws Error{OutOfMemory} beyond 40 million states in all layers together
    void merge(const std::vector<ParetoMove>& moves, double lambda);
    /// Drops states of the last layer.
    template <class Predicate>
    void keepIf(Predicate keep)
    {
        auto& states = m_levels.back();
        std::size_t kept = 0;
        for (const ParetoState& s : states)
            if (keep(s))
                states[kept++] = s;
        states.resize(kept);
    }
    /// The choices that lead to a state of the last layer, in the order the layers were merged.
    std::vector<std::uint8_t> choices(std::size_t state) const;

private:
    std::vector<std::vector<ParetoState>> m_levels;
    std::size_t m_total = 1;
};

} // namespace mprdo

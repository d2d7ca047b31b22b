// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/exact_search.h"
#include "core/allocate/pareto_list.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace mprdo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

AllocationAnswer answerFor(const AllocationProblem& problem, std::vector<std::size_t> choice, double slope)
{
    AllocationAnswer out;
    out.choice = std::move(choice);
    out.slope = slope;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        out.rate += problem.layers[l][out.choice[l]].rate;
        out.distortion += problem.layers[l][out.choice[l]].distortion;
    }
    return out;
}

/// A layer of the core with its moves away from the hull point.
struct CoreLayer {
    std::size_t layer = 0;
    double leastCost = kInfinity;
    std::uint32_t turn = 0;        ///< order among layers of cost 0
    std::vector<ParetoMove> moves; ///< ascending in rate; the move of rate 0 stays at the hull point
};

/// What a set of layers may still do to a partial sum, at the least.
struct Reach {
    double up = kInfinity, down = kInfinity; ///< cost per bit added, per bit given back
    std::int64_t most = 0;                   ///< bits that can be given back

    void add(const CoreLayer& layer)
    {
        std::int64_t lowest = 0;
        for (const ParetoMove& m : layer.moves) {
            if (m.rate > 0)
                up = std::min(up, m.cost / double(m.rate));
            if (m.rate < 0)
                down = std::min(down, m.cost / double(-m.rate));
            lowest = std::min(lowest, m.rate);
        }
        most -= lowest;
    }
    void add(const Reach& other)
    {
        up = std::min(up, other.up);
        down = std::min(down, other.down);
        most += other.most;
    }
};

/// One side of the core: its layers' partial sums and what those layers are.
struct Side {
    ParetoList list;
    std::vector<std::size_t> layers;
    Reach reach;
};

class Core {
public:
    Core(const AllocationProblem& problem, std::vector<std::size_t> base, double lambda, std::int64_t room,
         const std::vector<std::size_t>& feasible)
        : m_lambda(lambda)
        , m_room(room)
        , m_best(feasible)
        , m_base(std::move(base))
    {
        double distortion = 0, cost = 0;
        std::int64_t rate = 0;
        for (std::size_t l = 0; l < problem.layers.size(); ++l) {
            const Choice &from = problem.layers[l][m_base[l]], &to = problem.layers[l][m_best[l]];
            distortion += to.distortion;
            cost += reducedCost(from, to);
            rate += to.rate - from.rate;
        }
        m_gap = cost + m_lambda * double(m_room - rate);
        m_tolerance = 1e-12 * distortion;
        collect(problem);
    }

    std::vector<std::size_t> solve()
    {
        std::vector<Reach> rest(m_layers.size() + 1); // of the layers from j on
        for (std::size_t j = m_layers.size(); j-- > 0;) {
            rest[j] = rest[j + 1];
            rest[j].add(m_layers[j]);
        }
        join();
        for (std::size_t j = 0; j < m_layers.size() && m_layers[j].leastCost < m_gap - m_tolerance; ++j) {
            Side& side = m_sides[0].list.size() <= m_sides[1].list.size() ? m_sides[0] : m_sides[1];
            const Side& other = &side == &m_sides[0] ? m_sides[1] : m_sides[0];
            side.list.merge(m_layers[j].moves, m_lambda);
            side.layers.push_back(j);
            side.reach.add(m_layers[j]);
            join();
            Reach outside = rest[j + 1]; // what can still happen to a sum of this side
            outside.add(other.reach);
            side.list.keepIf([&](const ParetoState& s) { return bound(s, outside) < m_gap - m_tolerance; });
        }
        return m_best;
    }

private:
    double reducedCost(const Choice& from, const Choice& to) const
    {
        return std::max(0.0, (to.distortion - from.distortion) + m_lambda * double(to.rate - from.rate));
    }

    /// Ties (equal slopes) come in scattered order, because neighbours are often alike and cannot fill what a budget
    /// leaves: a fixed permutation (Knuth's multiplicative hash).
    static std::uint32_t scattered(std::size_t layer) { return (static_cast<std::uint32_t>(layer) + 1) * 2654435761u; }

    void collect(const AllocationProblem& problem)
    {
        std::int64_t common = 0; // every sum of moves is a multiple of it
        for (std::size_t l = 0; l < problem.layers.size(); ++l) {
            const auto& choices = problem.layers[l];
            CoreLayer layer;
            layer.layer = l;
            for (std::size_t i = 0; i < choices.size(); ++i) {
                const double cost = i == m_base[l] ? 0 : reducedCost(choices[m_base[l]], choices[i]);
                if (i == m_base[l] || cost < m_gap - m_tolerance)
                    layer.moves.push_back(
                        {choices[i].rate - choices[m_base[l]].rate, cost, static_cast<std::uint8_t>(i)});
            }
            keepUseful(layer.moves, m_lambda);
            if (layer.moves.size() < 2)
                continue;
            for (const ParetoMove& m : layer.moves) {
                common = std::gcd(common, m.rate);
                if (m.choice != m_base[l])
                    layer.leastCost = std::min(layer.leastCost, m.cost);
            }
            if (layer.leastCost <= m_tolerance)
                layer.leastCost = 0;
            m_layers.push_back(std::move(layer));
        }
        if (common > 1) { // bits that no move can fill are lost to every answer
            const std::int64_t lost = m_room % common;
            m_room -= lost;
            m_gap -= m_lambda * double(lost);
        }
        std::array<std::uint32_t, 3> met{}; // layers that can go down, up, both: they take turns
        std::vector<std::size_t> order(m_layers.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
            return scattered(m_layers[a].layer) < scattered(m_layers[b].layer);
        });
        for (const std::size_t i : order)
            if (m_layers[i].leastCost == 0) {
                const bool down = m_layers[i].moves.front().rate < 0, up = m_layers[i].moves.back().rate > 0;
                m_layers[i].turn = met[down && up ? 2 : up ? 1 : 0]++;
            }
        std::stable_sort(m_layers.begin(), m_layers.end(), [](const CoreLayer& a, const CoreLayer& b) {
            return a.leastCost != b.leastCost ? a.leastCost < b.leastCost : a.turn < b.turn;
        });
    }

    /// No completion of s by the layers outside its side comes closer to the Lagrangian bound.
    double bound(const ParetoState& s, const Reach& outside) const
    {
        if (s.rate <= m_room)
            return s.cost + double(m_room - s.rate) * std::min(m_lambda, outside.up);
        const std::int64_t over = s.rate - m_room;
        return over > outside.most ? kInfinity : s.cost + double(over) * outside.down;
    }

    /// The best pair of partial sums within the room; a better one becomes the answer.
    void join()
    {
        const auto &a = m_sides[0].list.states(), &b = m_sides[1].list.states();
        double best = m_gap;
        std::size_t bestA = a.size(), bestB = b.size();
        std::size_t j = b.size(); // both ascend in rate and fall in distortion: the dearest partner that fits is the best
        for (std::size_t i = 0; i < a.size(); ++i) {
            while (j > 0 && a[i].rate + b[j - 1].rate > m_room)
                --j;
            if (j == 0)
                break;
            const double value
                = a[i].cost + b[j - 1].cost + m_lambda * double(m_room - a[i].rate - b[j - 1].rate);
            if (value < best) {
                best = value;
                bestA = i;
                bestB = j - 1;
            }
        }
        if (bestA == a.size())
            return;
        m_gap = best;
        m_best = m_base;
        take(m_sides[0], bestA);
        take(m_sides[1], bestB);
    }

    void take(const Side& side, std::size_t state)
    {
        const std::vector<std::uint8_t> choices = side.list.choices(state);
        for (std::size_t k = 0; k < choices.size(); ++k)
            m_best[m_layers[side.layers[k]].layer] = choices[k];
    }

    double m_lambda;
    std::int64_t m_room; ///< bits between the hull point and the budget
    double m_gap = 0;    ///< of the best answer above the Lagrangian bound
    double m_tolerance = 0;
    std::vector<std::size_t> m_best, m_base;
    std::vector<CoreLayer> m_layers;
    Side m_sides[2];
};

} // namespace

ExactSearch::ExactSearch(const AllocationProblem& problem)
    : m_problem(problem)
    , m_hull(problem)
{
}

AllocationAnswer ExactSearch::greedy(std::int64_t budget) const
{
    const auto& steps = m_hull.steps();
    const std::size_t fitting = m_hull.stepsWithin(budget);
    std::vector<std::size_t> choice = m_hull.choiceAfter(fitting);
    std::int64_t rate = m_hull.rateAfter(fitting);
    std::vector<char> stopped(m_problem.layers.size(), 0); // a step that did not fit ends its layer's hull walk
    for (std::size_t k = fitting; k < steps.size(); ++k) {
        const HullStep& step = steps[k];
        if (stopped[step.layer])
            continue;
        if (rate + step.rate > budget) {
            stopped[step.layer] = 1;
            continue;
        }
        rate += step.rate;
        choice[step.layer] = step.to;
    }
    // The first step the budget refuses is the price of a bit.
    return answerFor(m_problem, std::move(choice), fitting < steps.size() ? steps[fitting].slope : 0);
}

AllocationAnswer ExactSearch::solve(std::int64_t budget) const
{
    AllocationAnswer feasible = greedy(budget);
    const std::size_t fitting = m_hull.stepsWithin(budget);
    if (fitting == m_hull.steps().size() || m_hull.rateAfter(fitting) == budget)
        return answerFor(m_problem, m_hull.choiceAfter(fitting), feasible.slope); // on the hull: nothing can be better
    Core core(m_problem, m_hull.choiceAfter(fitting), feasible.slope, budget - m_hull.rateAfter(fitting), feasible.choice);
    return answerFor(m_problem, core.solve(), feasible.slope);
}

} // namespace mprdo

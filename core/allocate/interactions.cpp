// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/interactions.h"
#include <algorithm>
#include <tuple>

namespace mprdo {

CrossTerms::CrossTerms(const AllocationProblem& problem)
{
    for (const auto& choices : problem.layers) {
        m_first.push_back(m_size);
        m_size += choices.size();
    }
    m_values.resize(m_size * m_size);
}

void CrossTerms::set(std::size_t l, std::size_t i, std::size_t m, std::size_t j, double value)
{
    const std::size_t a = m_first[l] + i, b = m_first[m] + j;
    m_values[a * m_size + b] = m_values[b * m_size + a] = value;
}

double distortionWith(const AllocationProblem& problem, const CrossTerms& cross, const std::vector<std::size_t>& choice)
{
    double out = 0;
    for (std::size_t l = 0; l < choice.size(); ++l) {
        out += problem.layers[l][choice[l]].distortion;
        for (std::size_t m = 0; m < l; ++m)
            out += cross(l, choice[l], m, choice[m]);
    }
    return out;
}

void AllocationMove::apply(std::vector<std::size_t>& choice) const
{
    choice[layer] = to;
    if (other)
        choice[other->first] = other->second;
}

namespace {

/// What the prediction and the rate change by when one layer alone takes a choice.
struct Change {
    double distortion = 0;
    std::int64_t rate = 0;
};

std::vector<std::vector<Change>> singleChanges(const AllocationProblem& problem, const CrossTerms& cross,
                                               const std::vector<std::size_t>& choice)
{
    std::vector<std::vector<Change>> out;
    for (std::size_t l = 0; l < choice.size(); ++l) {
        const auto& choices = problem.layers[l];
        out.emplace_back(choices.size());
        for (std::size_t i = 0; i < choices.size(); ++i) {
            out[l][i]
                = {choices[i].distortion - choices[choice[l]].distortion, choices[i].rate - choices[choice[l]].rate};
            for (std::size_t m = 0; m < choice.size(); ++m)
                if (m != l)
                    out[l][i].distortion += cross(l, i, m, choice[m]) - cross(l, choice[l], m, choice[m]);
        }
    }
    return out;
}

bool before(const AllocationMove& a, const AllocationMove& b)
{
    return a.gain != b.gain ? a.gain > b.gain : std::tie(a.layer, a.to, a.other) < std::tie(b.layer, b.to, b.other);
}

} // namespace

std::vector<AllocationMove> rankedMoves(const AllocationProblem& problem, const CrossTerms& cross,
                                        const std::vector<std::size_t>& choice, std::int64_t budget, double tolerance,
                                        std::size_t most)
{
    std::int64_t rate = 0;
    double sum = 0;
    for (std::size_t l = 0; l < choice.size(); ++l) {
        rate += problem.layers[l][choice[l]].rate;
        sum += problem.layers[l][choice[l]].distortion;
    }
    const double least = 1e-12 * sum;
    const auto changes = singleChanges(problem, cross, choice);
    std::vector<AllocationMove> out;
    const auto consider = [&](const AllocationMove& move, bool dearer) {
        if (move.rate <= budget && (move.gain > least || (dearer && tolerance > 0 && move.gain >= -tolerance)))
            out.push_back(move);
    };
    for (std::size_t l = 0; l < choice.size(); ++l)
        for (std::size_t i = 0; i < changes[l].size(); ++i) {
            if (i == choice[l])
                continue;
            const Change& one = changes[l][i];
            consider({l, i, std::nullopt, -one.distortion, rate + one.rate}, one.rate > 0);
            for (std::size_t m = l + 1; m < choice.size(); ++m)
                for (std::size_t j = 0; j < changes[m].size(); ++j) {
                    if (j == choice[m])
                        continue;
                    const Change& two = changes[m][j];
                    const double together = cross(l, i, m, j) - cross(l, i, m, choice[m]) - cross(l, choice[l], m, j)
                        + cross(l, choice[l], m, choice[m]);
                    consider({l, i, std::pair(m, j), -(one.distortion + two.distortion + together),
                              rate + one.rate + two.rate},
                             one.rate > 0 || two.rate > 0);
                }
        }
    const std::size_t kept = std::min(most, out.size());
    std::partial_sort(out.begin(), out.begin() + std::ptrdiff_t(kept), out.end(), before);
    out.resize(kept);
    return out;
}

AllocationAnswer refined(const AllocationProblem& problem, const CrossTerms& cross, AllocationAnswer start,
                         std::int64_t budget)
{
    for (;;) {
        const auto moves = rankedMoves(problem, cross, start.choice, budget, 0, 1);
        if (moves.empty())
            break;
        moves[0].apply(start.choice);
        start.rate = moves[0].rate;
    }
    start.distortion = distortionWith(problem, cross, start.choice);
    return start;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/polish.h"
#include "core/base/error.h"
#include "core/pipeline/decide.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace mprdo {
namespace {

/// A swap is taken when it lowers what is measured by so much of it.
constexpr double kLeastFall = 0.01;
/// Moves are tried that the prediction finds worse by at most so much of it.
constexpr double kTolerance = 0.1;

std::size_t nearestWidth(const std::vector<Bits>& widths, Bits bits)
{
    std::size_t out = 0;
    for (std::size_t w = 1; w < widths.size(); ++w)
        if (std::abs(widths[w] - bits) < std::abs(widths[out] - bits))
            out = w;
    return out;
}

class Polisher {
public:
    Polisher(const AllocationProblem& problem, const CrossTerms& cross, std::int64_t budget, const PolishPlan& plan,
             const RunControl& control)
        : m_problem(problem)
        , m_cross(cross)
        , m_budget(budget)
        , m_plan(plan)
        , m_control(control)
    {
    }

    Polished from(const std::vector<std::size_t>& start)
    {
        m_out.choice = start;
        m_out.record.rounding = m_plan.rounding;
        m_out.record.note = m_plan.note;
        m_seen.insert(start);
        m_out.record.before = m_out.record.after = error(start);
        m_control.emit(AllocationPolished(m_out.record));
        if (m_plan.most > 0 && m_out.record.after.measured <= m_plan.enough) {
            m_out.record.note = text("no bits were swapped: a KL of ", m_plan.enough, " on the hold-out images is little already");
            m_control.emit(AllocationPolished(m_out.record));
            return m_out;
        }
        if (m_plan.most == 0)
            return m_out;
        AllocationAnswer optimum;
        optimum.choice = start;
        consider(refined(m_problem, m_cross, optimum, m_budget).choice);
        while (left() && step()) { }
        m_control.progress(Stage::Allocate, "", m_plan.most, m_plan.most);
        return m_out;
    }

private:
    bool left() const { return m_out.record.measurements <= m_plan.most; }

    AllocationError error(const std::vector<std::size_t>& choice)
    {
        m_control.throwIfCancelled();
        AllocationError out;
        out.additive = 0;
        for (std::size_t l = 0; l < choice.size(); ++l)
            out.additive += m_problem.layers[l][choice[l]].distortion;
        out.predicted = distortionWith(m_problem, m_cross, choice);
        out.measured = m_plan.measure(allocationOf(m_problem, choice));
        ++m_out.record.measurements;
        return out;
    }

    /// Whether it was taken.
    bool consider(const std::vector<std::size_t>& choice)
    {
        if (!m_seen.insert(choice).second)
            return false;
        m_control.progress(Stage::Allocate, text("swap ", m_out.record.measurements, " of ", m_plan.most),
                           m_out.record.measurements - 1, m_plan.most);
        const AllocationError now = error(choice);
        const bool taken = now.measured < (1 - kLeastFall) * m_out.record.after.measured
            && m_plan.keeps(allocationOf(m_problem, choice));
        if (taken) {
            m_out.choice = choice;
            m_out.record.after = now;
            ++m_out.record.taken;
        }
        m_control.emit(AllocationPolished(m_out.record));
        return taken;
    }

    /// Goes through the moves from where it stands until one is taken. False: none is left, or all were tried.
    bool step()
    {
        const double tolerance = kTolerance * std::max(0.0, m_out.record.after.predicted);
        const auto moves = rankedMoves(m_problem, m_cross, m_out.choice, m_budget, tolerance,
                                       std::size_t(m_plan.most) + m_seen.size());
        for (const AllocationMove& move : moves) {
            if (!left())
                return false;
            std::vector<std::size_t> choice = m_out.choice;
            move.apply(choice);
            if (consider(choice))
                return true;
        }
        return false;
    }

    const AllocationProblem& m_problem;
    const CrossTerms& m_cross;
    std::int64_t m_budget;
    const PolishPlan& m_plan;
    const RunControl& m_control;
    std::set<std::vector<std::size_t>> m_seen;
    Polished m_out;
};

} // namespace

CrossTerms crossTermsFrom(const AllocationProblem& problem, const SensitivityTable& table)
{
    CrossTerms out(problem);
    const std::size_t widths = table.widths.size(), n = table.layers.size() * widths;
    if (!table.errorProducts || widths == 0 || table.errorProducts->size() != n * n
        || problem.layers.size() * widths != n)
        return out;
    const std::vector<double>& products = *table.errorProducts;
    struct Place {
        std::size_t row = 0;
        double scale = 0;
    };
    std::vector<std::vector<Place>> places;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        places.emplace_back();
        for (const Choice& choice : problem.layers[l]) {
            const std::size_t row = l * widths + nearestWidth(table.widths, choice.bits);
            const double square = products[row * n + row];
            places.back().push_back(
                {row, square > 0 ? std::sqrt(2 * choice.distortion / square) : 0}); // FP32 distorts nothing
        }
    }
    for (std::size_t l = 0; l < places.size(); ++l)
        for (std::size_t m = 0; m < l; ++m)
            for (std::size_t i = 0; i < places[l].size(); ++i)
                for (std::size_t j = 0; j < places[m].size(); ++j) {
                    const Place &a = places[l][i], &b = places[m][j];
                    out.set(l, i, m, j, a.scale * b.scale * products[a.row * n + b.row]);
                }
    return out;
}

Polished polish(const AllocationProblem& problem, const CrossTerms& cross, const std::vector<std::size_t>& start,
                std::int64_t budget, const PolishPlan& plan, const RunControl& control)
{
    return Polisher(problem, cross, budget, plan, control).from(start);
}

} // namespace mprdo

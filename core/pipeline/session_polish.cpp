// SPDX-License-Identifier: GPL-3.0-or-later
// The end of stage 3 in a session: what is measured of a swap, and how often.
#include "core/base/error.h"
#include "core/pipeline/polish.h"
#include "core/pipeline/torch_session.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mprdo {
namespace {

// How many swaps are measured (resources/benchmarks.md). What nearest rounding measures hardly tells what stages 4 to 6 make
// of an allocation, so where they follow it is them that are measured, rarely.
constexpr int kNearestSwaps = 12, kManyNearestSwaps = 60, kOptimisedSwaps = 1, kManyOptimisedSwaps = 8;
/// Share of the prediction that the pairwise terms must save for stages 4 to 6 to be run twice.
constexpr double kWorthwhile = 0.05;
/// KL (nats) after stages 4 to 6 that no accuracy on 10,000 images tells from FP32's (resources/benchmarks.md).
constexpr double kLittle = 0.002;

constexpr Stage kOptimising[]{Stage::Scales, Stage::Hessian, Stage::Rounding};

std::vector<std::size_t> choiceOf(const AllocationProblem& problem, const Allocation& allocation)
{
    std::vector<std::size_t> out;
    for (std::size_t l = 0; l < problem.layers.size(); ++l) {
        const auto& choices = problem.layers[l];
        const auto at = std::find_if(choices.begin(), choices.end(),
                                     [&](const Choice& c) { return c.bits == allocation.bits[l]; });
        check(at != choices.end(), ErrorCode::Internal, "the decision has a width that the problem has not");
        out.push_back(std::size_t(at - choices.begin()));
    }
    return out;
}

/// What the local optimum of the prediction saves of it.
double predictedShare(const AllocationProblem& problem, const CrossTerms& cross, const Decision& decision)
{
    AllocationAnswer start;
    start.choice = choiceOf(problem, decision.allocation);
    const double before = distortionWith(problem, cross, start.choice);
    return before > 0 ? 1 - refined(problem, cross, start, decision.budget).distortion / before : 0;
}

} // namespace

/// As runs of this session make it, so that stages done here are not done again.
double TorchSession::optimisedKl(const Allocation& allocation, const RunControl& control)
{
    const RunControl quiet = control.withListener({});
    m_decision->allocation = allocation; // its widths may be traded as those of the decision
    return measurer().holdOutKl(optimised(allocation, Stage::Rounding, quiet).model, quiet);
}

PolishPlan TorchSession::polishPlan(const AllocationProblem& problem, const CrossTerms& cross,
                                    const RunControl& control)
{
    // Where the run stops does not count: one that goes on must find the same bits.
    const bool stagesFollow = std::any_of(std::begin(kOptimising), std::end(kOptimising),
                                          [this](Stage stage) { return m_config.skip.count(stage) == 0; });
    const bool best = m_config.effort == Effort::Best;
    const double saved = stagesFollow ? predictedShare(problem, cross, *m_decision) : 0;
    PolishPlan out;
    if (m_config.metric != Metric::Kl)
        out.note = "no bits were swapped: the metric is not kl";
    else if (m_config.effort == Effort::Fast)
        out.note = "no bits were swapped: the effort is fast";
    else if (!stagesFollow)
        out.most = best ? kManyNearestSwaps : kNearestSwaps;
    else if (best)
        out.most = kManyOptimisedSwaps;
    else if (coded()) // a file that became too large would cost more runs of stages 4 to 6
        out.note = "no bits were swapped: with an entropy-coded rate the effort best does that";
    else if (saved < kWorthwhile)
        out.note = text("no bits were swapped: that would save ", std::round(1000 * saved) / 10,
                        " % of the predicted error, less than ", 100 * kWorthwhile);
    else
        out.most = kOptimisedSwaps;
    out.enough = stagesFollow && !best ? kLittle : 0;
    out.rounding = out.most > 0 && stagesFollow ? Rounding::Optimised : Rounding::Nearest;
    if (out.rounding == Rounding::Optimised)
        out.measure = [this, &control](const Allocation& a) { return optimisedKl(a, control); };
    else
        out.measure = [this, &control](const Allocation& a) { return measurer().holdOutKl(nearest(a), control); };
    out.keeps = [](const Allocation&) { return true; }; // rates are counted by the moves
    if (const auto* target = std::get_if<TargetBytes>(&m_config.target))
        out.keeps = [this, most = target->fileBytes - m_bytesOver](const Allocation& a) {
            return fileBytes(nearest(a)) <= most;
        };
    if (const auto* target = std::get_if<MaxDrop>(&m_config.target))
        out.keeps = [this, &control, start = m_decision->allocation, points = target->points](const Allocation& a) {
            return quickDrop(a, control) <= std::max(points, quickDrop(start, control.withListener({})));
        };
    return out;
}

PolishRecord TorchSession::polishDecision(const AllocationProblem& problem, const RunControl& control)
{
    const Decision decided = *m_decision;
    const bool kl = m_config.metric == Metric::Kl; // the pairwise terms and what is measured are of no other metric
    const CrossTerms cross = kl ? crossTermsFrom(problem, *scores()) : CrossTerms(problem);
    try {
        const PolishPlan plan = polishPlan(problem, cross, control);
        Polished polished
            = polish(problem, cross, choiceOf(problem, decided.allocation), decided.budget, plan, control);
        m_decision = decided;
        m_decision->allocation = allocationOf(problem, polished.choice);
        m_decision->distortion = polished.record.after.additive;
        if (!kl)
            for (AllocationError* error : {&polished.record.before, &polished.record.after})
                error->additive = error->predicted = std::numeric_limits<double>::quiet_NaN();
        return polished.record;
    } catch (...) {
        m_decision.reset(); // stage 3 has not ended
        throw;
    }
}

} // namespace mprdo

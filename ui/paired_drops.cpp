// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/paired_drops.h"
#include "core/api/run_comparison.h"
#include "core/api/statistics.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

std::optional<PairedDrop> PairedDrops::of(const MethodRow& row) const
{
    const MethodRow* fp32 = m_session.row("FP32");
    const auto labels = m_session.rightAnswers();
    const auto& answers = row.evaluation.predictions;
    if (!fp32 || !fp32->evaluation.predictions || !labels || !answers)
        return std::nullopt;
    if (m_fp32.lock() != fp32->evaluation.predictions) { // another session, or its network measured anew
        m_known.clear();
        m_fp32 = fp32->evaluation.predictions;
    }
    if (const auto at = m_known.find(answers); at != m_known.end())
        return at->second;
    std::erase_if(m_known, [](const auto& entry) { return entry.first.expired(); });
    std::optional<PairedDrop> out;
    if (const auto c = compareRuns(fp32->evaluation, row.evaluation, *labels, m_session.data().classes.size()))
        out = PairedDrop{-c->high, -c->low, std::int64_t(c->won.size() + c->lost.size()), c->images};
    m_known.emplace(answers, out);
    return out;
}

double pairedHalfWidth(double points, double flips, std::int64_t images)
{
    const double net = std::abs(points) / 100 * double(images);
    const double both = std::max(0.0, flips - net) / 2; // flips that cancel out
    const auto [low, high] = pairedInterval(std::llround(both), std::llround(both + net), images);
    return (high - low) / 2;
}

} // namespace mprdo

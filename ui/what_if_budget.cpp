// SPDX-License-Identifier: GPL-3.0-or-later
// The budget: what it may be, and the automatic layers that are solved for it.
#include "ui/quick_allocation.h"
#include "ui/text_format.h"
#include "ui/what_if_model.h"
#include <algorithm>

namespace mprdo {

Allocation WhatIfModel::lowestAllocation() const
{
    Allocation lowest{m_document.fixedBits()};
    const std::vector<Bits> set = solverSet();
    for (Bits& bits : lowest.bits)
        bits = bits == 0 && !set.empty() ? set.front() : bits;
    return lowest;
}

double WhatIfModel::bitsOf(const Allocation& allocation) const
{
    return known() ? whatIf().averageBits(allocation) : averageBits(m_session.model().layers, allocation);
}

double WhatIfModel::lowestTarget() const { return bitsOf(lowestAllocation()); }

double WhatIfModel::overBudget() const
{
    return (m_estimate.averageBits - m_target) * double(weightCount(m_session.sizes().layers)) / 8;
}

double WhatIfModel::highestTarget() const
{
    Allocation highest{m_document.fixedBits()};
    for (Bits& bits : highest.bits)
        bits = bits == 0 && !m_set.empty() ? m_set.back() : bits;
    return bitsOf(highest);
}

void WhatIfModel::takeStage3(const Allocation& allocation)
{
    const RunConfig& config = m_session.config();
    const auto* wanted = std::get_if<TargetBits>(&config.target);
    const double bits = bitsOf(allocation);
    const bool asOpened = m_profile == TargetProfile::Own && m_set == config.bits && m_metric == config.metric && !m_targetTouched
                          && (!wanted || wanted->averageBits == m_target);
    const QString what = tr("Allocation of %1 bits").arg(bitsText(asOpened ? bits : m_target));
    if (asOpened) {
        if (!wanted)
            m_target = bits;
        m_document.solve(allocation, what);
        Q_EMIT settingsChanged();
    } else {
        solve(what, false);
        if (m_refining)
            m_solveAgain = what;
    }
}

void WhatIfModel::takeFound(const Allocation& allocation, const QString& what)
{
    m_target = bitsOf(allocation);
    m_targetTouched = true;
    m_solveAgain.clear(); // for another budget
    m_document.solve(allocation, what);
    Q_EMIT settingsChanged();
}

void WhatIfModel::setTarget(double bits)
{
    if (bits == m_target)
        return;
    m_target = bits;
    m_targetTouched = true;
    Q_EMIT settingsChanged();
    const QString what = tr("Budget of %1 bits").arg(bitsText(bits));
    solve(what, false);
    if (m_refining)
        m_solveAgain = what;
}

void WhatIfModel::restoreSettings(const std::vector<Bits>& set, std::optional<Metric> metric, double averageBits)
{
    if (!set.empty())
        m_set = set;
    m_metric = metric.value_or(m_metric);
    if (averageBits > 0 && averageBits <= kKeepFp32) // below 2: entropy-coded; above 8: layers left in FP32
        m_target = averageBits;
    m_targetTouched = true;
    m_document.setAllowedWidths(m_set);
    m_whatIf.reset();
    rebuildFit();
    Q_EMIT settingsChanged();
    update();
}

bool WhatIfModel::setTargetBytes(double bytes)
{
    if (!m_front)
        return false;
    for (std::size_t i = m_front->storedBytes.size(); i-- > 0;)
        if (double(m_front->storedBytes[i]) <= bytes) {
            setTarget(m_front->averageBits[i]);
            return true;
        }
    return false;
}

bool WhatIfModel::setTargetDrop(double points)
{
    if (!m_front || !fitKnown(preferredFit()))
        return false;
    for (std::size_t i = 0; i < m_front->averageBits.size(); ++i) // distortion falls along the front
        if (*predictedDrop(m_front->front->points[i].distortion) <= points) {
            setTarget(m_front->averageBits[i]);
            return true;
        }
    return false;
}

std::optional<Allocation> WhatIfModel::answer() const
{
    const double target = std::max(m_target, lowestTarget());
    if (m_front && !m_refining)
        if (const auto point = m_front->pointAt(target))
            return m_front->allocation(*point);
    return known() ? std::optional(quickAllocation(whatIf(), solverSet(), m_document.fixedBits(), target)) : std::nullopt;
}

void WhatIfModel::solve(const QString& what, bool refine)
{
    if (const auto bits = answer())
        m_document.solve(*bits, what, refine);
}

void WhatIfModel::holdBudget()
{
    if (!m_hold || !m_session.sensitivityComplete())
        return; // layers without a score have no cheapest width
    if (const auto bits = answer()) {
        m_solveAgain.clear(); // this is for the same budget, and newer
        m_document.follow(*bits);
        m_holdAgain = m_refining;
    }
}

void WhatIfModel::setHoldBudget(bool hold)
{
    if (hold == m_hold)
        return;
    m_hold = hold;
    Q_EMIT settingsChanged();
    if (!hold || !m_session.sensitivityComplete())
        return;
    const QString what = tr("Hold budget");
    solve(what, false);
    if (m_refining)
        m_solveAgain = what;
}

} // namespace mprdo

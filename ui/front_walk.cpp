// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/front_walk.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {
/// Sizes nearer than that are one: no evaluation tells their accuracies apart.
constexpr double kSameBits = 0.005;
} // namespace

FrontWalk::FrontWalk(const SessionModel& session, WhatIfModel& whatIf, PipelineController& controller, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_whatIf(whatIf)
    , m_controller(controller)
{
}

bool FrontWalk::possible() const
{
    return !m_active && m_controller.canMeasure() && m_whatIf.front() && !m_whatIf.front()->averageBits.empty();
}

void FrontWalk::begin(int steps)
{
    m_front = m_whatIf.front();
    m_active = true;
    m_done = 0;
    m_steps = steps;
    m_waiting.clear();
    m_best.reset();
    Q_EMIT activeChanged();
}

void FrontWalk::measure(int count, Rounding rounding)
{
    if (!possible() || count < 1)
        return;
    m_finding = false;
    m_rounding = rounding;
    begin(count);
    const double low = m_front->averageBits.front(), high = m_front->averageBits.back();
    for (int i = 0; i < count; ++i) {
        const double bits = count == 1 ? high : low + (high - low) * i / (count - 1);
        const std::size_t point = m_front->pointAt(bits).value_or(0);
        if (m_waiting.empty() || m_waiting.back() != point) // a short front has not so many
            m_waiting.push_back(point);
    }
    m_steps = int(m_waiting.size());
    next();
}

void FrontWalk::find(Bound bound)
{
    if (!possible())
        return;
    m_finding = true;
    m_rounding = Rounding::Optimised;
    m_bound = bound;
    begin(kMostSteps);
    m_low = -1;
    m_high = std::ptrdiff_t(m_front->averageBits.size());
    m_nearest = INFINITY;
    if (bound.kind == Bound::Kind::Bytes) // sizes are known before anything is measured
        while (m_high > 0 && double(m_front->storedBytes[std::size_t(m_high) - 1]) > bound.value)
            --m_high;
    if (m_high == 0) {
        m_nearest = double(m_front->storedBytes.front());
        return end(true);
    }
    m_waiting.push_back(std::size_t(firstGuess()));
    next();
}

std::ptrdiff_t FrontWalk::firstGuess() const
{
    if (m_bound.kind == Bound::Kind::Bytes)
        return m_high - 1;
    for (std::ptrdiff_t i = 0; i < m_high; ++i)
        if (const auto drop
            = m_whatIf.predictedDrop(m_front->front->points[std::size_t(i)].distortion, Rounding::Optimised);
            drop && *drop <= m_bound.value)
            return i;
    return std::ptrdiff_t(between());
}

std::size_t FrontWalk::between() const
{
    const auto count = std::ptrdiff_t(m_front->averageBits.size());
    const auto bits = [&](std::ptrdiff_t i) {
        return m_front->averageBits[std::size_t(std::clamp<std::ptrdiff_t>(i, 0, count - 1))];
    };
    const auto middle = m_front->pointAt((bits(m_low) + bits(m_high)) / 2);
    return std::size_t(std::clamp(std::ptrdiff_t(middle.value_or(0)), m_low + 1, m_high - 1));
}

void FrontWalk::next()
{
    if (m_waiting.empty())
        return end(true);
    const std::size_t point = m_waiting.front();
    m_waiting.pop_front();
    m_point = std::ptrdiff_t(point);
    const QString title = m_finding ? tr("Find, %1 of at most %2").arg(m_done + 1).arg(m_steps)
                                    : tr("Front, %1 of %2").arg(m_done + 1).arg(m_steps);
    m_controller.measureInSeries(m_front->allocation(point), m_rounding, title,
                                 [this](const RunPtr& run) { take(run); });
}

void FrontWalk::take(const RunPtr& run)
{
    if (!run)
        return end(false);
    ++m_done;
    const QString sentence = m_finding ? tr("%1 of at most %2: %3 bits, drop %4") : tr("%1 of %2: %3 bits, drop %4");
    Q_EMIT told(
        sentence.arg(m_done).arg(m_steps).arg(bitsText(run->row.averageBits)).arg(run->row.dropPoints, 0, 'f', 2));
    if (m_finding)
        judge(run);
    next();
}

bool FrontWalk::keeps(const RunPtr& run) const
{
    return m_bound.kind == Bound::Kind::Drop
        ? run->row.dropPoints <= m_bound.value
        : double(m_whatIf.storedBytes(run->allocation, run->row.storedBytes)) <= m_bound.value;
}

void FrontWalk::judge(const RunPtr& run)
{
    const bool kept = keeps(run), drop = m_bound.kind == Bound::Kind::Drop;
    if (kept
        && (!m_best || (drop ? m_point < std::ptrdiff_t(m_bestPoint) : run->row.dropPoints < m_best->row.dropPoints))) {
        m_best = run;
        m_bestPoint = std::size_t(m_point);
    }
    if (!kept)
        m_nearest = std::min(m_nearest, drop ? run->row.dropPoints : double(run->row.storedBytes));
    // More bits keep a drop, fewer a size.
    (kept == drop ? m_high : m_low) = m_point;
    const bool more = m_done < m_steps && m_high - m_low > 1;
    const bool worth = m_low < 0 || m_high >= std::ptrdiff_t(m_front->averageBits.size())
        || m_front->averageBits[std::size_t(m_high)] - m_front->averageBits[std::size_t(m_low)] > kSameBits;
    if (more && worth)
        m_waiting.push_back(between());
}

QString FrontWalk::boundText() const
{
    return m_bound.kind == Bound::Kind::Drop ? tr("drop <= %1 points").arg(m_bound.value, 0, 'f', 2)
                                             : tr("<= %1").arg(widgets::bytesText(std::int64_t(m_bound.value)));
}

void FrontWalk::end(bool complete)
{
    const FrontViewPtr front = std::exchange(m_front, {});
    m_active = false;
    Q_EMIT activeChanged();
    if (!m_finding)
        return Q_EMIT told(complete
                               ? tr("%1 allocations of the front are measured").arg(m_done)
                               : tr("The front was stopped; %1 of %2 measurements are kept").arg(m_done).arg(m_steps));
    if (!m_best)
        return Q_EMIT told(
            !complete ? tr("Stopped: nothing that keeps %1 was found yet").arg(boundText())
                : m_bound.kind == Bound::Kind::Drop
                ? tr("Nothing on the front keeps %1; the best has %2").arg(boundText()).arg(m_nearest, 0, 'f', 2)
                : tr("Nothing on the front keeps %1; the smallest is %2")
                      .arg(boundText(), widgets::bytesText(std::int64_t(m_nearest))));
    const QString found = tr("%1 bits, drop %2, run %3")
                              .arg(bitsText(m_best->row.averageBits))
                              .arg(m_best->row.dropPoints, 0, 'f', 2)
                              .arg(m_best->id);
    if (!complete)
        return Q_EMIT told(tr("Stopped; best so far for %1: %2").arg(boundText(), found));
    m_whatIf.takeFound(front->allocation(m_bestPoint), tr("Find: %1").arg(boundText()));
    Q_EMIT told(tr("Found for %1 after %2 measurements: %3").arg(boundText()).arg(m_done).arg(found));
}

} // namespace mprdo

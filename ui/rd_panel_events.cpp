// SPDX-License-Identifier: GPL-3.0-or-later
// What clicking, dragging and keys do on the rate-distortion chart.
#include "ui/rd_panel.h"
#include <QComboBox>
#include <QShortcut>
#include <algorithm>

namespace mprdo {

using widgets::RdPlot;

void RdPanel::compareSelected(bool asA)
{
    if (!m_session.run(m_selectedRun))
        return;
    const QString key = QStringLiteral("run:%1").arg(m_selectedRun);
    asA ? m_pair.setA(key) : m_pair.setB(key);
    Q_EMIT compared();
}

void RdPanel::selectRun(int index)
{
    m_plot->setSelectedPoint(index);
    m_selectedRun = index >= 0 && std::size_t(index) < m_session.runs().size() ? m_session.runs()[std::size_t(index)]->id : 0;
    if (m_selectedRun > 0)
        Q_EMIT statusWanted(tr("%1; double click or Enter loads its bits, C compares it").arg(m_plot->pointText(index)));
}

void RdPanel::connectPlot()
{
    const auto key = [this](const QKeySequence& sequence, bool asA) {
        connect(new QShortcut(sequence, m_plot, nullptr, nullptr, Qt::WidgetWithChildrenShortcut), &QShortcut::activated, this,
                [this, asA] { compareSelected(asA); });
    };
    key(Qt::Key_C, false);
    key(Qt::SHIFT | Qt::Key_C, true);
    const auto isRun = [this](int index) { return index >= 0 && std::size_t(index) < m_session.runs().size(); };
    const auto isCorner = [this](int index) { return index >= 0 && index < m_frontIndex.size() && m_whatIf.front(); };
    connect(m_plot, &RdPlot::pointClicked, this, &RdPanel::selectRun);
    connect(m_plot, &RdPlot::pointActivated, this, [this, isRun](int index) {
        if (!isRun(index))
            return;
        const RunPtr run = m_session.runs()[std::size_t(index)];
        m_document.load(run->allocation, tr("Load run %1").arg(run->id));
    });
    connect(m_plot, &RdPlot::pointHovered, this, [this, isRun](int index) {
        Q_EMIT ghostWanted(isRun(index) ? m_session.runs()[std::size_t(index)]->allocation : Allocation{});
    });
    connect(m_plot, &RdPlot::frontClicked, this, [this](int index) {
        m_selectedRun = 0;
        m_plot->setSelectedCorner(index);
        Q_EMIT statusWanted(tr("%1; double click or Enter makes it the budget").arg(m_plot->cornerText(index)));
    });
    connect(m_plot, &RdPlot::frontActivated, this, [this, isCorner](int index) {
        if (isCorner(index))
            m_whatIf.setTarget(m_whatIf.front()->averageBits[m_frontIndex[index]]);
    });
    connect(m_plot, &RdPlot::frontHovered, this, [this, isCorner](int index) {
        Q_EMIT ghostWanted(isCorner(index) ? m_whatIf.front()->allocation(m_frontIndex[index]) : Allocation{});
    });
}

void RdPanel::connectTargets()
{
    // A drag is one undo step.
    const auto drag = [this](auto moved, auto released, auto take) {
        connect(m_plot, moved, this, [this, take](double to) {
            m_document.beginGestureOnce();
            take(to);
        });
        connect(m_plot, released, this, [this, take](double to) {
            take(to);
            m_document.endGesture();
        });
    };
    drag(&RdPlot::targetXMoved, &RdPlot::targetXReleased, [this](double x) { moveTarget(x); });
    drag(&RdPlot::targetYMoved, &RdPlot::targetYReleased, [this](double y) {
        if (m_scale->inPoints())
            m_whatIf.setTargetDrop(m_scale->toDrop(y));
    });
}

void RdPanel::moveTarget(double x)
{
    if (const auto bits = m_scale->toBits(x))
        m_whatIf.setTarget(std::max(*bits, m_whatIf.lowestTarget()));
    else if (m_scale->rate() == RdRate::Stored)
        m_whatIf.setTargetBytes(x);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rd_panel.h"
#include "ui/metric_text.h"
#include "ui/next_step.h"
#include "ui/rd_points.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>

namespace mprdo {

using widgets::RdPlot;
using widgets::RdPoint;

RdPanel::RdPanel(const SessionModel& session, AllocationDocument& document, WhatIfModel& whatIf, ComparePair& pair,
                 QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
    , m_pair(pair)
    , m_next(new QLabel(this))
    , m_plot(new RdPlot(this))
    , m_x(new QComboBox(this))
    , m_y(new QComboBox(this))
{
    m_plot->setObjectName(QStringLiteral("rd"));
    m_plot->setEmptyText(tr("The curve appears once the layers are measured"));
    m_plot->setMarkerNames(tr("optimised runs"), tr("nearest runs"));
    m_x->setObjectName(QStringLiteral("rd.x"));
    m_x->addItems({tr("Stored size"), tr("Average bits"), tr("Entropy bits"), tr("Compression")}); // as in RdRate
    m_y->setObjectName(QStringLiteral("rd.y"));
    m_y->addItems({tr("Accuracy drop"), tr("Accuracy"), tr("KL divergence"), tr("Predicted distortion")}); // as in RdQuality
    m_x->setAccessibleName(tr("Size"));
    m_y->setAccessibleName(tr("Quality"));
    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->setSpacing(8);
    controls->addWidget(m_y);
    controls->addWidget(new QLabel(tr("over"), this));
    controls->addWidget(m_x);
    controls->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(controls);
    layout->addWidget(m_plot, 1);
    m_next->setObjectName(QStringLiteral("rd.next"));
    m_next->setWordWrap(true);
    m_next->setContentsMargins(8, 0, 8, 4);
    layout->addWidget(m_next);

    connect(m_x, &QComboBox::activated, this, &RdPanel::showAll);
    connect(m_y, &QComboBox::activated, this, &RdPanel::showAll);
    connect(&document, &AllocationDocument::wasReset, this, &RdPanel::showAll);
    connect(&whatIf, &WhatIfModel::frontChanged, this, &RdPanel::showAll);
    connect(&whatIf, &WhatIfModel::estimateChanged, this, [this] {
        if (wantedScale().quality() != m_scale->quality())
            showAll(); // the fit became known, or another session was opened
        else
            showCurrent();
    });
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &RdPanel::showTarget);
    connect(&document, &AllocationDocument::layersChanged, this, &RdPanel::showUnreachable);
    connect(&session, &SessionModel::rowsChanged, this, &RdPanel::showAll);
    connect(&session, &SessionModel::contextChanged, this, &RdPanel::showAll);
    for (const auto signal : {&SessionModel::runAdded, &SessionModel::runChanged, &SessionModel::runRemoved})
        connect(&session, signal, this, &RdPanel::showAll);
    connectPlot();
    connectTargets();
    showAll();
}

RdPanel::~RdPanel() = default;

RdScale RdPanel::wantedScale() const
{
    return {m_session, m_whatIf, RdRate(std::max(0, m_x->currentIndex())), RdQuality(std::max(0, m_y->currentIndex()))};
}

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

void RdPanel::showAll()
{
    m_scale = std::make_unique<RdScale>(wantedScale());
    m_scale->apply(*m_plot);
    showFronts();
    showPoints();
    showCurrent();
    showTarget();
}

void RdPanel::showNextStep()
{
    constexpr std::int64_t kMore = 10000;
    QStringList lines(m_scale->note());
    const FrontViewPtr& front = m_whatIf.front();
    const auto step = front ? nextStep(*front, m_whatIf.target(), kMore) : std::nullopt;
    if (step) {
        QString gain = tr("%1 %").arg(100 * step->distortionShare, 0, 'f', 1);
        const auto before = m_whatIf.predictedDrop(step->distortionBefore), after = m_whatIf.predictedDrop(step->distortionAfter);
        // Points only where so many images can tell them apart: one image is the least that can be seen.
        const double resolution = m_session.data().evaluation > 0 ? 100.0 / double(m_session.data().evaluation) : 100;
        if (before && after && *before - *after >= resolution)
            gain += tr(", ~%1 points").arg(*before - *after, 0, 'f', 2);
        QStringList names;
        for (const int layer : step->layers.mid(0, 3))
            names << m_document.name(layer);
        QString layers = names.join(QStringLiteral(", "));
        if (step->layers.size() > 3)
            layers += tr(" and %1 more").arg(step->layers.size() - 3);
        lines << tr("The next %1: %2 %3 (%4)")
                     .arg(widgets::bytesText(step->bytes), metricText(m_whatIf.metric()), gain, layers);
    } else if (front) {
        lines << tr("The front ends here: no allocation of this set is larger.");
    }
    lines.removeAll(QString());
    m_next->setText(lines.join(QLatin1Char('\n')));
    m_next->setToolTip(m_whatIf.predictedDrop(0) ? tr("Points are predicted, %1").arg(roundingText(m_whatIf.preferredFit()))
                                                 : QString());
}

void RdPanel::showFronts()
{
    const Rounding first = m_whatIf.preferredFit();
    const Rounding second = first == Rounding::Optimised ? Rounding::Nearest : Rounding::Optimised;
    m_frontIndex.clear();
    QList<widgets::RdFrontPoint> corners, others;
    if (const FrontViewPtr& view = m_whatIf.front()) {
        corners = frontPoints(*view, *m_scale, first, true, &m_frontIndex);
        if (m_scale->inPoints()) // a distortion is one for both
            others = frontPoints(*view, *m_scale, second, false, nullptr);
    }
    QString name = m_scale->inPoints() ? tr("predicted, %1").arg(roundingText(first)) : tr("predicted front");
    if (m_whatIf.refining())
        name = tr("%1, refining").arg(name);
    m_plot->setFront(corners, name);
    m_plot->setSecondFront(others, tr("predicted, %1").arg(roundingText(second)));
}

void RdPanel::showPoints()
{
    m_plot->setUniform(uniformPoints(m_session, *m_scale));
    m_plot->setPoints(runPoints(m_session, *m_scale));
    if (m_selectedRun > 0) { // its place in the list may be another now
        const auto& runs = m_session.runs();
        const auto at = std::find_if(runs.begin(), runs.end(), [this](const RunPtr& run) { return run->id == m_selectedRun; });
        m_selectedRun = at == runs.end() ? 0 : m_selectedRun;
        m_plot->setSelectedPoint(at == runs.end() ? -1 : int(at - runs.begin()));
    }
    std::optional<std::pair<double, double>> band;
    if (const auto half = m_scale->inPoints() ? noiseHalfWidth(m_session, m_whatIf.pairedDrops()) : std::nullopt)
        band = std::minmax(m_scale->fromDrop(-*half), m_scale->fromDrop(*half));
    m_plot->setNoiseBand(band);
}

void RdPanel::showCurrent()
{
    const RunPtr run = m_session.runOf(m_document.allocation());
    if (run && m_scale->quality() != RdQuality::Distortion) {
        RdPoint point{m_scale->x(run->row, run->allocation), m_scale->y(run->row, run->allocation)};
        std::tie(point.low, point.high) = m_scale->whisker(run->row).value_or(std::pair(point.y, point.y));
        point.name = tr("These bits, run %1").arg(run->id);
        return m_plot->setCurrent(point);
    }
    const Estimate& e = m_whatIf.estimate();
    const Rounding rounding = m_whatIf.preferredFit();
    const auto x = m_scale->x(e.averageBits, double(e.storedBytes)), y = m_scale->y(e.distortion, rounding);
    if (!m_whatIf.known() || e.missing > 0 || !x || !y)
        return m_plot->setCurrent(std::nullopt);
    const double error = m_scale->error(e.distortion, rounding);
    RdPoint point{*x, *y, *y - error, *y + error};
    point.name = m_scale->inPoints() ? tr("These bits, %1").arg(roundingText(rounding)) : tr("These bits");
    point.predicted = true;
    if (m_scale->inPoints() && e.extrapolated)
        point.note = tr("extrapolated: no measurement is that far");
    m_plot->setCurrent(point);
}

void RdPanel::showTarget()
{
    const FrontViewPtr& front = m_whatIf.front();
    const auto point = front ? front->pointAt(m_whatIf.target()) : std::nullopt;
    std::optional<double> x, y;
    if (m_session.isOpen() && (point || m_scale->rate() != RdRate::Stored))
        x = m_scale->x(m_whatIf.target(), point ? double(front->storedBytes[*point]) : 0);
    if (point && m_scale->inPoints())
        y = m_scale->y(front->front->points[*point].distortion, m_whatIf.preferredFit());
    m_plot->setTargetX(x);
    m_plot->setTargetY(y);
    showUnreachable();
    showNextStep();
}

void RdPanel::showUnreachable()
{
    const Estimate lowest = m_whatIf.estimate(m_whatIf.lowestAllocation());
    if (!m_whatIf.known() || lowest.missing > 0 || m_whatIf.set().empty())
        return m_plot->setUnreachable(std::nullopt);
    int manual = 0, locked = 0;
    for (int layer = 0; layer < m_document.layerCount(); ++layer) {
        manual += m_document.cell(layer).state == LayerState::Manual;
        locked += m_document.cell(layer).state == LayerState::Locked;
    }
    const QString least = tr("%1, %2 bits on average").arg(widgets::bytesText(lowest.storedBytes), bitsText(lowest.averageBits));
    const QString why = manual + locked == 0
                            ? tr("Out of reach: no width of the set is under %1 bits.").arg(m_whatIf.set().front())
                            : tr("Out of reach: %1 manual and %2 locked layers keep their bits.").arg(manual).arg(locked);
    m_plot->setUnreachable(m_scale->x(lowest.averageBits, double(lowest.storedBytes)),
                           why + QLatin1Char('\n') + tr("The least is %1.").arg(least));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rd_panel.h"
#include "ui/metric_text.h"
#include "ui/next_step.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include "widgets/rd_plot.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>
#include <cstdio>

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
    m_x->setObjectName(QStringLiteral("rd.x"));
    m_x->addItems({tr("Stored size"), tr("Average bits")});
    m_y->setObjectName(QStringLiteral("rd.y"));
    m_y->addItems({tr("Accuracy drop"), tr("Predicted distortion")});
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
        if (inDrop() != m_wasInDrop)
            showAll(); // the fit became known, or another session was opened
        else
            showCurrent();
    });
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &RdPanel::showTarget);
    connect(&session, &SessionModel::rowsChanged, this, &RdPanel::showAll);
    for (const auto signal : {&SessionModel::runAdded, &SessionModel::runChanged, &SessionModel::runRemoved})
        connect(&session, signal, this, &RdPanel::showAll);
    connectPlot();
    showAll();
}

void RdPanel::compareSelected(bool asA)
{
    if (m_selected < 0 || std::size_t(m_selected) >= m_session.runs().size())
        return;
    const QString key = QStringLiteral("run:%1").arg(m_session.runs()[std::size_t(m_selected)]->id);
    asA ? m_pair.setA(key) : m_pair.setB(key);
    Q_EMIT compared();
}

void RdPanel::connectPlot()
{
    const auto key = [this](const QKeySequence& sequence, bool asA) {
        connect(new QShortcut(sequence, m_plot, nullptr, nullptr, Qt::WidgetWithChildrenShortcut), &QShortcut::activated, this,
                [this, asA] { compareSelected(asA); });
    };
    key(Qt::Key_C, false);
    key(Qt::SHIFT | Qt::Key_C, true);
    connect(m_plot, &RdPlot::targetYMoved, this, [this](double y) {
        m_document.beginGestureOnce();
        if (m_wasInDrop)
            m_whatIf.setTargetDrop(y);
    });
    connect(m_plot, &RdPlot::targetYReleased, this, [this](double y) {
        if (m_wasInDrop)
            m_whatIf.setTargetDrop(y);
        m_document.endGesture();
    });
    connect(m_plot, &RdPlot::pointActivated, this, [this](int index) {
        if (index >= 0 && std::size_t(index) < m_session.runs().size()) {
            const RunPtr run = m_session.runs()[std::size_t(index)];
            m_document.load(run->allocation, tr("Load run %1").arg(run->id));
        }
    });
    connect(m_plot, &RdPlot::pointClicked, this, [this](int index) {
        m_plot->setSelectedPoint(index);
        m_selected = index;
        Q_EMIT statusWanted(tr("%1; double click loads its bits, C compares it").arg(m_plot->pointText(index)));
    });
    connect(m_plot, &RdPlot::pointHovered, this, [this](int index) {
        const bool known = index >= 0 && std::size_t(index) < m_session.runs().size();
        Q_EMIT ghostWanted(known ? m_session.runs()[std::size_t(index)]->allocation : Allocation{});
    });
    connect(m_plot, &RdPlot::frontHovered, this, [this](int index) {
        const bool known = index >= 0 && index < m_frontIndex.size() && m_whatIf.front();
        Q_EMIT ghostWanted(known ? m_whatIf.front()->allocation(m_frontIndex[index]) : Allocation{});
    });
    connect(m_plot, &RdPlot::frontClicked, this, [this](int index) {
        if (index >= 0 && index < m_frontIndex.size() && m_whatIf.front())
            m_whatIf.setTarget(m_whatIf.front()->averageBits[m_frontIndex[index]]);
    });
    connect(m_plot, &RdPlot::targetXMoved, this, [this](double x) {
        m_document.beginGestureOnce();
        moveTarget(x);
    });
    connect(m_plot, &RdPlot::targetXReleased, this, [this](double x) {
        moveTarget(x);
        m_document.endGesture();
    });
}

bool RdPanel::inBytes() const { return m_x->currentIndex() == 0; }

bool RdPanel::inDrop() const { return m_y->currentIndex() == 0 && m_whatIf.predictedDrop(1).has_value(); }

std::optional<double> RdPanel::yOf(double distortion) const
{
    return inDrop() ? m_whatIf.predictedDrop(distortion) : std::optional(distortion);
}

void RdPanel::moveTarget(double x)
{
    if (!inBytes())
        return m_whatIf.setTarget(x);
    m_whatIf.setTargetBytes(x);
}

void RdPanel::showAll()
{
    m_wasInDrop = inDrop();
    m_plot->setAxes(inBytes() ? tr("Stored size") : tr("Average bits"),
                    inBytes() ? RdPlot::XUnit::Bytes : RdPlot::XUnit::Bits,
                    m_wasInDrop ? tr("Accuracy drop") : metricText(m_whatIf.metric()),
                    m_wasInDrop ? tr("points") : metricUnit(m_whatIf.metric()), !m_wasInDrop);
    showFront();
    showPoints();
    showCurrent();
    showTarget();
}

void RdPanel::showNextStep()
{
    constexpr std::int64_t kMore = 10000;
    const FrontViewPtr& front = m_whatIf.front();
    const auto step = front ? nextStep(*front, m_whatIf.target(), kMore) : std::nullopt;
    if (!step)
        return m_next->setText(front ? tr("The front ends here: no allocation of this set is larger.") : QString());
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
    m_next->setText(tr("The next %1: %2 %3 (%4)")
                        .arg(widgets::bytesText(step->bytes), metricText(m_whatIf.metric()), gain, layers));
}

void RdPanel::showFront()
{
    m_frontIndex.clear();
    QList<widgets::RdFrontPoint> corners;
    if (const FrontViewPtr& view = m_whatIf.front()) {
        for (std::size_t i = 0; i < view->front->points.size(); ++i) {
            const double distortion = view->front->points[i].distortion;
            const auto y = yOf(distortion);
            if (!y)
                continue;
            const double error = m_wasInDrop ? m_whatIf.predictionError(distortion) : 0;
            corners.append({inBytes() ? double(view->storedBytes[i]) : view->averageBits[i], *y,
                            std::max(0.0, *y - error), *y + error});
            m_frontIndex.append(i);
        }
    }
    m_plot->setFront(corners, m_whatIf.refining() ? tr("Predicted front, refining") : tr("Predicted front"));
}

void RdPanel::showPoints()
{
    QList<RdPoint> uniform, runs;
    const std::size_t layers = m_session.model().layers.size();
    for (const MethodRow& row : m_session.rows()) {
        int bits = 0;
        if (std::sscanf(row.method.c_str(), "Uniform %d-bit", &bits) != 1)
            continue;
        const double y = m_wasInDrop ? row.dropPoints
                                     : m_whatIf.estimate(Allocation{std::vector<Bits>(layers, bits)}).distortion;
        uniform.append({inBytes() ? double(row.storedBytes) : row.averageBits, y, y, y, fromStd(row.method),
                        QString::number(bits), !m_wasInDrop, false});
    }
    std::sort(uniform.begin(), uniform.end(), [](const RdPoint& a, const RdPoint& b) { return a.x < b.x; });
    for (const RunPtr& run : m_session.runs()) {
        const double y = m_wasInDrop ? run->row.dropPoints : m_whatIf.estimate(run->allocation).distortion;
        runs.append({inBytes() ? double(run->row.storedBytes) : run->row.averageBits, y, y, y,
                     tr("Run %1, %2").arg(run->id).arg(run->rounding == Rounding::Optimised ? tr("optimised")
                                                                                            : tr("nearest")),
                     QString(), !m_wasInDrop, run->rounding != Rounding::Optimised});
    }
    m_plot->setUniform(uniform);
    m_plot->setPoints(runs);
}

void RdPanel::showCurrent()
{
    const Estimate& e = m_whatIf.estimate();
    const auto y = yOf(e.distortion);
    if (!m_whatIf.known() || e.missing > 0 || !y)
        return m_plot->setCurrent(std::nullopt);
    const double x = inBytes() ? double(e.storedBytes) : e.averageBits;
    if (const RunPtr run = m_session.runOf(m_document.allocation()); run && m_wasInDrop) {
        const double drop = run->row.dropPoints;
        return m_plot->setCurrent(RdPoint{x, drop, drop, drop, tr("These bits, run %1").arg(run->id), {}, false, false});
    }
    const double error = m_wasInDrop ? e.dropError : 0;
    m_plot->setCurrent(RdPoint{x, *y, *y - error, *y + error, tr("These bits, predicted"), {}, true, false});
}

void RdPanel::showTarget()
{
    const FrontViewPtr& front = m_whatIf.front();
    std::optional<double> x;
    if (!inBytes() && m_session.isOpen())
        x = m_whatIf.target();
    else if (front)
        if (const auto point = front->pointAt(m_whatIf.target()))
            x = double(front->storedBytes[*point]);
    m_plot->setTargetX(x);
    std::optional<double> y;
    if (front && m_wasInDrop)
        if (const auto point = front->pointAt(m_whatIf.target()))
            y = m_whatIf.predictedDrop(front->front->points[*point].distortion);
    m_plot->setTargetY(y);
    showNextStep();
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rd_panel.h"
#include "core/api/average_bits.h"
#include "ui/metric_text.h"
#include "ui/next_step.h"
#include "ui/quality_text.h"
#include "ui/rd_points.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
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
    , m_rate(new QComboBox(this))
{
    m_plot->setObjectName(QStringLiteral("rd"));
    m_plot->setEmptyText(tr("The curve appears once the layers are measured"));
    m_plot->setMarkerNames(tr("optimised runs"), tr("nearest runs"));
    m_x->setObjectName(QStringLiteral("rd.x"));
    m_x->addItems({tr("Stored size"), tr("Average bits"), tr("Entropy bits"), tr("Compression")}); // as in RdRate
    m_y->setObjectName(QStringLiteral("rd.y"));
    m_y->addItems({qualityDropText(true), qualityText(true), tr("KL divergence"), tr("Predicted distortion")}); // as in RdQuality
    m_rate->setObjectName(QStringLiteral("rd.rate"));
    m_rate->addItem(tr("Fixed length"), int(RdCoding::Own)); // what each is to this session: offerCodings()
    m_rate->addItem(tr("Entropy-coded"), int(RdCoding::Other));
    m_rate->addItem(tr("Both"), int(RdCoding::Both));
    m_rate->setAccessibleName(tr("Rate"));
    m_x->setAccessibleName(tr("Size"));
    m_y->setAccessibleName(tr("Quality"));
    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->setSpacing(8);
    controls->addWidget(m_y);
    controls->addWidget(new QLabel(tr("over"), this));
    controls->addWidget(m_x);
    controls->addWidget(m_rate);
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
    connect(m_rate, &QComboBox::activated, this, [this] {
        m_coding = RdCoding(m_rate->currentData().toInt());
        showAll();
    });
    connect(&session, &SessionModel::opened, this, [this] {
        // The other way of the session before is this one's own.
        if (std::exchange(m_openedRate, m_session.config().rate) != m_session.config().rate && m_coding == RdCoding::Other)
            m_coding = RdCoding::Own;
        m_y->setItemText(int(RdQuality::Drop), qualityDropText(m_session.labelled()));
        m_y->setItemText(int(RdQuality::Accuracy), qualityText(m_session.labelled()));
    });
    connect(&document, &AllocationDocument::wasReset, this, &RdPanel::showAll);
    connect(&whatIf, &WhatIfModel::frontChanged, this, &RdPanel::showAll);
    connect(&whatIf, &WhatIfModel::estimateChanged, this, [this] {
        const RdScale wanted = wantedScale();
        if (wanted.quality() != m_scale->quality() || wanted.ownIsCoded() != m_scale->ownIsCoded())
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
    return {m_session, m_whatIf, RdRate(std::max(0, m_x->currentIndex())), RdQuality(std::max(0, m_y->currentIndex())),
            m_coding};
}

void RdPanel::offerCodings()
{
    const bool coded = m_scale->ownIsCoded();
    m_rate->setItemData(0, int(coded ? RdCoding::Other : RdCoding::Own));
    m_rate->setItemData(1, int(coded ? RdCoding::Own : RdCoding::Other));
    m_rate->setCurrentIndex(m_rate->findData(int(m_coding)));
    const bool entropy = m_scale->rate() == RdRate::EntropyBits;
    m_rate->setEnabled(!entropy);
    m_rate->setToolTip(entropy ? tr("Entropy is that of the codes, however they are stored")
                               : tr("Sizes with as many bits a code as its width says, entropy-coded, or both in one chart"));
}

void RdPanel::showAll()
{
    m_scale = std::make_unique<RdScale>(wantedScale());
    offerCodings();
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
    QList<widgets::RdFrontPoint> corners, others, other;
    const bool both = m_scale->coding() == RdCoding::Both, own = m_scale->ownIsCoded();
    if (const FrontViewPtr& view = m_whatIf.front()) {
        corners = frontPoints(*view, *m_scale, first, true, &m_frontIndex);
        if (m_scale->inPoints()) // a distortion is one for both
            others = frontPoints(*view, *m_scale, second, false, nullptr);
        if (both)
            other = otherFrontPoints(*view, *m_scale, first);
    }
    const auto counted = [&](const QString& name, bool coded) {
        return !both ? name : coded ? tr("%1 (coded)").arg(name) : tr("%1 (fixed)").arg(name);
    };
    const QString plain = m_scale->inPoints() ? tr("predicted, %1").arg(roundingText(first)) : tr("predicted front");
    const QString name = counted(plain, own);
    m_plot->setFront(corners, m_whatIf.refining() ? tr("%1, refining").arg(name) : name);
    m_plot->setSecondFront(others, counted(tr("predicted, %1").arg(roundingText(second)), own));
    m_plot->setOtherFront(other, counted(plain, !own));
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
        RdPoint point{m_scale->ownX(run->row, run->allocation), m_scale->y(run->row, run->allocation)};
        std::tie(point.low, point.high) = m_scale->whisker(run->row).value_or(std::pair(point.y, point.y));
        point.name = tr("These bits, run %1").arg(run->id);
        return m_plot->setCurrent(point);
    }
    const Estimate& e = m_whatIf.estimate();
    const Rounding rounding = m_whatIf.preferredFit();
    const auto y = m_scale->y(e.distortion, rounding);
    const auto x = m_scale->coding() != RdCoding::Other
                       ? m_scale->x(e.averageBits, double(e.storedBytes))
                       : m_scale->otherX(e.averageBits, double(e.storedBytes),
                                         averageBits(m_session.model().layers, m_document.allocation()));
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
                           why + QLatin1Char('\n') + tr("The least is %1.").arg(least),
                           m_scale->coding() != RdCoding::Both || m_scale->ownIsCoded()); // coded points stand there
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/header_strip.h"
#include "ui/metric_text.h"
#include "ui/profile_box.h"
#include "ui/quality_text.h"
#include "ui/rd_points.h"
#include "ui/readout.h"
#include "ui/run_text.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {
constexpr int kSliderSteps = 1000;
}

HeaderStrip::HeaderStrip(const SessionModel& session, AllocationDocument& document, WhatIfModel& whatIf, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
    , m_target(new QDoubleSpinBox(this))
    , m_unit(new QComboBox(this))
    , m_hold(new QCheckBox(tr("Hold"), this))
    , m_slider(new QSlider(Qt::Horizontal, this))
    , m_metric(new QComboBox(this))
    , m_bits(new Readout(tr("average bits"), QStringLiteral("8.00"), this))
    , m_bytes(new Readout(tr("stored"), QStringLiteral("88.88 MB"), this))
    , m_distortion(new Readout(tr("distortion"), QStringLiteral(">= 0.000888"), this))
    , m_accuracy(new Readout(tr("predicted"), QStringLiteral("~8.8 (8.8 to 8.8) points lost"), this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(10);
    // Two rows beside the readouts, which are two lines high anyhow: one would be wider than a small screen.
    auto* above = new QHBoxLayout;
    auto* below = new QHBoxLayout;
    auto* controls = new QVBoxLayout;
    for (QHBoxLayout* row : {above, below}) {
        row->setSpacing(10);
        controls->addLayout(row);
    }
    controls->setSpacing(2);
    layout->addLayout(controls, 1);
    buildControls(above);
    above->addStretch(1);
    buildBudget(below);
    fillMetrics();
    connect(&session, &SessionModel::opened, this, &HeaderStrip::fillMetrics);
    layout->addSpacing(10);
    for (Readout* readout : {m_bits, m_bytes, m_distortion, m_accuracy})
        layout->addWidget(readout);
    m_bits->setObjectName(QStringLiteral("readout.bits"));
    m_bytes->setObjectName(QStringLiteral("readout.bytes"));
    m_distortion->setObjectName(QStringLiteral("readout.distortion"));
    m_accuracy->setObjectName(QStringLiteral("readout.accuracy"));

    connect(&whatIf, &WhatIfModel::settingsChanged, this, &HeaderStrip::showSettings);
    connect(&session, &SessionModel::sensitivityChanged, this, &HeaderStrip::showSettings);
    connect(&document, &AllocationDocument::layersChanged, this, &HeaderStrip::showSettings);
    connect(&whatIf, &WhatIfModel::estimateChanged, this, &HeaderStrip::showEstimate);
    connect(&whatIf, &WhatIfModel::frontChanged, this, [this] {
        showBudget();
        showEstimate(); // refining no longer
    });
    connect(&session, &SessionModel::runRemoved, this, &HeaderStrip::showEstimate);
    connect(&session, &SessionModel::runChanged, this, &HeaderStrip::showEstimate); // confirmed
    connect(&session, &SessionModel::contextChanged, this, &HeaderStrip::showEstimate);
    showSettings();
    showEstimate();
}

void HeaderStrip::buildControls(QHBoxLayout* layout)
{
    layout->addWidget(new ProfileBox(m_whatIf, this));
    layout->addWidget(new QLabel(tr("Widths"), this));
    auto* boxes = new QHBoxLayout;
    boxes->setSpacing(4);
    for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
        auto* box = new QCheckBox(QString::number(bits), this);
        box->setAccessibleName(tr("%1 bits").arg(bits));
        box->setObjectName(QStringLiteral("width.%1").arg(bits));
        box->setToolTip(tr("Layers may take %1 bits").arg(bits));
        connect(box, &QCheckBox::clicked, this, &HeaderStrip::takeSet);
        m_widths.append(box);
        boxes->addWidget(box);
    }
    layout->addLayout(boxes);

    auto* metric = new QLabel(tr("&Metric"), this);
    metric->setBuddy(m_metric);
    layout->addWidget(metric);
    m_metric->setObjectName(QStringLiteral("metric"));
    connect(m_metric, &QComboBox::activated, this,
            [this](int index) { m_whatIf.setMetric(Metric(m_metric->itemData(index).toInt())); });
    layout->addWidget(m_metric);
}

void HeaderStrip::buildBudget(QHBoxLayout* layout)
{
    auto* budget = new QLabel(tr("&Budget"), this);
    budget->setBuddy(m_target);
    layout->addWidget(budget);
    m_slider->setObjectName(QStringLiteral("budget.slider"));
    m_slider->setRange(0, kSliderSteps);
    m_slider->setMinimumWidth(80);
    m_slider->setAccessibleName(tr("Budget in average bits"));
    layout->addWidget(m_slider, 4);
    m_target->setObjectName(QStringLiteral("budget.bits"));
    m_target->setKeyboardTracking(false);
    layout->addWidget(m_target);
    m_unit->setObjectName(QStringLiteral("budget.unit"));
    m_unit->setAccessibleName(tr("What the budget counts"));
    m_unit->addItems({tr("bits"), tr("kB"), tr("points")});
    m_unit->setItemData(0, tr("Average bits over all weights"), Qt::ToolTipRole);
    m_unit->setItemData(1, tr("Stored size"), Qt::ToolTipRole);
    connect(m_unit, &QComboBox::activated, this, [this](int index) {
        setUnit(Unit(index));
        Q_EMIT unitChosen();
    });
    layout->addWidget(m_unit);
    m_hold->setObjectName(QStringLiteral("budget.hold"));
    m_hold->setAccessibleName(tr("Hold the budget"));
    m_hold->setToolTip(tr("On: automatic layers are solved anew after each edit, to keep the budget.\n"
                          "Off: an edit changes that layer alone, and the size says how far over the budget it is."));
    connect(m_hold, &QCheckBox::toggled, &m_whatIf, &WhatIfModel::setHoldBudget);
    layout->addWidget(m_hold);
    // A drag of the slider is one undo step.
    connect(m_slider, &QSlider::sliderPressed, &m_document, &AllocationDocument::beginGesture);
    connect(m_slider, &QSlider::sliderReleased, &m_document, &AllocationDocument::endGesture);
    connect(m_slider, &QSlider::valueChanged, this, &HeaderStrip::takeSlider);
    connect(m_target, &QDoubleSpinBox::valueChanged, this, &HeaderStrip::takeBudget);
}

void HeaderStrip::takeSet()
{
    std::vector<Bits> set;
    for (int i = 0; i < m_widths.size(); ++i)
        if (m_widths[i]->isChecked())
            set.push_back(kMinBits + i);
    if (set.empty())
        showSettings(); // the last one stays
    else
        m_whatIf.setSet(std::move(set));
}

void HeaderStrip::takeSlider(int step)
{
    const double low = m_whatIf.lowestTarget(), high = m_whatIf.highestTarget();
    m_whatIf.setTarget(std::round((low + (high - low) * step / kSliderSteps) * 100) / 100);
}

void HeaderStrip::showWidths()
{
    const auto& set = m_whatIf.set();
    const auto& measured = m_session.sensitivity()->widths;
    for (int i = 0; i < m_widths.size(); ++i) {
        const Bits bits = kMinBits + i;
        m_widths[i]->setChecked(std::find(set.begin(), set.end(), bits) != set.end());
        const bool isMeasured = std::find(measured.begin(), measured.end(), bits) != measured.end();
        const QString tip = isMeasured ? tr("Layers may take %1 bits").arg(bits)
                                       : tr("%1 bits are not measured yet: Run measures them").arg(bits);
        const QString stored = storedAsText(m_whatIf.profile(), bits);
        m_widths[i]->setText(QString::number(bits) + (stored.isEmpty() ? QString() : QStringLiteral("*")));
        m_widths[i]->setToolTip(stored.isEmpty() ? tip : tr("%1; %2").arg(tip, stored));
    }
}

void HeaderStrip::showSettings()
{
    setEnabled(m_session.isOpen());
    showWidths();
    const double low = m_whatIf.lowestTarget(), high = m_whatIf.highestTarget();
    showBudget();
    if (!m_slider->isSliderDown()) {
        const QSignalBlocker block(m_slider);
        m_slider->setValue(high > low ? int(std::lround((m_whatIf.target() - low) / (high - low) * kSliderSteps)) : 0);
    }
    m_metric->setCurrentIndex(m_metric->findData(int(m_whatIf.metric())));
    m_hold->setChecked(m_whatIf.holdsBudget());
    showEstimate(); // how far from the budget
}

void HeaderStrip::setUnit(Unit unit)
{
    m_wantedUnit = unit;
    showBudget();
}

HeaderStrip::Unit HeaderStrip::unit() const { return Unit(std::max(0, m_unit->currentIndex())); }

void HeaderStrip::takeBudget(double value)
{
    switch (unit()) {
    case Unit::Bits: return m_whatIf.setTarget(value);
    case Unit::Bytes: m_whatIf.setTargetBytes(1000 * value); break;
    case Unit::Drop: m_whatIf.setTargetDrop(value); break;
    }
}

void HeaderStrip::showBudget()
{
    const QSignalBlocker block(m_target), blockUnit(m_unit);
    const FrontViewPtr& front = m_whatIf.front();
    const bool haveFront = front && !front->storedBytes.empty();
    // Sizes need the front, points a fit.
    const bool possible = m_wantedUnit == Unit::Bits || (haveFront && (m_wantedUnit == Unit::Bytes || m_whatIf.predictedDrop(0)));
    m_unit->setCurrentIndex(int(possible ? m_wantedUnit : Unit::Bits));
    const auto show = [this](double low, double high, double value, int decimals, double step, const QString& tip) {
        m_target->setDecimals(decimals);
        m_target->setSingleStep(step);
        m_target->setRange(low, std::max(low, high));
        if (!m_target->hasFocus() || unit() == Unit::Bits)
            m_target->setValue(value); // what was typed stays, though the best allocation may need less
        m_target->setToolTip(tip);
    };
    const double low = m_whatIf.lowestTarget(), high = m_whatIf.highestTarget();
    const std::size_t point = haveFront ? front->pointAt(m_whatIf.target()).value_or(0) : 0;
    const double bytes = haveFront ? double(front->storedBytes[point]) : 0;
    const double drop = haveFront ? m_whatIf.predictedDrop(front->front->points[point].distortion).value_or(0) : 0;
    switch (unit()) {
    case Unit::Bits:
        show(std::ceil(low * 100 - 1e-6) / 100, std::floor(high * 100 + 1e-6) / 100, m_whatIf.target(), 2, 0.1,
             tr("Average bits that automatic layers are solved for; manual and locked layers allow %1 to %2")
                 .arg(bitsText(low), bitsText(high)));
        break;
    case Unit::Bytes: {
        const double least = double(front->storedBytes.front()) / 1000, most = double(front->storedBytes.back()) / 1000;
        show(std::ceil(least * 10) / 10, most, std::max(least, bytes / 1000), 1,
             std::max(0.1, (most - least) / 100),
             tr("Stored size that the best allocation may have; manual and locked layers allow no less than %1 kB")
                 .arg(least, 0, 'f', 1));
        break;
    }
    case Unit::Drop:
        show(0, 100, drop, 2, 0.1,
             tr("The smallest allocation whose predicted drop is at most this; measure it to be sure"));
        break;
    }
}

void HeaderStrip::fillMetrics()
{
    m_metric->clear();
    for (const Metric m : kMetrics)
        if (m != Metric::Loss || m_session.labelled())
            m_metric->addItem(metricText(m), int(m));
    m_unit->setItemData(int(Unit::Drop), tr("Predicted drop of %1 at most").arg(qualityInSentence(m_session.labelled())),
                        Qt::ToolTipRole);
}

void HeaderStrip::showEstimate()
{
    if (!m_whatIf.known()) {
        for (Readout* readout : {m_bits, m_bytes, m_distortion, m_accuracy})
            readout->setValue(QStringLiteral("-"));
        return;
    }
    const Estimate& e = m_whatIf.estimate();
    const bool coded = m_whatIf.sizes().rate == RateKind::Entropy;
    m_bits->setValue(bitsText(e.averageBits));
    m_bits->setCaption(coded ? tr("coded bits") : tr("average bits"));
    m_bytes->setValue(widgets::bytesText(e.storedBytes));
    const double over = m_whatIf.overBudget();
    const QString away = widgets::bytesText(std::llround(std::abs(over)));
    const QString what = m_whatIf.profile() != TargetProfile::Own ? targetText(m_whatIf.profile())
                         : coded                                  ? tr("coded")
                                                                  : tr("stored");
    m_bytes->setCaption(std::abs(over) < 1 ? tr("%1, on budget").arg(what)
                        : over > 0         ? tr("%1, +%2 over").arg(what, away)
                                           : tr("%1, %2 under").arg(what, away));
    const int layers = m_document.layerCount();
    m_distortion->setValue((e.missing > 0 ? QStringLiteral(">= ") : QString()) + distortionText(e.distortion));
    m_distortion->setCaption(e.missing > 0 ? tr("%1 of %2 layers scored").arg(layers - e.missing).arg(layers)
                             : m_whatIf.refining() ? tr("distortion, refining")
                                                   : tr("distortion"));
    showAccuracy();
}

void HeaderStrip::showAccuracy()
{
    if (const RunPtr run = m_session.runOf(m_document.allocation())) {
        m_accuracy->setValue((m_session.labelled() ? tr("%1 points lost, %2") : tr("%1 points lost, %2 as FP32"))
                                 .arg(run->row.dropPoints, 0, 'f', 2)
                                 .arg(percentText(run->row.evaluation.accuracyPercent())));
        QString caption = run->rounding == Rounding::Optimised ? tr("measured, run %1").arg(run->id)
                                                               : tr("measured, nearest, run %1").arg(run->id);
        if (run->confirmed)
            caption += tr("; confirmed %1").arg(pointsText(run->confirmed->dropPoints));
        m_accuracy->setCaption(caption);
        m_accuracy->setToolTip(confirmedText(*run));
        return;
    }
    const Estimate& e = m_whatIf.estimate();
    const auto range = m_whatIf.predictedAccuracy(e);
    m_accuracy->setValue(range ? tr("~%1 (%2 to %3) points lost")
                                     .arg(*e.drop, 0, 'f', 1)
                                     .arg(*e.drop - e.dropError, 0, 'f', 1)
                                     .arg(*e.drop + e.dropError, 0, 'f', 1)
                               : tr("not yet known"));
    const QString predicted = !range ? tr("predicted")
                                     : tr("predicted, %1%2").arg(roundingText(m_whatIf.preferredFit()),
                                                                 e.extrapolated ? tr(", extrapolated") : QString());
    if (const RunPtr run = m_session.lastRun()) {
        const int layers = m_document.differences(run->allocation);
        m_accuracy->setCaption((layers == 1 ? tr("edited since run %1: %2 layer; %3") : tr("edited since run %1: %2 layers; %3"))
                                   .arg(run->id)
                                   .arg(layers)
                                   .arg(predicted));
    } else {
        m_accuracy->setCaption(predicted);
    }
    m_accuracy->setToolTip(range ? tr("%5 of about %1 % (%2 to %3), from this session's %4")
                                       .arg(range->value, 0, 'f', 1)
                                       .arg(range->low, 0, 'f', 1)
                                       .arg(range->high, 0, 'f', 1)
                                       .arg(m_whatIf.fitIsOptimised() ? tr("optimised runs")
                                                                      : tr("uniform widths and runs with nearest rounding"))
                                       .arg(qualityText(m_session.labelled()))
                                 : tr("It takes three measurements to predict from"));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/chart_panel.h"
#include "ui/metric_text.h"
#include "ui/text_format.h"
#include "widgets/bit_map.h"
#include "widgets/layer_axis.h"
#include "widgets/layer_overview.h"
#include "widgets/sensitivity_plot.h"
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <set>

namespace mprdo {

using widgets::BitMap;
using widgets::SensitivityPlot;

ChartPanel::ChartPanel(const SessionModel& session, AllocationDocument& document, const WhatIfModel& whatIf,
                       QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
    , m_axis(new widgets::LayerAxis(this))
    , m_plot(new SensitivityPlot(m_axis, this))
    , m_map(new BitMap(m_axis, this))
    , m_overview(new widgets::LayerOverview(m_axis, this))
    , m_fixedWidth(new QComboBox(this))
    , m_order(new QComboBox(this))
    , m_log(new QCheckBox(tr("&Log scale"), this))
    , m_errors(new QCheckBox(tr("E&rror bars"), this))
{
    m_plot->setObjectName(QStringLiteral("sensitivity"));
    m_plot->setEmptyText(tr("Bars appear as layers are measured"));
    m_map->setObjectName(QStringLiteral("bit-map"));
    m_fixedWidth->setObjectName(QStringLiteral("bars.width"));
    m_log->setObjectName(QStringLiteral("bars.log"));
    m_log->setChecked(true);
    m_errors->setObjectName(QStringLiteral("bars.errors"));
    m_order->setObjectName(QStringLiteral("bars.order"));
    m_order->addItems({tr("network"), tr("sensitivity"), tr("weights"), tr("per weight")});
    for (QComboBox* box : {m_order, m_fixedWidth}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
    }

    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->setSpacing(8);
    auto* heading = new QLabel(tr("<b>Sensitivity</b>"), this);
    auto* barsAt = new QLabel(tr("Bars &at"), this);
    barsAt->setBuddy(m_fixedWidth);
    controls->addWidget(heading);
    controls->addStretch(1);
    auto* orderLabel = new QLabel(tr("&Sort"), this);
    orderLabel->setBuddy(m_order);
    controls->addWidget(orderLabel);
    controls->addWidget(m_order);
    controls->addWidget(barsAt);
    controls->addWidget(m_fixedWidth);
    controls->addWidget(m_log);
    controls->addWidget(m_errors);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(controls);
    layout->addWidget(m_plot, 5);
    layout->addWidget(m_map, 4);
    layout->addWidget(m_overview);

    connect(m_log, &QCheckBox::toggled, this,
            [this](bool on) { m_plot->setScale(on ? SensitivityPlot::Scale::Log : SensitivityPlot::Scale::Linear); });
    connect(m_errors, &QCheckBox::toggled, m_plot, &SensitivityPlot::setErrorBarsVisible);
    connect(m_fixedWidth, &QComboBox::activated, this, [this](int index) {
        m_plot->setFixedWidth(m_fixedWidth->itemData(index).toInt());
        showOrder();
    });
    connect(m_order, &QComboBox::activated, this, &ChartPanel::showOrder);
    connect(m_plot, &SensitivityPlot::layerClicked, this, [this](int layer, Qt::KeyboardModifiers modifiers) {
        QVector<int> layers = modifiers & Qt::ControlModifier ? m_document.selection() : QVector<int>();
        if (layers.removeAll(layer) == 0)
            layers.append(layer);
        m_document.setSelection(layers);
    });
    connect(m_axis, &widgets::LayerAxis::hoveredLayerChanged, this, [this](int layer) {
        Q_EMIT statusWanted(layer < 0 ? QString() : m_map->layerText(layer));
    });
    connectMap();

    connect(&document, &AllocationDocument::wasReset, this, &ChartPanel::restart);
    connect(&document, &AllocationDocument::layersChanged, this, [this](const QList<int>& layers) {
        showLayers(layers);
        if (const int hovered = m_axis->hoveredLayer(); layers.contains(hovered))
            Q_EMIT statusWanted(m_map->layerText(hovered));
    });
    connect(&document, &AllocationDocument::solverChoiceChanged, this, [this] {
        const auto& bits = m_document.solverChoice().bits;
        m_map->setSolverChoice(QList<int>(bits.begin(), bits.end()));
    });
    connect(&document, &AllocationDocument::selectionChanged, this, [this] {
        m_map->setSelection(m_document.selection());
        m_plot->setSelection(m_document.selection());
    });
    connect(&session, &SessionModel::layerScored, this, [this](int layer, int bits) {
        const auto& widths = m_session.sensitivity()->widths;
        const auto at = std::find(widths.begin(), widths.end(), bits);
        m_plot->setValue(layer, int(at - widths.begin()), m_whatIf.distortion(layer, bits));
    });
    connect(&session, &SessionModel::sensitivityChanged, this, &ChartPanel::showValues);
    connect(&session, &SessionModel::sizesChanged, this, &ChartPanel::showValues);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, [this] {
        showWidths();
        showValues();
    });
    connect(&whatIf, &WhatIfModel::estimateChanged, this, &ChartPanel::showMeasured);
    for (const auto signal : {&SessionModel::runAdded, &SessionModel::runRemoved})
        connect(&session, signal, this, &ChartPanel::showMeasured);
    connect(&session, &SessionModel::contextChanged, this, &ChartPanel::showMeasured);
}

void ChartPanel::showMeasured()
{
    m_map->setMeasured(m_session.runOf(m_document.allocation()) != nullptr);
}

void ChartPanel::connectMap()
{
    connect(m_map, &BitMap::strokeStarted, &m_document, &AllocationDocument::beginGesture);
    connect(m_map, &BitMap::strokeFinished, &m_document, &AllocationDocument::endGesture);
    connect(m_map, &BitMap::widthRequested, &m_document,
            [this](const QList<int>& layers, int bits) { m_document.paint(layers, bits); });
    connect(m_map, &BitMap::lockToggled, this, [this](const QList<int>& layers) {
        const bool allLocked = std::all_of(layers.begin(), layers.end(), [this](int layer) {
            return m_document.cell(layer).state == LayerState::Locked;
        });
        m_document.setLocked(layers, !allLocked);
    });
    connect(m_map, &BitMap::automaticRequested, &m_document,
            [this](const QList<int>& layers) { m_document.makeAutomatic(layers); });
    connect(m_map, &BitMap::selectionChanged, &m_document, &AllocationDocument::setSelection);
    connect(m_map, &BitMap::layerActivated, this, [this](int layer) {
        m_document.setSelection({layer});
        Q_EMIT inspectorWanted();
    });
    connect(m_map, &BitMap::refused, this, &ChartPanel::statusWanted);
}

QList<int> ChartPanel::allBits() const
{
    const auto bits = m_document.allocation().bits;
    return QList<int>(bits.begin(), bits.end());
}

void ChartPanel::restart()
{
    QList<widgets::AxisLayer> layers;
    QList<qint64> weights;
    for (const LayerInfo& layer : m_session.model().layers) {
        layers.append({fromStd(layer.name), fromStd(layer.block)});
        weights.append(layer.weights);
    }
    m_axis->setLayers(layers);
    m_map->setWeights(weights);
    m_map->setSolverChoice({});
    m_map->setGhost({});
    showWidths();
    showValues();
}

void ChartPanel::showWidths()
{
    // Rows are the set's widths, FP on top, and those that layers have all the same.
    std::set<int> rows(m_whatIf.set().begin(), m_whatIf.set().end());
    rows.insert(kKeepFp32);
    QList<widgets::LayerState> states;
    for (int layer = 0; layer < m_document.layerCount(); ++layer) {
        rows.insert(m_document.cell(layer).bits);
        states.append(widgets::LayerState(m_document.cell(layer).state));
    }
    const QList<int> wanted(rows.begin(), rows.end());
    if (m_map->widths() != wanted)
        m_map->setWidths(wanted);
    QList<int> stored;
    for (const int bits : wanted)
        stored.append(storedWidth(m_whatIf.profile(), bits));
    m_map->setStoredWidths(stored);
    m_map->setAllocation(allBits(), states);
    m_overview->setCurrentWidths(allBits());
}

void ChartPanel::showValues()
{
    const SensitivityPtr table = m_session.sensitivity();
    const QList<int> widths(table->widths.begin(), table->widths.end());
    const int fixed = m_plot->fixedWidth();
    m_plot->setMetric(metricText(m_whatIf.metric()), metricUnit(m_whatIf.metric()));
    m_plot->setWidths(widths);
    QList<QList<double>> values;
    for (int layer = 0; layer < m_document.layerCount(); ++layer) {
        QList<double> row;
        for (const Bits bits : widths)
            row.append(m_whatIf.distortion(layer, bits));
        values.append(row);
    }
    m_plot->setValues(values);
    showErrors();
    m_plot->setCurrentWidths(allBits());
    m_plot->setFixedWidth(widths.contains(fixed) ? fixed : 0);
    m_fixedWidth->clear();
    m_fixedWidth->addItem(tr("own width"), 0);
    for (const int bits : widths)
        m_fixedWidth->addItem(tr("%1 bits").arg(bits), bits);
    m_fixedWidth->setCurrentIndex(std::max(0, m_fixedWidth->findData(m_plot->fixedWidth())));
    showOrder();
    showAgreement();
}

void ChartPanel::showErrors()
{
    constexpr double kNormal95 = 1.96; // standard errors on either side
    const SensitivityPtr table = m_session.sensitivity();
    const auto known = table->standardError.find(m_whatIf.metric());
    QList<QList<double>> errors;
    if (known != table->standardError.end())
        for (const std::vector<double>& row : known->second) {
            errors.append(QList<double>());
            for (const double error : row)
                errors.last().append(kNormal95 * error);
        }
    m_plot->setErrors(errors);
    const bool mean = m_whatIf.metric() == Metric::Kl || m_whatIf.metric() == Metric::Loss;
    m_errors->setEnabled(mean);
    m_errors->setToolTip(mean ? tr("95 % of the mean over the calibration images, once the layers are measured")
                              : tr("%1 is no mean over images: there is no error of it").arg(metricText(m_whatIf.metric())));
}

void ChartPanel::showOrder()
{
    // Of the present widths; an edit does not shuffle the chart under the pointer.
    const auto& layers = m_session.model().layers;
    const int count = std::min(m_document.layerCount(), int(layers.size()));
    const int by = m_order->currentIndex();
    std::vector<double> key(std::size_t(count), 0);
    for (int l = 0; l < count && by > 0; ++l) {
        const int fixed = m_plot->fixedWidth();
        const double d = m_whatIf.distortion(l, fixed != 0 ? fixed : m_document.cell(l).bits);
        const double weights = double(layers[std::size_t(l)].weights);
        key[std::size_t(l)] = by == 2 ? weights : !std::isfinite(d) ? -1 : by == 1 ? d : d / weights;
    }
    QList<int> order;
    for (int l = 0; l < count; ++l)
        order.append(l);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return key[std::size_t(a)] > key[std::size_t(b)]; });
    m_axis->setOrder(order);
}

void ChartPanel::showAgreement()
{
    // The metric that ranks the layers least like the one that is shown.
    const SensitivityPtr table = m_session.sensitivity();
    const QString shown = fromStd(mprdo::name(m_whatIf.metric()));
    QString text, tip;
    double lowest = 2;
    for (const auto& [pair, correlation] : table->spearman) {
        const QStringList names = fromStd(pair).split(QLatin1Char('/'));
        if (names.size() != 2 || !names.contains(shown) || !std::isfinite(correlation))
            continue;
        const auto other = metricFromName((names[0] == shown ? names[1] : names[0]).toStdString());
        if (!other)
            continue;
        tip += QStringLiteral("%1: %2\n").arg(metricText(*other)).arg(correlation, 0, 'f', 2);
        if (correlation < lowest) {
            lowest = correlation;
            text = tr("rank correlation with %1: %2").arg(metricText(*other)).arg(correlation, 0, 'f', 2);
        }
    }
    m_plot->setNote(lowest < 0.8 ? text : tip.isEmpty() ? QString() : tr("metrics agree"));
    m_plot->setToolTip(tip.isEmpty() ? QString() : tr("Spearman's rank correlation over the layers with\n%1").arg(tip.trimmed()));
}

void ChartPanel::showLayers(const QVector<int>& layers)
{
    for (const int layer : layers) {
        const LayerCell& cell = m_document.cell(layer);
        if (!m_map->widths().contains(cell.bits))
            return showWidths();
        m_map->setLayer(layer, cell.bits, widgets::LayerState(cell.state));
        m_plot->setCurrentWidth(layer, cell.bits);
    }
    m_overview->setCurrentWidths(allBits());
}

void ChartPanel::showGhost(const Allocation& allocation)
{
    m_map->setGhost(QList<int>(allocation.bits.begin(), allocation.bits.end()));
}

} // namespace mprdo

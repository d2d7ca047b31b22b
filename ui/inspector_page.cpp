// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector_page.h"
#include "ui/metric_text.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include "widgets/series_plot.h"
#include "widgets/weight_histogram.h"
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>

namespace mprdo {

InspectorPage::InspectorPage(const SessionModel& session, const AllocationDocument& document, const WhatIfModel& whatIf,
                             QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
    , m_facts(new QLabel(this))
    , m_channel(new QSpinBox(this))
    , m_weights(new widgets::WeightHistogram(this))
    , m_scales(new widgets::SeriesPlot(this))
    , m_distortion(new widgets::SeriesPlot(this))
{
    m_facts->setObjectName(QStringLiteral("inspector.facts"));
    m_facts->setWordWrap(true);
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->setContentsMargins(8, 4, 8, 4);
    m_channel->setObjectName(QStringLiteral("inspector.channel"));
    m_channel->setRange(-1, -1);
    m_channel->setSpecialValueText(tr("all"));
    m_weights->setObjectName(QStringLiteral("inspector.weights"));
    m_scales->setObjectName(QStringLiteral("inspector.scales"));
    m_distortion->setObjectName(QStringLiteral("inspector.distortion"));
    m_weights->setEmptyText(tr("Select a layer on the bit map or in the table"));
    m_scales->setEmptyText(tr("Scales appear once a run has this layer at its width"));
    m_distortion->setEmptyText(tr("Appears once the layer is measured"));

    auto* channelLabel = new QLabel(tr("Output &channel"), this);
    channelLabel->setBuddy(m_channel);
    auto* channelRow = new QHBoxLayout;
    channelRow->setContentsMargins(8, 4, 8, 0);
    channelRow->addWidget(channelLabel);
    channelRow->addWidget(m_channel);
    channelRow->addStretch(1);
    auto* facts = new QScrollArea(this);
    facts->setFrameShape(QFrame::NoFrame);
    facts->setAccessibleName(tr("The selected layer"));
    facts->setWidgetResizable(true);
    facts->setWidget(m_facts);
    auto* left = new QWidget(this);
    auto* leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    leftLayout->setSpacing(2);
    leftLayout->addLayout(channelRow);
    leftLayout->addWidget(facts, 1);
    auto* splitter = new QSplitter(this);
    splitter->setChildrenCollapsible(false);
    for (QWidget* part : std::initializer_list<QWidget*>{left, m_weights, m_scales, m_distortion})
        splitter->addWidget(part);
    splitter->setSizes({270, 310, 270, 270});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);

    connect(m_channel, &QSpinBox::valueChanged, this, [this] { showWeights(layer(), record(layer())); });
    connect(&document, &AllocationDocument::selectionChanged, this, &InspectorPage::refresh);
    connect(&document, &AllocationDocument::layersChanged, this, [this](const QVector<int>& layers) {
        if (layers.contains(layer()))
            refresh();
    });
    connect(&document, &AllocationDocument::wasReset, this, &InspectorPage::refresh);
    connect(&session, &SessionModel::weightsChanged, this, &InspectorPage::refresh);
    connect(&session, &SessionModel::runAdded, this, &InspectorPage::refresh);
    connect(&session, &SessionModel::runRemoved, this, &InspectorPage::refresh);
    connect(&session, &SessionModel::sensitivityChanged, this, &InspectorPage::refresh);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &InspectorPage::refresh);
    refresh();
}

int InspectorPage::layer() const { return m_document.selection().isEmpty() ? -1 : m_document.selection().front(); }

const LayerRecord* InspectorPage::record(int layer) const
{
    const auto l = std::size_t(layer);
    const auto& runs = m_session.runs();
    for (auto run = runs.rbegin(); layer >= 0 && run != runs.rend(); ++run)
        if (l < (*run)->layers.size() && (*run)->layers[l].bits == m_document.cell(layer).bits)
            return &(*run)->layers[l];
    return nullptr;
}

void InspectorPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void InspectorPage::refresh()
{
    if (!isVisible())
        return; // millions of weights are not counted for nobody
    const int at = layer();
    const LayerRecord* known = record(at);
    const auto& weights = m_session.weights();
    {
        const QSignalBlocker block(m_channel);
        const bool there = at >= 0 && std::size_t(at) < weights.size();
        m_channel->setRange(-1, there ? int(weights[std::size_t(at)].channels) - 1 : -1);
        m_channel->setEnabled(there);
    }
    showFacts(at, known);
    showWeights(at, known);
    showScales(known);
    showDistortion(at);
}

void InspectorPage::showFacts(int at, const LayerRecord* known)
{
    if (at < 0 || std::size_t(at) >= m_session.model().layers.size())
        return m_facts->setText(tr("No layer is selected."));
    const LayerInfo& layer = m_session.model().layers[std::size_t(at)];
    QStringList shape;
    for (const std::int64_t size : layer.shape)
        shape << QString::number(size);
    QString rows;
    const auto row = [&rows](const QString& what, const QString& value) {
        rows += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right>%2</td></tr>").arg(what, value.toHtmlEscaped());
    };
    row(tr("Layer"), tr("%1 of %2").arg(at + 1).arg(m_session.model().layers.size()));
    row(tr("Block"), fromStd(layer.block));
    row(tr("Shape"), shape.join(QStringLiteral(" x ")));
    row(tr("Weights"), countText(layer.weights));
    if (layer.deadWeights > 0)
        row(tr("meet padding only"), countText(layer.deadWeights));
    row(tr("MACs per image"), countText(layer.macs));
    row(tr("Width"), layerBitsText(m_document.cell(at).bits));
    if (known && !known->grid.empty()) {
        row(tr("Grid"), fromStd(known->grid));
        if (known->inputBits != kKeepFp32)
            row(tr("Reads"), tr("%1 bits, %2 to %3").arg(known->inputBits).arg(known->inputLow, 0, 'g', 3).arg(known->inputHigh, 0, 'g', 3));
        row(tr("Error, nearest"), distortionText(known->errorNearest));
        for (const auto& [stage, error] : known->errorAfter)
            row(tr("after %1").arg(fromStd(mprdo::title(stage)).toLower()), distortionText(error));
    }
    m_facts->setText(QStringLiteral("<b>%1</b><table>%2</table>").arg(fromStd(layer.name).toHtmlEscaped(), rows));
    m_facts->setToolTip(known ? tr("Error: squared error of the layer's output over its energy, on hold-out images")
                              : QString());
}

void InspectorPage::showWeights(int at, const LayerRecord* known)
{
    const auto& weights = m_session.weights();
    const bool there = at >= 0 && std::size_t(at) < weights.size();
    const std::shared_ptr<const float> values = there ? weights[std::size_t(at)].values : nullptr;
    if (values != m_summarized || m_channel->value() != m_summarizedChannel) { // an edit of the bits leaves the weights as they are
        m_summary = there ? summarize(weights[std::size_t(at)], m_channel->value()) : WeightSummary();
        m_summarized = values;
        m_summarizedChannel = m_channel->value();
    }
    m_weights->setHistogram(m_summary.low, m_summary.high, QList<qint64>(m_summary.counts.begin(), m_summary.counts.end()));
    const std::vector<double> levels = known ? gridLevels(*known, m_channel->value()) : std::vector<double>();
    m_weights->setGrid(QList<double>(levels.begin(), levels.end()));
}

void InspectorPage::showScales(const LayerRecord* known)
{
    widgets::Series scales;
    scales.name = tr("Scale");
    if (known)
        for (std::size_t c = 0; c < known->scales.size(); ++c)
            scales.points.append(QPointF(double(c), double(known->scales[c])));
    m_scales->setAxes(tr("Output channel"), {}, tr("Scale"), {}, false, true);
    m_scales->setIntegerX(true);
    m_scales->setSeries(scales.points.isEmpty() ? QList<widgets::Series>()
                                                : QList<widgets::Series>{scales});
}

void InspectorPage::showDistortion(int at)
{
    widgets::Series series;
    series.name = metricText(m_whatIf.metric());
    series.joined = true;
    if (at >= 0)
        for (const Bits bits : m_session.sensitivity()->widths)
            if (const double d = m_whatIf.distortion(at, bits); std::isfinite(d))
                series.points.append(QPointF(bits, d));
    m_distortion->setAxes(tr("Width"), tr("bits"), metricText(m_whatIf.metric()), metricUnit(m_whatIf.metric()), false, true);
    m_distortion->setIntegerX(true);
    m_distortion->setSeries(series.points.isEmpty() ? QList<widgets::Series>()
                                                    : QList<widgets::Series>{series});
}

} // namespace mprdo

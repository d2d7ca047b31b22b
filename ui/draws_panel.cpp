// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/draws_panel.h"
#include "ui/draw_spread.h"
#include "ui/metric_text.h"
#include "ui/text_format.h"
#include "widgets/layer_axis.h"
#include "widgets/sensitivity_plot.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <cmath>

namespace mprdo {

namespace {
constexpr int kDraws = 3;
}

DrawsPanel::DrawsPanel(const SessionModel& session, PipelineController& controller, const WhyModel& why,
                       QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_controller(controller)
    , m_why(why)
    , m_repeat(new QPushButton(tr("&Repeat with %1 draws").arg(kDraws), this))
    , m_width(new QComboBox(this))
    , m_summary(new QLabel(this))
    , m_axis(new widgets::LayerAxis(this))
    , m_plot(new widgets::SensitivityPlot(m_axis, this))
{
    m_repeat->setObjectName(QStringLiteral("draws.repeat"));
    m_repeat->setToolTip(tr("Measures all layers again on %1 other draws of as many training images").arg(kDraws));
    m_width->setObjectName(QStringLiteral("draws.width"));
    m_summary->setObjectName(QStringLiteral("draws.summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_plot->setObjectName(QStringLiteral("draws.plot"));
    m_plot->setAccessibleName(tr("Sensitivity over the draws"));
    m_plot->setMetric(metricText(Metric::Kl), metricUnit(Metric::Kl));
    m_plot->setErrorText(tr("deviation over draws"));
    m_plot->setErrorBarsVisible(true);
    m_plot->setEmptyText(tr("Repeat stage 2 on other images to see how much of it is their choice"));
    m_plot->setMinimumSize(420, 240);
    auto* widthLabel = new QLabel(tr("Bars &at"), this);
    widthLabel->setBuddy(m_width);
    auto* controls = new QHBoxLayout;
    controls->addWidget(m_repeat);
    controls->addStretch(1);
    controls->addWidget(widthLabel);
    controls->addWidget(m_width);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(controls);
    layout->addWidget(m_plot, 1);
    layout->addWidget(m_summary);

    connect(m_repeat, &QPushButton::clicked, this, [this] { m_controller.calibrationDraws(kDraws); });
    connect(m_width, &QComboBox::activated, this, &DrawsPanel::showWidth);
    connect(&session, &SessionModel::opened, this, &DrawsPanel::restart);
    connect(&why, &WhyModel::drawsChanged, this, &DrawsPanel::refresh);
    connect(&controller, &PipelineController::stateChanged, this,
            [this] { m_repeat->setEnabled(m_controller.canMeasure() && !m_controller.busy()); });
    m_repeat->setEnabled(controller.canMeasure() && !controller.busy());
    restart();
}

void DrawsPanel::restart()
{
    QList<widgets::AxisLayer> layers;
    for (const LayerInfo& layer : m_session.model().layers)
        layers.append({fromStd(layer.name), fromStd(layer.block)});
    m_axis->setLayers(layers);
    refresh();
}

void DrawsPanel::refresh()
{
    const std::vector<SensitivityPtr>& draws = m_why.draws();
    const std::vector<Bits> widths = draws.empty() ? std::vector<Bits>() : draws.front()->widths;
    const int shown = m_width->currentData().toInt();
    m_width->clear();
    for (const Bits bits : widths)
        m_width->addItem(tr("%1 bits").arg(bits), bits);
    m_width->setCurrentIndex(widths.empty() ? -1 : std::max(0, m_width->findData(shown)));
    m_width->setEnabled(!widths.empty());
    m_plot->setWidths(QList<int>(widths.begin(), widths.end()));
    QList<QList<double>> means(m_axis->count()), deviations(m_axis->count());
    for (std::size_t w = 0; w < widths.size(); ++w) {
        const DrawSpread spread = DrawSpread::of(draws, w);
        for (int l = 0; l < m_axis->count(); ++l) {
            const bool there = std::size_t(l) < spread.mean.size();
            means[l].append(there ? spread.mean[std::size_t(l)] : NAN);
            deviations[l].append(there ? spread.deviation[std::size_t(l)] : NAN);
        }
    }
    m_plot->setValues(means);
    m_plot->setErrors(deviations);
    showWidth();
}

void DrawsPanel::showWidth()
{
    m_plot->setFixedWidth(m_width->currentData().toInt());
    m_summary->setVisible(m_width->currentIndex() >= 0);
    if (m_width->currentIndex() < 0)
        return m_summary->clear();
    const DrawSpread spread = DrawSpread::of(m_why.draws(), std::size_t(m_width->currentIndex()));
    m_summary->setText(
        tr("Rank correlation of the layers between draws: %1 (lowest pair %2). A layer's deviation is %3 % of its "
           "mean (median).")
            .arg(spread.rankCorrelation, 0, 'f', 2)
            .arg(spread.lowestCorrelation, 0, 'f', 2)
            .arg(100 * spread.relative, 0, 'f', 0));
}

} // namespace mprdo

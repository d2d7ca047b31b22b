// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/blame_page.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include "widgets/layer_axis.h"
#include "widgets/layer_strips.h"
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace mprdo {

BlamePage::BlamePage(const SessionModel& session, AllocationDocument& document, PipelineController& controller,
                     const WhyModel& why, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_controller(controller)
    , m_why(why)
    , m_start(new QPushButton(this))
    , m_summary(new QLabel(this))
    , m_axis(new widgets::LayerAxis(this))
    , m_bars(new widgets::LayerStrips(m_axis, this))
{
    m_start->setObjectName(QStringLiteral("blame.start"));
    m_summary->setObjectName(QStringLiteral("blame.summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_bars->setObjectName(QStringLiteral("blame.bars"));
    m_bars->setEmptyText(
        tr("Leaves one layer after the other in FP32 and measures what that gains: an evaluation per layer"));
    m_bars->setAccessibleName(tr("What each layer costs"));
    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->setSpacing(8);
    controls->addWidget(m_start);
    controls->addWidget(m_summary, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(controls);
    layout->addWidget(m_bars, 1);

    connect(m_start, &QPushButton::clicked, this, [this] {
        if (const RunPtr run = m_session.runOf(m_document.allocation()))
            m_controller.blame(run->id);
    });
    connect(m_bars, &widgets::LayerStrips::layerClicked, this,
            [this](int layer, Qt::KeyboardModifiers) { m_document.setSelection({layer}); });
    connect(&why, &WhyModel::blameChanged, this, [this] {
        m_shown = nullptr; // what it pointed to may be gone
        refresh();
        if (!m_shown)
            showBlame(nullptr);
    });
    connect(&document, &AllocationDocument::wasReset, this, &BlamePage::restart);
    connect(&document, &AllocationDocument::layersChanged, this, &BlamePage::refresh);
    connect(&document, &AllocationDocument::selectionChanged, this,
            [this] { m_bars->setSelection(m_document.selection()); });
    for (const auto signal : {&SessionModel::runAdded, &SessionModel::runRemoved})
        connect(&session, signal, this, &BlamePage::refresh);
    connect(&session, &SessionModel::contextChanged, this, &BlamePage::refresh);
    connect(&controller, &PipelineController::stateChanged, this, &BlamePage::refresh);
    restart();
}

void BlamePage::restart()
{
    QList<widgets::AxisLayer> layers;
    for (const LayerInfo& layer : m_session.model().layers)
        layers.append({fromStd(layer.name), fromStd(layer.block)});
    m_axis->setLayers(layers);
    showBlame(nullptr);
    refresh();
}

void BlamePage::refresh()
{
    const RunPtr run = m_session.runOf(m_document.allocation());
    m_start->setText(tr("&Find what costs %1").arg(qualityInSentence(m_session.labelled())));
    m_start->setEnabled(run && m_controller.canMeasure());
    m_start->setToolTip(
        run ? tr("Run %1, %2 evaluations; what is finished is kept").arg(run->id).arg(m_document.layerCount())
            : tr("These bits are not measured: Evaluate or Optimise first"));
    // Of the edited bits where it is known, else what was asked last.
    const Blame* known = run ? m_why.blame(run->id) : nullptr;
    if (!known)
        known = m_why.lastBlame();
    if (known && known != m_shown)
        showBlame(known);
}

void BlamePage::showBlame(const Blame* blame)
{
    m_shown = blame;
    const RunPtr run = blame ? m_session.run(blame->run) : RunPtr();
    if (!run) {
        m_shown = nullptr;
        m_bars->setBits({}, {});
        m_bars->setDifference(tr("gain"), tr("points"), {});
        return m_summary->clear();
    }
    const std::vector<LayerGain> gains = m_why.gains(*blame);
    QList<double> points(m_axis->count(), NAN), low = points, high = points;
    for (const LayerGain& gain : gains)
        if (gain.layer < points.size()) {
            points[gain.layer] = gain.points;
            low[gain.layer] = gain.low;
            high[gain.layer] = gain.high;
        }
    const auto& bits = run->allocation.bits;
    m_bars->setBits({}, QList<int>(bits.begin(), bits.end()));
    m_bars->setDifference(tr("gain of the layer in FP32"), tr("points"), points);
    m_bars->setIntervals(low, high);
    m_bars->setSelection(m_document.selection());
    m_summary->setText(summary(*blame, gains));
}

QString BlamePage::summary(const Blame& blame, const std::vector<LayerGain>& all) const
{
    std::vector<LayerGain> sure;
    std::copy_if(all.begin(), all.end(), std::back_inserter(sure),
                 [](const LayerGain& gain) { return gain.sure() && gain.points > 0; });
    std::stable_sort(sure.begin(), sure.end(),
                     [](const LayerGain& a, const LayerGain& b) { return a.points > b.points; });
    const QString whole = tr("Run %1 loses %2 points.").arg(blame.run).arg(blame.whole.dropPoints, 0, 'f', 2);
    if (sure.empty())
        return tr("%1 No layer alone gains more than chance on %2 images.")
            .arg(whole, countText(blame.whole.evaluation.total));
    QStringList worst;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, sure.size()); ++i)
        worst << tr("%1 %2 (%3 to %4)")
                     .arg(m_document.name(sure[i].layer), pointsText(sure[i].points), pointsText(sure[i].low),
                          pointsText(sure[i].high));
    return tr("%1 Alone in FP32 gain most: %2. More than chance: %3 of %4 layers.")
        .arg(whole, worst.join(QStringLiteral(", ")))
        .arg(sure.size())
        .arg(all.size());
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pipeline_panel.h"
#include "ui/polish_figures.h"
#include "ui/stage_row.h"
#include "ui/text_format.h"
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace mprdo {

PipelinePanel::PipelinePanel(const SessionModel& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_settings(new QLabel(this))
{
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 4, 0, 4);
    column->setSpacing(0);
    for (const Stage stage : kStages) {
        auto* row = new StageRow(stage, content);
        m_rows.append(row);
        column->addWidget(row);
    }
    m_settings->setWordWrap(true);
    m_settings->setContentsMargins(8, 8, 8, 4);
    m_settings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_settings->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(m_settings);
    column->addStretch(1);

    auto* scroll = new QScrollArea(this);
    scroll->setAccessibleName(tr("Stages"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);

    connect(&session, &SessionModel::opened, this, &PipelinePanel::showSettings);
    connect(&session, &SessionModel::stageChanged, this,
            [this](int stage) { showStage(Stage(stage)); });
    for (const Stage stage : kStages)
        showStage(stage);
    showSettings();
}

void PipelinePanel::showStage(Stage stage)
{
    StageRow* row = m_rows[int(stage) - 1];
    row->setStatus(m_session.stage(stage));
    if (stage == Stage::Allocate)
        row->setFigures(m_session.polish() ? polishFigures(*m_session.polish()) : StageFigures());
}

void PipelinePanel::showSettings()
{
    if (!m_session.isOpen())
        return;
    const ModelSnapshot& model = m_session.model();
    const DataSnapshot& data = m_session.data();
    m_settings->setText(tr("%1\n%2 layers, %3 parameters\n\nCalibration: %4 images\nHold-out: %5\nEvaluation: %6\nSeed: %7")
                            .arg(m_session.title())
                            .arg(model.layers.size())
                            .arg(countText(model.parameters), countText(data.calibration), countText(data.holdOut),
                                 countText(data.evaluation))
                            .arg(m_session.config().seed));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pipeline_controller.h"
#include "ui/why_model.h"
#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
namespace mprdo::widgets {
class LayerAxis;
class SensitivityPlot;
}

namespace mprdo {

/// Stage 2 repeated on other calibration images: mean and spread of every layer.
class DrawsPanel : public QWidget {
    Q_OBJECT
public:
    DrawsPanel(const SessionModel&, PipelineController&, const WhyModel&, QWidget* parent = nullptr);

private:
    void restart();
    void refresh();
    void showWidth();

    const SessionModel& m_session;
    PipelineController& m_controller;
    const WhyModel& m_why;
    QPushButton* m_repeat;
    QComboBox* m_width;
    QLabel* m_summary;
    widgets::LayerAxis* m_axis;
    widgets::SensitivityPlot* m_plot;
};

} // namespace mprdo

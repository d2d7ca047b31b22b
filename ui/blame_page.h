// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/pipeline_controller.h"
#include "ui/why_model.h"
#include <QWidget>

class QLabel;
class QPushButton;
namespace mprdo::widgets {
class LayerAxis;
class LayerStrips;
}

namespace mprdo {

/// Which layers cost the run of the edited bits its accuracy: what each gains when it alone is left in FP32, measured.
class BlamePage : public QWidget {
    Q_OBJECT
public:
    BlamePage(const SessionModel&, AllocationDocument&, PipelineController&, const WhyModel&, QWidget* parent = nullptr);

private:
    void restart();
    void refresh(); ///< what can be asked; the chart where it shows another run
    void showBlame(const Blame*);
    QString summary(const Blame&, const std::vector<LayerGain>&) const;

    const SessionModel& m_session;
    AllocationDocument& m_document;
    PipelineController& m_controller;
    const WhyModel& m_why;
    QPushButton* m_start;
    QLabel* m_summary;
    widgets::LayerAxis* m_axis;
    widgets::LayerStrips* m_bars;
    const Blame* m_shown = nullptr;
};

} // namespace mprdo

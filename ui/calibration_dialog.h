// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pipeline_controller.h"
#include "ui/why_model.h"
#include <QDialog>

class QCheckBox;
class QGroupBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QRadioButton;
class QSpinBox;

namespace mprdo {

/// The images that calibrate the open session: which they are, others in their place, and how much depends on the choice.
class CalibrationDialog : public QDialog {
    Q_OBJECT
public:
    CalibrationDialog(const SessionModel&, PipelineController&, const WhyModel&, QWidget* parent = nullptr);

private:
    QGroupBox* buildChoice();
    void showSession();
    void fillClasses();
    void check(); ///< can what is chosen be used, and is it anything new?
    RunConfig chosen() const;

    const SessionModel& m_session;
    PipelineController& m_controller;
    QLabel *m_facts, *m_problem;
    QSpinBox* m_count;
    QRadioButton *m_first, *m_drawn;
    QLineEdit* m_seed;
    QCheckBox* m_balanced;
    QListWidget* m_classes;
    QPushButton* m_use;
};

} // namespace mprdo

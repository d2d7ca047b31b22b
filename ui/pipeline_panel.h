// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QWidget>

class QLabel;

namespace mprdo {

class StageRow;

/// The eight stages with their states, and under them what the run works on.
class PipelinePanel : public QWidget {
    Q_OBJECT
public:
    explicit PipelinePanel(const SessionModel&, QWidget* parent = nullptr);

private:
    void showSettings();
    void showStage(Stage);

    const SessionModel& m_session;
    QList<StageRow*> m_rows;
    QLabel* m_settings;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/trust.h"
#include <QWidget>

class QCheckBox;
class QLabel;
namespace mprdo::widgets {
class SeriesPlot;
}

namespace mprdo {

/// Predicted against measured drop of everything that was measured, with the diagonal.
class TrustPage : public QWidget {
    Q_OBJECT
public:
    TrustPage(const SessionModel&, const WhatIfModel&, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent*) override;

private:
    void refreshSoon(); ///< once it is looked at
    void refresh();

    const SessionModel& m_session;
    const WhatIfModel& m_whatIf;
    QLabel* m_summary;
    QCheckBox* m_log;
    widgets::SeriesPlot* m_plot;
    bool m_stale = true;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include "ui/what_if_model.h"
#include <QWidget>

class QComboBox;
class QLabel;
namespace mprdo::widgets {
class RdPlot;
}

namespace mprdo {

/// Rate against distortion: the predicted front, uniform widths, measured runs, the bits being edited, the budget.
class RdPanel : public QWidget {
    Q_OBJECT
public:
    RdPanel(const SessionModel&, AllocationDocument&, WhatIfModel&, ComparePair&, QWidget* parent = nullptr);
    widgets::RdPlot* plot() const { return m_plot; }

Q_SIGNALS:
    void ghostWanted(const mprdo::Allocation& bits); ///< empty: none
    void statusWanted(const QString& text);
    void compared(); ///< a point was put into the comparison

private:
    void connectPlot();
    void showAll();
    void showFront();
    void showPoints();
    void showCurrent();
    void showTarget();
    void showNextStep();
    void compareSelected(bool asA);
    bool inBytes() const;
    bool inDrop() const;
    std::optional<double> yOf(double distortion) const;
    void moveTarget(double x);

    const SessionModel& m_session;
    AllocationDocument& m_document;
    WhatIfModel& m_whatIf;
    ComparePair& m_pair;
    QLabel* m_next;
    int m_selected = -1;
    widgets::RdPlot* m_plot;
    QComboBox *m_x, *m_y;
    QVector<std::size_t> m_frontIndex; ///< drawn corner -> point of the front
    bool m_wasInDrop = false;
};

} // namespace mprdo

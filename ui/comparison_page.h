// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/method_table_model.h"
#include <QWidget>

namespace mprdo::widgets {
class AccuracyPlot;
class TsvTableView;
} // namespace mprdo::widgets

namespace mprdo {

/// The table of methods beside a chart of their accuracies (of their agreement with FP32, where the images have no labels).
class ComparisonPage : public QWidget {
    Q_OBJECT
public:
    explicit ComparisonPage(const SessionModel&, QWidget* parent = nullptr);
    MethodTableModel* model() const { return m_model; }

private:
    void refresh();

    const SessionModel& m_session;
    MethodTableModel* m_model;
    widgets::TsvTableView* m_table;
    widgets::AccuracyPlot* m_plot;
};

} // namespace mprdo

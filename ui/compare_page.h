// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/compare_pair.h"
#include <QWidget>

class QComboBox;
class QLabel;
class QTabWidget;
namespace mprdo::widgets {
class LayerAxis;
class LayerStrips;
class WaterfallPlot;
}

namespace mprdo {

/// Any two runs side by side: figures, classes, layers, and what each stage of B earned.
class ComparePage : public QWidget {
    Q_OBJECT
public:
    ComparePage(const SessionModel&, AllocationDocument&, ComparePair&, QWidget* parent = nullptr);

private:
    QWidget* buildTables();
    QWidget* buildCharts();
    void showChoices();
    void refresh();
    void showSummary();
    void showLayers();
    void showStages();

    const SessionModel& m_session;
    AllocationDocument& m_document;
    ComparePair& m_pair;
    QComboBox *m_a, *m_b;
    QTabWidget* m_tables = nullptr;
    QLabel* m_summary;
    widgets::LayerAxis* m_axis;
    widgets::LayerStrips* m_layers = nullptr;
    widgets::WaterfallPlot* m_stages = nullptr;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include <QWidget>

class QComboBox;
class QCheckBox;
class QLabel;
namespace mprdo::widgets {
class BitMap;
class LayerAxis;
class LayerOverview;
class SensitivityPlot;
} // namespace mprdo::widgets

namespace mprdo {

/// Sensitivity bars over the bit map, on one layer axis.
class ChartPanel : public QWidget {
    Q_OBJECT
public:
    ChartPanel(const SessionModel&, AllocationDocument&, const WhatIfModel&, QWidget* parent = nullptr);

    widgets::BitMap* bitMap() const { return m_map; }
    widgets::SensitivityPlot* sensitivityPlot() const { return m_plot; }
    /// Another allocation as a ghost on the map; empty: none.
    void showGhost(const Allocation&);

Q_SIGNALS:
    void inspectorWanted(); ///< of the layer that was double clicked
    void statusWanted(const QString& text);

private:
    void connectMap();
    void restart();
    void showValues();
    void showErrors();
    void showOrder();
    void showAgreement();
    void showMeasured();
    void showWidths(); ///< the map's rows, then every layer
    void showLayers(const QVector<int>& layers);
    QList<int> allBits() const;

    const SessionModel& m_session;
    AllocationDocument& m_document;
    const WhatIfModel& m_whatIf;
    widgets::LayerAxis* m_axis;
    widgets::SensitivityPlot* m_plot;
    widgets::BitMap* m_map;
    widgets::LayerOverview* m_overview;
    QComboBox *m_fixedWidth, *m_order;
    QCheckBox *m_log, *m_errors;
};

} // namespace mprdo

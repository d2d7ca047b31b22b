// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSlider;

class QHBoxLayout;
namespace mprdo {

class Readout;

/// The line above everything: set of widths, budget, metric, and what the edited bits cost.
class HeaderStrip : public QWidget {
    Q_OBJECT
public:
    HeaderStrip(const SessionModel&, AllocationDocument&, WhatIfModel&, QWidget* parent = nullptr);
    enum class Unit { Bits, Bytes, Drop }; ///< of the budget's field; in the box's order
    /// Shown once front and fit allow it.
    void setUnit(Unit);
    Unit wantedUnit() const { return m_wantedUnit; }

Q_SIGNALS:
    void unitChosen();

private:
    void buildControls(QHBoxLayout*);
    void buildBudget(QHBoxLayout*);
    void showWidths();
    void showSettings();
    void fillMetrics(); ///< those that the session's images allow, and the words for them
    void showEstimate();
    void takeSet();
    void takeSlider(int permille);
    Unit unit() const;
    void takeBudget(double value);
    void showBudget();
    void showAccuracy();

    const SessionModel& m_session;
    AllocationDocument& m_document;
    WhatIfModel& m_whatIf;
    QList<QCheckBox*> m_widths; ///< 2..8
    QDoubleSpinBox* m_target;
    QComboBox* m_unit;
    Unit m_wantedUnit = Unit::Bits;
    QCheckBox* m_hold;
    QSlider* m_slider;
    QComboBox* m_metric;
    Readout *m_bits, *m_bytes, *m_distortion, *m_accuracy;
};

} // namespace mprdo

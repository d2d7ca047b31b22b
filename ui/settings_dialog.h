// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/settings.h"
#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace mprdo {

class WidthBoxes;

/// Shows settings and lets them be changed. Nothing is kept here: OK tells the new ones by signal.
class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    explicit SettingsDialog(const Settings&, QWidget* parent = nullptr);
    Settings settings() const; ///< as the fields have them

Q_SIGNALS:
    void chosen(const mprdo::Settings& settings);

private:
    void buildForm();
    void fill(const Settings&);
    void check();

    QComboBox *m_theme, *m_effort, *m_rate, *m_activations;
    QSpinBox *m_threads, *m_calibration, *m_holdOut, *m_test;
    QCheckBox* m_autoMeasure;
    WidthBoxes* m_widths = nullptr;
    QDoubleSpinBox* m_average;
    QLineEdit* m_seed;
    QPushButton* m_ok = nullptr;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_config.h"
#include <QDialog>

class QDoubleSpinBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace mprdo {

class InputFormatBoxes;
class PathEdit;
class WidthBoxes;
struct KnownDownload;

/// Asks for model, data and what to measure. Shown with open(); the answer comes by signal.
class OpenDialog : public QDialog {
    Q_OBJECT
public:
    /// \param start  fields' first values
    explicit OpenDialog(const RunConfig& start, QWidget* parent = nullptr);
    /// Asks for a class list: says why above the fields, and the list's field is where typing goes.
    void askForClasses(const QString& why);
    RunConfig config() const;

Q_SIGNALS:
    void chosen(const mprdo::RunConfig& config);

private:
    void check();
    /// The path and beside it a button that fetches a known file and fills the path in.
    QWidget* pathRow(PathEdit*, const QString& buttonText, const QString& buttonName, const KnownDownload&);
    void get(const KnownDownload&, PathEdit* into);

    RunConfig m_start;
    PathEdit *m_model, *m_architecture, *m_data; ///< of the architecture also a name, or empty
    QLineEdit* m_stateDict;      ///< keys and prefix, or empty
    WidthBoxes* m_widths = nullptr;
    QDoubleSpinBox* m_target;
    bool m_usualTarget = true; ///< it follows the widths until somebody sets it
    QSpinBox *m_test, *m_calibration;
    QLineEdit *m_mean, *m_std; ///< "r, g, b", one number, or empty
    QLineEdit* m_output;       ///< a name, or empty
    QLineEdit* m_input;        ///< "3x224x224" or empty
    PathEdit* m_classes;       ///< class list, or empty
    QSpinBox* m_epochs;        ///< of fine-tuning
    InputFormatBoxes* m_format = nullptr;
    QPushButton* m_open;
};

} // namespace mprdo

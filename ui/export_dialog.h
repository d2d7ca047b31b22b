// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QDialog>

class QComboBox;
class QLabel;
class QPushButton;

namespace mprdo {

class PathEdit;

/// Chooses a run and a folder; then reports what was written and whether it reads back equal. Shown with open().
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    /// \param wanted  the run chosen at first; others can be picked \param folder  proposed
    ExportDialog(const SessionModel&, const RunPtr& wanted, const QString& folder, QWidget* parent = nullptr);

    void showRunning();
    void showResult(const ExportResult&);
    void showFailure(const QString& sentence);
    QString report() const;

Q_SIGNALS:
    void exportRequested(const mprdo::RunPtr& run, const QString& folder);

private:
    void start();

    QList<RunPtr> m_runs;
    QComboBox* m_run;
    PathEdit* m_folder;
    QLabel* m_report;
    QPushButton* m_export;
    RunPtr m_written; ///< the run that was asked for
};

} // namespace mprdo

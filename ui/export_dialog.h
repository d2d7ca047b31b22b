// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QDialog>

class QComboBox;
class QLabel;
class QPushButton;

namespace mprdo {

class ExportedFiles;
class FormatBox;
class PathEdit;

/// Chooses a run, a folder and formats; then lists what was written, whether it reads back equal and what ONNX Runtime makes of it.
/// Shown with open().
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    /// \param wanted  the run chosen at first; others can be picked \param folder, options  proposed
    ExportDialog(const SessionModel&, const RunPtr& wanted, const QString& folder, const ExportOptions& options = {},
                 QWidget* parent = nullptr);

    void showRunning();
    void showResult(const ExportResult&);
    void showFailure(const QString& sentence);
    QString report() const;

Q_SIGNALS:
    void exportRequested(const mprdo::RunPtr& run, const QString& folder, const mprdo::ExportOptions& options);

private:
    void start();
    static QString verificationText(const OnnxVerification&);

    QList<RunPtr> m_runs;
    QComboBox* m_run;
    PathEdit* m_folder;
    FormatBox* m_formats;
    ExportedFiles* m_files;
    QLabel* m_report;
    QPushButton* m_export;
    RunPtr m_written; ///< the run that was asked for
};

} // namespace mprdo

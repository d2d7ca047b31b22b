// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/action_registry.h"
#include "ui/compare_pair.h"
#include "ui/front_walk.h"
#include "ui/pipeline_controller.h"
#include "ui/recent_files.h"
#include "ui/settings.h"
#include "ui/why_model.h"
#include <QMainWindow>
#include <QPointer>

class QLabel;
class QMenu;
class QStackedWidget;
class QTabWidget;
namespace mprdo::widgets {
class ProgressStrip;
}

namespace mprdo {

class ChartPanel;
class CalibrationDialog;
class DiagnosisDialog;
class ExportDialog;
class MessageBar;
class HelpDialog;
class PatternDialog;
class RdPanel;
class RunsPage;
class WindowLayout;

/// The window: models, controller, panels in docks. Everything it does goes through actions() or the panels.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// \param defaults  what the open dialog starts with and the demo takes over (bits, target, seed, threads)
    explicit MainWindow(SessionFactory, const RunConfig& defaults, QWidget* parent = nullptr);
    ~MainWindow() override;

    void open(const RunConfig& config) { m_controller.open(config); }
    void openDemo();

    /// What the user prefers; options that stand on the command line ("--bits") win.
    void startWith(const Settings&, std::set<std::string> given);

    /// Lines for the About box: "LibTorch 1.13.1".
    void setVersions(const QString& lines) { m_versions = lines; }

    const ActionRegistry& actions() const { return m_actions; }
    SessionModel& session() { return m_session; }
    AllocationDocument& document() { return m_document; }
    WhatIfModel& whatIf() { return m_whatIf; }
    PipelineController& controller() { return m_controller; }
    ComparePair& pair() { return m_pair; }
    FrontWalk& walk() { return m_walk; }
    WhyModel& why() { return m_why; }
    MessageBar* message() const { return m_message; }

protected:
    /// While work runs: cancels it, and closes once it has ended. No loop inside.
    void closeEvent(QCloseEvent*) override;
    /// A session opens; a model or a folder of images goes into the open dialog.
    void dragEnterEvent(QDragEnterEvent*) override;
    void dropEvent(QDropEvent*) override;

private:
    void buildPanels();
    QWidget* buildResults();
    void addDock(const QString& name, const QString& title, QWidget*, Qt::DockWidgetArea);
    void addActions();
    void buildMenusAndToolBars();
    void connectController();
    void showOpenDialog();
    /// \param classesNeeded  the refusal that a class list would answer; empty: none
    void askToOpen(const QString& classesNeeded);
    void openSession(const QString& path); ///< empty: asks for one
    void saveSession();
    void showSettings();
    void takeSettings(const Settings&);
    void watchLayout();
    void keepLayout(); ///< with the session, if it changed
    void restoreLayout();
    void addEditActions();
    void addWhyActions();
    void enableWhyActions();
    void connectWhy();
    RunPtr runInQuestion() const; ///< the one selected in the table that is looked at, else that of the edited bits
    void offerDiagnosis();
    void showDiagnosis();
    void showFrontDialog();
    void showFindDialog();
    void showCalibration();
    void tellWhoWrites();
    void tellWriterGone();
    void fillRecentMenu();
    void judgeFp32();
    void showPage(const char* name);
    void showExportDialog();
    /// comparison.png beside what the session wrote, as a run of the command line leaves it.
    ExportResult withComparison(ExportResult) const;
    void showHelp();
    void showAbout();
    void saveReport();
    void showProgress();
    void enableActions();
    void showSession();

    RunConfig m_defaults;
    std::set<std::string> m_given; ///< options of the command line
    SessionModel m_session;
    AllocationDocument m_document;
    WhatIfModel m_whatIf;
    PipelineController m_controller;
    ComparePair m_pair;
    WhyModel m_why;
    FrontWalk m_walk;
    RecentFiles m_recent;
    ActionRegistry m_actions;
    QStackedWidget* m_pages = nullptr;
    ChartPanel* m_charts = nullptr;
    RdPanel* m_rd = nullptr;
    RunsPage* m_runs = nullptr;
    WindowLayout* m_layout = nullptr;
    MessageBar* m_message = nullptr;
    widgets::ProgressStrip* m_progress = nullptr;
    QLabel* m_status = nullptr;
    QPointer<CalibrationDialog> m_calibration;
    QPointer<DiagnosisDialog> m_diagnosis;
    QPointer<ExportDialog> m_exportDialog;
    RunPtr m_exported; ///< the run that was last asked for
    std::optional<ExportOptions> m_exports; ///< and how
    QPointer<PatternDialog> m_patternDialog;
    QPointer<HelpDialog> m_help;
    QString m_versions;
    QTabWidget* m_results = nullptr;
    QMenu* m_recentMenu = nullptr;
    QList<QWidget*> m_sessionParts; ///< shown once a session is open
    bool m_closing = false;
    bool m_diagnosisOffered = false; ///< once a session is enough
};

} // namespace mprdo

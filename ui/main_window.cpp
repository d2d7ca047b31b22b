// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"
#include "ui/blame_page.h"
#include "ui/chart_panel.h"
#include "ui/compare_page.h"
#include "ui/comparison_page.h"
#include "ui/export_dialog.h"
#include "ui/flips_page.h"
#include "ui/header_strip.h"
#include "ui/inspector_page.h"
#include "ui/layers_page.h"
#include "ui/message_bar.h"
#include "ui/open_dialog.h"
#include "ui/pipeline_panel.h"
#include "ui/rd_panel.h"
#include "ui/runs_page.h"
#include "ui/start_page.h"
#include "ui/text_format.h"
#include "ui/trust_page.h"
#include "widgets/elided_label.h"
#include "widgets/progress_strip.h"
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>
#include <cmath>

namespace mprdo {

MainWindow::MainWindow(SessionFactory factory, const RunConfig& defaults, QWidget* parent)
    : QMainWindow(parent)
    , m_defaults(defaults)
    , m_whatIf(m_session, m_document)
    , m_controller(std::move(factory), m_session, m_document, m_whatIf)
    , m_pair(m_session)
    , m_why(m_session)
    , m_walk(m_session, m_whatIf, m_controller)
{
    setObjectName(QStringLiteral("main-window"));
    setWindowTitle(QStringLiteral("MPRDO-PTQ"));
    buildPanels();
    addActions();
    buildMenusAndToolBars();
    watchLayout();
    connectController();
    connectWhy();
    for (QWidget* part : std::as_const(m_sessionParts))
        part->hide();
    enableActions();
    setAcceptDrops(true);
    resize(1280, 800);
}

MainWindow::~MainWindow()
{
    keepLayout();
    // The panels refer to the models, which are members and would be gone before the window's children are.
    m_document.undoStack()->disconnect(this);
    qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
}

void MainWindow::addDock(const QString& name, const QString& title, QWidget* content, Qt::DockWidgetArea area)
{
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    addDockWidget(area, dock);
    m_sessionParts.append(dock);
}

QWidget* MainWindow::buildResults()
{
    auto* tabs = new QTabWidget(this);
    tabs->setObjectName(QStringLiteral("results"));
    tabs->tabBar()->setAccessibleName(tr("Results"));
    tabs->setDocumentMode(true);
    m_results = tabs;
    auto* compare = new ComparePage(m_session, m_document, m_pair, tabs);
    auto* runs = m_runs = new RunsPage(m_session, m_document, m_controller, m_pair, tabs);
    const auto showCompare = [this] { showPage("compare"); };
    connect(runs, &RunsPage::compared, this, showCompare);
    connect(m_rd, &RdPanel::compared, this, showCompare);
    auto* log = new QPlainTextEdit(tabs);
    log->setObjectName(QStringLiteral("log"));
    log->setAccessibleName(tr("Log"));
    log->setReadOnly(true);
    log->setMaximumBlockCount(5000);
    connect(&m_session, &SessionModel::logged, log, &QPlainTextEdit::appendPlainText);
    const auto add = [tabs](const char* name, QWidget* page, const QString& title) {
        // The log keeps the name by which it is found.
        if (page->objectName().isEmpty())
            page->setObjectName(QStringLiteral("page.") + QString::fromLatin1(name));
        tabs->addTab(page, title);
    };
    add("methods", new ComparisonPage(m_session, tabs), tr("Comparison"));
    add("compare", compare, tr("A / B"));
    add("layers", new LayersPage(m_session, m_document, m_whatIf, tabs), tr("Layers"));
    add("inspector", new InspectorPage(m_session, m_document, m_whatIf, tabs), tr("Inspector"));
    add("blame", new BlamePage(m_session, m_document, m_controller, m_why, tabs), tr("Blame"));
    add("flips", new FlipsPage(m_session, m_pair, m_why, tabs), tr("Flips"));
    add("trust", new TrustPage(m_session, m_whatIf, tabs), tr("Trust"));
    add("runs", runs, tr("Runs"));
    add("log", log, tr("Log"));
    return tabs;
}

void MainWindow::buildPanels()
{
    auto* start = new StartPage(m_recent, this);
    m_charts = new ChartPanel(m_session, m_document, m_whatIf, this);
    m_rd = new RdPanel(m_session, m_document, m_whatIf, m_pair, this);
    m_message = new MessageBar(this);
    m_progress = new widgets::ProgressStrip(this);
    m_status = new widgets::ElidedLabel(this);
    m_status->setObjectName(QStringLiteral("status"));
    m_status->setContentsMargins(8, 0, 8, 0);
    m_pages = new QStackedWidget(this);
    auto* room = new QScrollArea(this); // the page's height must not bind the window once a session is shown
    room->setAccessibleName(tr("Start"));
    room->setFrameShape(QFrame::NoFrame);
    room->setWidgetResizable(true);
    room->setWidget(start);
    m_pages->addWidget(room);
    m_pages->addWidget(m_charts);
    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_message);
    layout->addWidget(m_pages, 1);
    setCentralWidget(centre);

    setDockNestingEnabled(true);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    addDock(QStringLiteral("dock.pipeline"), tr("Pipeline"), new PipelinePanel(m_session, this), Qt::LeftDockWidgetArea);
    addDock(QStringLiteral("dock.rd"), tr("Rate-distortion"), m_rd, Qt::RightDockWidgetArea);
    addDock(QStringLiteral("dock.results"), tr("Results"), buildResults(), Qt::BottomDockWidgetArea);
    statusBar()->addWidget(m_status, 2);
    statusBar()->addPermanentWidget(m_progress, 3);
    m_progress->setIdle();

    connect(start, &StartPage::demoRequested, this, &MainWindow::openDemo);
    connect(start, &StartPage::openRequested, this, &MainWindow::showOpenDialog);
    connect(start, &StartPage::sessionRequested, this, &MainWindow::openSession);
    connect(m_rd, &RdPanel::ghostWanted, m_charts, &ChartPanel::showGhost);
    connect(m_rd, &RdPanel::statusWanted, m_status, &QLabel::setText);
    connect(m_charts, &ChartPanel::statusWanted, m_status, &QLabel::setText);
    connect(m_charts, &ChartPanel::inspectorWanted, this, [this] { showPage("inspector"); });
    connect(&m_document, &AllocationDocument::refused, m_status, &QLabel::setText);
}

void MainWindow::connectController()
{
    connect(&m_controller, &PipelineController::opened, this, &MainWindow::showSession);
    connect(&m_document, &AllocationDocument::layersChanged, this, [this] { m_pair.setCurrent(m_document.allocation()); });
    connect(&m_document, &AllocationDocument::wasReset, this, [this] { m_pair.setCurrent(m_document.allocation()); });
    connect(&m_controller, &PipelineController::saved, this, [this](const QString& path) {
        m_recent.add(path);
        m_status->setText(tr("The session is kept in %1").arg(path));
        enableActions();
    });
    connect(&m_controller, &PipelineController::writerGone, this, &MainWindow::tellWriterGone);
    connect(&m_session, &SessionModel::rowsChanged, this, &MainWindow::judgeFp32);
    connect(&m_session, &SessionModel::titleChanged, this, [this] {
        setWindowTitle(tr("%1 - MPRDO-PTQ").arg(m_session.title()));
    });
    connect(&m_controller, &PipelineController::stateChanged, this, [this] {
        enableActions();
        showProgress();
    });
    connect(&m_session, &SessionModel::progressChanged, this, &MainWindow::showProgress);
    connect(m_progress, &widgets::ProgressStrip::cancelRequested, this,
            [this] { m_actions.action(QStringLiteral("run.cancel"))->trigger(); });
    connect(&m_controller, &PipelineController::failed, this,
            [this](const QString& title, const QString& message, const QString& details) {
                if (m_exportDialog)
                    m_exportDialog->showFailure(message);
                m_message->showMessage(MessageBar::Kind::Error, tr("%1: %2").arg(title, message), details);
                if (!m_defaults.dataPath.empty() && message.contains(QString::fromLatin1(kClassListOption.data(), kClassListOption.size()))
                    && message.startsWith(fromStd(m_defaults.dataPath)))
                    askToOpen(message); // what was asked for, with a field for the list
            });
    connect(&m_controller, &PipelineController::cancelled, this, [this](const QString& title, const QString& kept) {
        m_status->setText(kept.isEmpty() ? tr("%1 was cancelled; what was finished is kept").arg(title)
                                         : tr("%1 was cancelled: %2").arg(title, kept));
        if (m_exportDialog)
            m_exportDialog->showFailure(tr("Cancelled; nothing was written."));
    });
    connect(&m_controller, &PipelineController::exported, this, [this](const ExportResult& result) {
        const ExportResult whole = withComparison(result);
        if (m_exportDialog)
            m_exportDialog->showResult(whole);
        m_status->setText(tr("%1 files exported").arg(whole.files.size()));
    });
    connect(&m_controller, &PipelineController::pipelineDone, m_status,
            [this] { m_status->setText(tr("All stages are done")); });
    connect(&m_controller, &PipelineController::busyChanged, this, [this](bool busy) {
        if (!busy && m_closing)
            close();
    });
}

void MainWindow::openDemo()
{
    RunConfig config = m_defaults;
    config.demo = true;
    config.modelPath.clear();
    config.dataPath.clear();
    config.input.reset();
    m_controller.open(config);
}

void MainWindow::showSession()
{
    m_message->hide();
    if (!m_session.config().sessionPath.empty())
        m_recent.add(fromStd(m_session.config().sessionPath));
    setWindowTitle(tr("%1 - MPRDO-PTQ").arg(m_session.title()));
    if (m_pages->currentWidget() == m_charts)
        return restoreLayout();
    m_pages->setCurrentWidget(m_charts);
    for (QWidget* part : std::as_const(m_sessionParts))
        part->show();
    const auto docks = findChildren<QDockWidget*>();
    for (QDockWidget* dock : docks) {
        if (dock->objectName() == QLatin1String("dock.results"))
            resizeDocks({dock}, {height() * 3 / 10}, Qt::Vertical);
        else
            resizeDocks({dock}, {dock->objectName() == QLatin1String("dock.rd") ? width() * 32 / 100 : width() * 19 / 100},
                        Qt::Horizontal);
    }
    restoreLayout();
}

void MainWindow::showProgress()
{
    if (!m_controller.busy())
        return m_progress->setIdle();
    if (m_closing)
        return m_progress->setCancelling();
    const Progress& p = m_session.progress();
    const bool known = p.total > 0;
    m_progress->setProgress(known && m_controller.currentIsStage() ? tr("Stage %1 of 8, %2").arg(int(p.stage)).arg(fromStd(mprdo::title(p.stage)))
                                  : m_controller.currentTitle(),
                            fromStd(p.item), known ? int(std::lround(1000 * p.done / p.total)) : -1, p.etaSeconds);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!m_controller.busy()) {
        keepLayout();
        event->accept();
        return;
    }
    // The jobs end by themselves at their next check; busyChanged(false) closes then.
    m_closing = true;
    m_controller.cancel();
    m_progress->setCancelling();
    centralWidget()->setEnabled(false);
    event->ignore();
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of the window and what is made from them.
#include "ui/appearance.h"
#include "ui/export_dialog.h"
#include "ui/header_strip.h"
#include "ui/main_window.h"
#include "ui/open_dialog.h"
#include "ui/text_format.h"
#include "widgets/progress_strip.h"
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QToolBar>
#include <algorithm>

namespace mprdo {

void MainWindow::addActions()
{
    const auto add = [this](const char* id, const QString& text, const QKeySequence& key, const QString& tip,
                            std::function<void()> f) {
        return m_actions.add({QString::fromLatin1(id), text, key, tip, Qt::WindowShortcut}, std::move(f));
    };
    add("file.demo", tr("Explore the &demo"), {}, tr("Open the built-in network and images"), [this] { openDemo(); });
    add("file.open", tr("&Open..."), QKeySequence::Open, tr("Open a model and data"), [this] { showOpenDialog(); });
    add("file.export", tr("&Export..."), QKeySequence(tr("Ctrl+Shift+X")), tr("Write an optimised run to files"),
        [this] { showExportDialog(); });
    add("file.quit", tr("&Quit"), QKeySequence::Quit, tr("Close the window"), [this] { close(); });

    QUndoStack* undo = m_document.undoStack();
    QAction* undoAction = add("edit.undo", tr("&Undo"), QKeySequence::Undo, tr("Take the last edit back"),
                              [undo] { undo->undo(); });
    QAction* redoAction = add("edit.redo", tr("&Redo"), QKeySequence::Redo, tr("Make the edit again"),
                              [undo] { undo->redo(); });
    connect(undo, &QUndoStack::undoTextChanged, undoAction, [undoAction](const QString& text) {
        undoAction->setText(text.isEmpty() ? tr("&Undo") : tr("&Undo: %1").arg(text));
    });
    connect(undo, &QUndoStack::redoTextChanged, redoAction, [redoAction](const QString& text) {
        redoAction->setText(text.isEmpty() ? tr("&Redo") : tr("&Redo: %1").arg(text));
    });
    undoAction->setIconText(tr("Undo"));
    redoAction->setIconText(tr("Redo"));
    add("edit.lock", tr("&Lock or unlock"), {}, tr("Lock the selected layers, or unlock them (L on the bit map)"), [this] {
        const auto& layers = m_document.selection();
        const bool allLocked = std::all_of(layers.begin(), layers.end(), [this](int layer) {
            return m_document.cell(layer).state == LayerState::Locked;
        });
        m_document.setLocked(layers, !allLocked);
    });
    add("edit.automatic", tr("&Automatic"), {}, tr("Give the selected layers back to the solver (Delete on the bit map)"),
        [this] { m_document.makeAutomatic(m_document.selection()); });

    add("run.pipeline", tr("&Run"), QKeySequence(Qt::Key_F5), tr("Run the stages that are not finished"),
        [this] { m_controller.run(); });
    add("run.evaluate", tr("&Evaluate"), QKeySequence(tr("Ctrl+E")), tr("Measure these bits with nearest rounding"),
        [this] { m_controller.evaluate(); });
    add("run.optimise", tr("&Optimise"), QKeySequence(tr("Ctrl+R")),
        tr("Scales and rounding for these bits, then measure"), [this] { m_controller.optimise(); });
    add("run.cancel", tr("&Cancel"), QKeySequence(tr("Ctrl+.")), tr("Stop what runs; what was finished is kept"), [this] {
        m_controller.cancel();
        m_progress->setCancelling();
    });

    QAction* dark = add("view.dark", tr("&Dark"), {}, tr("Dark colours"), {});
    dark->setCheckable(true);
    dark->setChecked(isDark(palette()));
    connect(dark, &QAction::toggled, this, [](bool on) { applyAppearance(on); });
    add("help.shortcuts", tr("&Keys"), QKeySequence::HelpContents, tr("What keys and the mouse do"),
        [this] { showShortcuts(); });
    for (const ActionSpec& spec : m_actions.specs())
        addAction(m_actions.action(spec.id)); // keys work whatever menu is shown
    connect(undo, &QUndoStack::indexChanged, this, &MainWindow::enableActions);
    connect(&m_document, &AllocationDocument::selectionChanged, this, &MainWindow::enableActions);
}

void MainWindow::buildMenusAndToolBars()
{
    m_actions.fillMenuBar(menuBar(), {{QStringLiteral("file"), tr("&File")},
                                      {QStringLiteral("edit"), tr("&Edit")},
                                      {QStringLiteral("run"), tr("&Run")},
                                      {QStringLiteral("view"), tr("&View")},
                                      {QStringLiteral("help"), tr("&Help")}});
    auto* tools = addToolBar(tr("Actions"));
    tools->setObjectName(QStringLiteral("toolbar.actions"));
    tools->setMovable(false);
    tools->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_actions.fillToolBar(tools, {QStringLiteral("file.open"), QStringLiteral("file.export"), QStringLiteral("|"),
                                  QStringLiteral("run.pipeline"), QStringLiteral("run.evaluate"),
                                  QStringLiteral("run.optimise"), QStringLiteral("run.cancel"), QStringLiteral("|"),
                                  QStringLiteral("edit.undo"), QStringLiteral("edit.redo"), QStringLiteral("edit.lock"),
                                  QStringLiteral("edit.automatic")});
    addToolBarBreak();
    auto* header = addToolBar(tr("Bits and budget"));
    header->setObjectName(QStringLiteral("toolbar.header"));
    header->setMovable(false);
    header->addWidget(new HeaderStrip(m_session, m_document, m_whatIf, header));
    m_sessionParts << tools << header;
    if (auto* view = menuBar()->findChild<QMenu*>(QStringLiteral("view"))) {
        view->addSeparator();
        const auto docks = findChildren<QDockWidget*>();
        for (QDockWidget* dock : docks)
            view->addAction(dock->toggleViewAction());
    }
}

void MainWindow::enableActions()
{
    const auto enable = [this](const char* id, bool on) { m_actions.action(QString::fromLatin1(id))->setEnabled(on); };
    const bool busy = m_controller.busy(), measured = m_controller.canMeasure();
    const auto& runs = m_session.runs();
    enable("file.export", std::any_of(runs.begin(), runs.end(),
                                      [](const RunPtr& run) { return run->rounding == Rounding::Optimised; }));
    enable("edit.undo", m_document.undoStack()->canUndo());
    enable("edit.redo", m_document.undoStack()->canRedo());
    enable("edit.lock", !m_document.selection().isEmpty());
    enable("edit.automatic", !m_document.selection().isEmpty());
    enable("run.pipeline", m_session.isOpen() && !busy);
    enable("run.evaluate", measured);
    enable("run.optimise", measured);
    enable("run.cancel", busy);
}

void MainWindow::showOpenDialog()
{
    auto* dialog = new OpenDialog(m_defaults, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &OpenDialog::chosen, this, [this](const RunConfig& config) {
        m_defaults = config;
        m_controller.open(config);
    });
    dialog->open();
}

void MainWindow::showExportDialog()
{
    RunPtr wanted = m_session.runOf(m_document.allocation());
    m_exportDialog = new ExportDialog(m_session, wanted, fromStd(m_session.config().out), this);
    m_exportDialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_exportDialog, &ExportDialog::exportRequested, &m_controller, &PipelineController::exportRun);
    m_exportDialog->open();
}

void MainWindow::showShortcuts()
{
    QString rows;
    for (const ActionSpec& spec : m_actions.specs())
        if (!spec.shortcut.isEmpty())
            rows += QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(spec.shortcut.toString(QKeySequence::NativeText).toHtmlEscaped(), spec.tip.toHtmlEscaped());
    const auto row = [&rows](const QString& key, const QString& what) {
        rows += QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>").arg(key, what);
    };
    row(tr("2 to 8"), tr("On the bit map: width of the selected layers"));
    row(tr("Arrows"), tr("On the bit map: move; with Shift extend the selection"));
    row(tr("L, Delete"), tr("On the bit map: lock or unlock; back to automatic"));
    row(tr("Click, drag"), tr("On the bit map: set a width, paint over layers"));
    row(tr("Double click"), tr("On a measured point of the curve: load its bits"));
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Keys"), QStringLiteral("<table>%1</table>").arg(rows),
                                QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace mprdo

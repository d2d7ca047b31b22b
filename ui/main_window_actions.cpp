// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of the window and what is made from them.
#include "ui/appearance.h"
#include "ui/document_text.h"
#include "ui/export_dialog.h"
#include "ui/header_strip.h"
#include "ui/help_dialog.h"
#include "ui/main_window.h"
#include "ui/open_dialog.h"
#include "ui/message_bar.h"
#include "ui/pattern_dialog.h"
#include "ui/quality_text.h"
#include "ui/report_page.h"
#include "ui/text_format.h"
#include "widgets/plot_view.h"
#include "widgets/progress_strip.h"
#include <QClipboard>
#include <QDockWidget>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QToolBar>
#include <algorithm>
#include <map>

namespace mprdo {

void MainWindow::addActions()
{
    const auto add = [this](const char* id, const QString& text, const QKeySequence& key, const QString& tip,
                            std::function<void()> f) {
        return m_actions.add({QString::fromLatin1(id), text, key, tip, Qt::WindowShortcut}, std::move(f));
    };
    add("file.demo", tr("Explore the &demo"), {}, tr("Open the built-in network and images"), [this] { openDemo(); });
    add("file.open", tr("&Open..."), QKeySequence::Open, tr("Open a model and data"), [this] { showOpenDialog(); });
    add("file.openSession", tr("Open &session..."), QKeySequence(tr("Ctrl+Shift+O")), tr("Go on with a session file"),
        [this] { openSession({}); });
    add("file.saveSession", tr("&Keep session as..."), QKeySequence::Save, tr("Keep everything measured in a file"),
        [this] { saveSession(); });
    add("file.export", tr("&Export..."), QKeySequence(tr("Ctrl+Shift+X")), tr("Write an optimised run to files"),
        [this] { showExportDialog(); });
    add("file.report", tr("Write a &report..."), {}, tr("One page for a colleague, HTML or PDF"), [this] { saveReport(); });
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

    addEditActions();
    add("run.pipeline", tr("&Run"), QKeySequence(Qt::Key_F5), tr("Run the stages that are not finished"),
        [this] { m_controller.run(); });
    add("run.evaluate", tr("&Evaluate"), QKeySequence(tr("Ctrl+E")), tr("Measure these bits with nearest rounding"),
        [this] { m_controller.evaluate(); });
    add("run.optimise", tr("&Optimise"), QKeySequence(tr("Ctrl+R")),
        tr("Scales and rounding for these bits, then measure"), [this] { m_controller.optimise(); });
    addWhyActions();
    add("run.cancel", tr("&Cancel"), QKeySequence(tr("Ctrl+.")), tr("Stop what runs; what was finished is kept"), [this] {
        m_controller.cancel();
        m_progress->setCancelling();
    });

    QAction* automatic = add("run.auto", tr("Evaluate &by itself"), QKeySequence(tr("Ctrl+Shift+A")),
                             tr("Measure whenever the bits have rested for 0.3 s"), {});
    automatic->setCheckable(true);
    connect(automatic, &QAction::toggled, this, [this](bool on) { m_controller.setAutoMeasure(on); });

    QAction* dark = add("view.dark", tr("&Dark"), {}, tr("Dark colours"), {});
    dark->setCheckable(true);
    dark->setChecked(isDark(palette()));
    connect(dark, &QAction::toggled, this, [](bool on) { applyAppearance(on); });
    connect(dark, &QAction::triggered, this, [](bool on) { // by the user, who wants it so the next time too
        Settings settings = Settings::load();
        settings.theme = on ? ThemeChoice::Dark : ThemeChoice::Light;
        settings.save();
    });
    add("help.contents", tr("&Help"), QKeySequence::HelpContents, tr("Ideas, formulas, mouse and keys"),
        [this] { showHelp(); });
    add("help.about", tr("&About"), {}, tr("Versions and licence"), [this] { showAbout(); });
    for (const ActionSpec& spec : m_actions.specs())
        addAction(m_actions.action(spec.id)); // keys work whatever menu is shown
    connect(undo, &QUndoStack::indexChanged, this, &MainWindow::enableActions);
    connect(&m_document, &AllocationDocument::selectionChanged, this, &MainWindow::enableActions);
}

void MainWindow::addEditActions()
{
    const auto add = [this](const char* id, const QString& text, const QKeySequence& key, const QString& tip,
                            std::function<void()> f) {
        m_actions.add({QString::fromLatin1(id), text, key, tip, Qt::WindowShortcut}, std::move(f));
    };
    add("edit.pattern", tr("Layers by &pattern..."), QKeySequence(tr("Ctrl+L")), tr("A width for layer3.* and the like"), [this] {
        if (!m_patternDialog) {
            m_patternDialog = new PatternDialog(m_document, this);
            m_patternDialog->setAttribute(Qt::WA_DeleteOnClose);
        }
        m_patternDialog->show();
        m_patternDialog->raise();
        m_patternDialog->activateWindow();
    });
    add("edit.block", tr("Same bits for the &block"), QKeySequence(tr("Ctrl+B")),
        tr("All layers of the selected layers' blocks get the selected layer's bits"), [this] {
            std::map<std::string, Bits> wanted; // the highest of the selected ones
            const auto& layers = m_session.model().layers;
            for (const int layer : m_document.selection())
                wanted[layers[std::size_t(layer)].block] = std::max(wanted[layers[std::size_t(layer)].block],
                                                                    m_document.cell(layer).bits);
            m_document.beginGesture();
            for (const auto& [block, bits] : wanted) {
                QVector<int> members;
                for (std::size_t l = 0; l < layers.size(); ++l)
                    if (layers[l].block == block)
                        members.append(int(l));
                m_document.paint(members, bits);
            }
            m_document.endGesture();
        });
    add("edit.ends", tr("&First and last layer at 8 bits"), {}, tr("The layers that lose most"),
        [this] { m_document.paint({0, m_document.layerCount() - 1}, kMaxBits); });
    QAction* hold = m_actions.add({QStringLiteral("edit.holdBudget"), tr("&Hold the budget"), {},
                                   tr("After each edit, solve the automatic layers anew for the budget"), Qt::WindowShortcut});
    hold->setCheckable(true);
    connect(hold, &QAction::toggled, &m_whatIf, &WhatIfModel::setHoldBudget);
    connect(&m_whatIf, &WhatIfModel::settingsChanged, hold, [this, hold] { hold->setChecked(m_whatIf.holdsBudget()); });
    add("edit.copyBits", tr("&Copy bits as JSON"), QKeySequence(tr("Ctrl+Shift+C")), tr("For --allocation, or to paste again"),
        [this] { QGuiApplication::clipboard()->setText(bitsJson(m_document)); });
    add("edit.pasteBits", tr("Paste bits from &JSON"), QKeySequence(tr("Ctrl+Shift+V")),
        tr("Layers or patterns and their bits, or a quant_export.json"), [this] {
            const BitsFromJson read = bitsFromJson(QGuiApplication::clipboard()->text().toUtf8(), m_document);
            if (!read.error.isEmpty())
                return m_status->setText(tr("Nothing was pasted: %1").arg(read.error));
            Allocation bits = m_document.allocation();
            for (std::size_t l = 0; l < bits.bits.size(); ++l)
                if (read.allocation.bits[l] != 0)
                    bits.bits[l] = read.allocation.bits[l];
            const int changed = m_document.load(bits, tr("Paste bits"));
            m_status->setText(read.unmatched.isEmpty()
                                  ? tr("%1 layers were changed").arg(changed)
                                  : tr("%1 layers were changed; nothing is called %2")
                                        .arg(changed)
                                        .arg(read.unmatched.join(QStringLiteral(", "))));
        });
    add("edit.settings", tr("&Settings..."), QKeySequence::Preferences, tr("Colours, threads, what new sessions start with"),
        [this] { showSettings(); });
}

void MainWindow::buildMenusAndToolBars()
{
    m_actions.fillMenuBar(menuBar(), {{QStringLiteral("file"), tr("&File")},
                                      {QStringLiteral("edit"), tr("&Edit")},
                                      {QStringLiteral("run"), tr("&Run")},
                                      {QStringLiteral("view"), tr("&View")},
                                      {QStringLiteral("help"), tr("&Help")}});
    if (auto* file = menuBar()->findChild<QMenu*>(QStringLiteral("file"))) {
        m_recentMenu = new QMenu(tr("Recent sess&ions"), this);
        m_recentMenu->setObjectName(QStringLiteral("recent"));
        file->insertMenu(m_actions.action(QStringLiteral("file.saveSession")), m_recentMenu);
        connect(file, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
    }
    auto* tools = addToolBar(tr("Actions"));
    tools->setObjectName(QStringLiteral("toolbar.actions"));
    tools->setMovable(false);
    tools->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_actions.fillToolBar(tools, {QStringLiteral("file.open"), QStringLiteral("file.export"), QStringLiteral("|"),
                                  QStringLiteral("run.pipeline"), QStringLiteral("run.evaluate"),
                                  QStringLiteral("run.optimise"), QStringLiteral("run.auto"), QStringLiteral("run.cancel"), QStringLiteral("|"),
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
    enable("file.saveSession", m_session.isOpen());
    for (const char* id : {"edit.pattern", "edit.ends", "edit.copyBits", "edit.pasteBits", "edit.holdBudget", "run.auto"})
        enable(id, m_session.isOpen());
    enable("edit.block", !m_document.selection().isEmpty());
    enable("file.report", !m_session.rows().empty());
    enable("edit.undo", m_document.undoStack()->canUndo());
    enable("edit.redo", m_document.undoStack()->canRedo());
    enable("edit.lock", !m_document.selection().isEmpty());
    enable("edit.automatic", !m_document.selection().isEmpty());
    enable("run.pipeline", m_session.isOpen() && !busy);
    enable("run.evaluate", measured);
    enable("run.optimise", measured);
    enable("run.cancel", busy);
    enableWhyActions();
}

void MainWindow::showOpenDialog() { askToOpen({}); }

void MainWindow::askToOpen(const QString& classesNeeded)
{
    auto* dialog = new OpenDialog(m_defaults, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &OpenDialog::chosen, this, [this](const RunConfig& config) {
        m_defaults = config;
        m_controller.open(config);
    });
    if (!classesNeeded.isEmpty())
        dialog->askForClasses(classesNeeded);
    dialog->open();
}

void MainWindow::showExportDialog()
{
    RunPtr wanted = m_session.runOf(m_document.allocation());
    m_exportDialog = new ExportDialog(m_session, wanted, fromStd(m_session.config().out),
                                      m_exports.value_or(m_session.config().exports), this);
    m_exportDialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_exportDialog, &ExportDialog::exportRequested, this, [this](const RunPtr& run, const QString& folder, const ExportOptions& options) {
        m_exported = run;
        m_exports = options;
        m_controller.exportRun(run, folder, options);
    });
    m_exportDialog->open();
}

void MainWindow::showHelp()
{
    if (!m_help) {
        m_help = new HelpDialog(m_actions, this);
        m_help->setAttribute(Qt::WA_DeleteOnClose);
    }
    m_help->show();
    m_help->raise();
    m_help->activateWindow();
}

void MainWindow::showAbout()
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("About MPRDO-PTQ"),
                                tr("<h3>MPRDO-PTQ</h3><p>Mixed-precision, rate-distortion optimized post-training "
                                   "quantization.</p><p>%1</p><p>GPL-3.0-or-later.</p>")
                                    .arg(m_versions.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"))),
                                QMessageBox::Close, this);
    box->setObjectName(QStringLiteral("about"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextInteractionFlags(Qt::TextSelectableByMouse);
    box->open();
}

void MainWindow::saveReport()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Write a report"), m_session.title() + QStringLiteral(".html"),
                                                      tr("Web page (*.html);;PDF (*.pdf)"));
    if (path.isEmpty())
        return;
    const auto chart = [this](const char* name) { return findChild<widgets::PlotView*>(QString::fromLatin1(name)); };
    const QString problem = writeReport(path, m_session, m_pair,
                                        {{tr("Rate and distortion"), chart("rd")},
                                         {tr("Sensitivity"), chart("sensitivity"), {900, 320}},
                                         {qualityText(m_session.labelled()), chart("comparison.plot")},
                                         {tr("What the stages earned"), chart("compare.stages")}});
    if (problem.isEmpty())
        m_status->setText(tr("The report is in %1").arg(path));
    else
        m_message->showMessage(MessageBar::Kind::Error, problem);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does to answer "why" and "find".
#include "ui/calibration_dialog.h"
#include "ui/diagnosis_dialog.h"
#include "ui/find_dialog.h"
#include "ui/front_dialog.h"
#include "ui/main_window.h"
#include "ui/message_bar.h"
#include "ui/runs_page.h"
#include "ui/text_format.h"
#include <QLabel>

namespace mprdo {

namespace {
constexpr double kWorthAsking = 0.5; ///< points that plain 8 bits may lose before somebody asks why
}

void MainWindow::addWhyActions()
{
    const auto add = [this](const char* id, const QString& text, const QKeySequence& key, const QString& tip,
                            std::function<void()> f) {
        m_actions.add({QString::fromLatin1(id), text, key, tip, Qt::WindowShortcut}, std::move(f));
    };
    add("run.confirm", tr("Con&firm"), QKeySequence(tr("Ctrl+Shift+E")),
        tr("Measure the run of these bits, or the selected one, on images never looked at"), [this] {
            if (const RunPtr run = runInQuestion())
                m_controller.confirm(run->id);
        });
    add("run.find", tr("F&ind..."), QKeySequence::Find, tr("The smallest allocation that keeps a drop, by measuring"),
        [this] { showFindDialog(); });
    add("run.measureFront", tr("&Measure the front..."), {}, tr("Measure some allocations along the predicted front"),
        [this] { showFrontDialog(); });
    add("run.blame", tr("What costs &accuracy"), {},
        tr("Leave one layer after the other in FP32 and measure what it gains"), [this] {
            showPage("blame");
            if (const RunPtr run = m_session.runOf(m_document.allocation()))
                m_controller.blame(run->id);
        });
    add("run.diagnose", tr("&Why 8 bits lose"), {}, tr("Check the usual causes of a bad 8-bit baseline"),
        [this] { m_controller.diagnose(); });
    add("run.calibration", tr("Ca&libration images..."), {},
        tr("Which images calibrate, and how much depends on the choice"), [this] { showCalibration(); });
}

void MainWindow::connectWhy()
{
    connect(&m_controller, &PipelineController::blamed, &m_why, &WhyModel::setBlame);
    connect(&m_controller, &PipelineController::diagnosed, &m_why, &WhyModel::setDiagnosis);
    connect(&m_controller, &PipelineController::drawn, &m_why, &WhyModel::setDraws);
    connect(&m_controller, &PipelineController::told, m_status, &QLabel::setText);
    connect(&m_controller, &PipelineController::opened, this, [this] {
        m_diagnosisOffered = false;
        tellWhoWrites();
    });
    connect(&m_walk, &FrontWalk::told, m_status, &QLabel::setText);
    connect(&m_walk, &FrontWalk::activeChanged, this, &MainWindow::enableActions);
    connect(&m_whatIf, &WhatIfModel::frontChanged, this, &MainWindow::enableActions);
    connect(m_runs, &RunsPage::chosenChanged, this, &MainWindow::enableActions);
    connect(&m_session, &SessionModel::rowsChanged, this, &MainWindow::offerDiagnosis);
    connect(&m_why, &WhyModel::diagnosisChanged, this, &MainWindow::showDiagnosis);
}

RunPtr MainWindow::runInQuestion() const
{
    const RunPtr chosen = m_runs->chosen();
    return chosen ? chosen : m_session.runOf(m_document.allocation());
}

void MainWindow::enableWhyActions()
{
    const auto enable = [this](const char* id, bool on) { m_actions.action(QString::fromLatin1(id))->setEnabled(on); };
    const bool measured = m_controller.canMeasure();
    m_actions.action(QStringLiteral("run.blame"))->setText(m_session.labelled() ? tr("What costs &accuracy") : tr("What costs &agreement"));
    enable("run.blame", measured && m_session.runOf(m_document.allocation()));
    enable("run.diagnose", measured);
    enable("run.calibration", m_session.isOpen());
    enable("run.find", m_walk.possible());
    enable("run.measureFront", m_walk.possible());

    QAction* confirm = m_actions.action(QStringLiteral("run.confirm"));
    const RunPtr run = runInQuestion();
    const std::int64_t images = m_session.data().confirmation;
    confirm->setEnabled(m_controller.canConfirm(run));
    const QString tip = m_session.isOpen() && images == 0
        ? tr("Every test image is an evaluation image: none is left that was not looked at")
        : !run ? tr("Measure the run of these bits, or the selected one, on images never looked at")
               : tr("Measure run %1 on %2 images never looked at").arg(run->id).arg(countText(images));
    confirm->setStatusTip(tip);
    confirm->setToolTip(QStringLiteral("%1 (%2)").arg(tip, confirm->shortcut().toString(QKeySequence::NativeText)));
}

void MainWindow::offerDiagnosis()
{
    const MethodRow* naive = m_session.row("Naive 8-bit PTQ");
    if (!naive || m_diagnosisOffered || m_message->isVisible() || naive->dropPoints <= kWorthAsking)
        return;
    m_diagnosisOffered = true;
    m_message->offer(tr("Plain 8-bit quantization loses %1 points here.").arg(naive->dropPoints, 0, 'f', 2),
                     tr("Find out why"), [this] { m_controller.diagnose(); });
}

void MainWindow::showDiagnosis()
{
    if (!m_why.diagnosis())
        return;
    if (!m_diagnosis) {
        m_diagnosis = new DiagnosisDialog(this);
        m_diagnosis->setAttribute(Qt::WA_DeleteOnClose);
    }
    m_diagnosis->setDiagnosis(*m_why.diagnosis(), m_session.labelled());
    m_diagnosis->show();
    m_diagnosis->raise();
}

void MainWindow::showFrontDialog()
{
    auto* dialog = new FrontDialog(m_session, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &FrontDialog::wanted, &m_walk, &FrontWalk::measure);
    dialog->open();
}

void MainWindow::showFindDialog()
{
    auto* dialog = new FindDialog(m_session, m_whatIf, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &FindDialog::wanted, &m_walk, &FrontWalk::find);
    dialog->open();
}

void MainWindow::showCalibration()
{
    if (!m_calibration) {
        m_calibration = new CalibrationDialog(m_session, m_controller, m_why, this);
        m_calibration->setAttribute(Qt::WA_DeleteOnClose);
    }
    m_calibration->show();
    m_calibration->raise();
    m_calibration->activateWindow();
}

void MainWindow::tellWhoWrites()
{
    if (!m_controller.heldBy().isEmpty())
        m_message->offer(
            tr("The session is written by %1: this window reads along, nothing is kept.").arg(m_controller.heldBy()),
            tr("Try again"), [this] { m_controller.open(m_session.config()); });
}

void MainWindow::tellWriterGone()
{
    m_message->offer(tr("The session is free: %1 has closed it. Opened again, what you measure is kept.").arg(m_controller.heldBy()),
                     tr("Open again"), [this] { m_controller.open(m_session.config()); });
}

} // namespace mprdo

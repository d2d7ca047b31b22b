// SPDX-License-Identifier: GPL-3.0-or-later
// Session files, what is dropped on the window, and what it says of a session that was just opened.
#include "ui/figure_data.h"
#include "ui/main_window.h"
#include "ui/message_bar.h"
#include "ui/open_dialog.h"
#include "ui/text_format.h"
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QTabWidget>
#include <algorithm>

namespace mprdo {

namespace {
const QString kSuffix = QStringLiteral(".mprdo");
}

void MainWindow::openSession(const QString& path)
{
    const QString wanted = path.isEmpty() ? QFileDialog::getOpenFileName(this, tr("Open a session"), {},
                                                                         tr("Sessions (*.mprdo);;All files (*)"))
                                          : path;
    if (wanted.isEmpty())
        return;
    if (m_session.isOpen() && QFileInfo(fromStd(m_session.config().sessionPath)) == QFileInfo(wanted))
        return; // it is the one that is open
    RunConfig config = m_defaults;
    config.demo = false;
    config.modelPath.clear();
    config.dataPath.clear();
    config.sessionPath = wanted.toStdString();
    m_controller.open(config);
}

void MainWindow::saveSession()
{
    QString path = QFileDialog::getSaveFileName(this, tr("Keep the session in"), m_session.title() + kSuffix,
                                                tr("Sessions (*.mprdo)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += kSuffix;
    if (QFileInfo::exists(path)) { // the dialog has asked whether it may be replaced
        if (QFileInfo(path) == QFileInfo(fromStd(m_session.config().sessionPath)))
            return;
        QFile::remove(path);
    }
    keepLayout();
    m_controller.saveAs(path);
}

void MainWindow::fillRecentMenu()
{
    m_recentMenu->clear();
    const QStringList files = m_recent.files();
    for (const QString& path : files)
        m_recentMenu->addAction(QString(path).replace(QLatin1Char('&'), QStringLiteral("&&")), this,
                                [this, path] { openSession(path); });
    m_recentMenu->setEnabled(!files.isEmpty());
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    RunConfig config = m_defaults;
    bool any = false;
    const QList<QUrl> urls = event->mimeData()->urls();
    for (const QUrl& url : urls) {
        const QString path = url.toLocalFile();
        if (path.endsWith(kSuffix))
            return openSession(path);
        const QStringList endings{QStringLiteral(".npz"), QStringLiteral(".npy"), QStringLiteral("ubyte"), QStringLiteral("ubyte.gz")};
        const bool data = QFileInfo(path).isDir() || std::any_of(endings.begin(), endings.end(), [&](const QString& ending) {
            return path.endsWith(ending, Qt::CaseInsensitive);
        });
        (data ? config.dataPath : config.modelPath) = path.toStdString();
        any = any || !path.isEmpty();
    }
    if (!any)
        return;
    event->acceptProposedAction();
    m_defaults = config;
    showOpenDialog();
}

ExportResult MainWindow::withComparison(ExportResult result) const
{
    if (result.files.empty() || !m_exported)
        return result;
    RunReport report;
    report.config = m_session.config();
    report.model = m_session.model();
    report.data = m_session.data();
    report.sensitivity = m_session.sensitivity();
    report.front = m_whatIf.front() ? m_whatIf.front()->front : FrontPtr();
    report.allocation = m_exported->allocation;
    report.methods = m_session.rows();
    report.methods.push_back(m_exported->row);
    report.run = m_exported;
    const QString path = QFileInfo(fromStd(result.files.front().path)).dir().filePath(QStringLiteral("comparison.png"));
    QString error;
    if (widgets::drawComparisonFigure(figureData(report), path, &error))
        result.files.push_back({path.toStdString(), QFileInfo(path).size()});
    else
        m_message->showMessage(MessageBar::Kind::Information, tr("The picture was not written: %1").arg(error));
    return result;
}

void MainWindow::showPage(const char* name)
{
    if (auto* page = m_results->findChild<QWidget*>(QStringLiteral("page.") + QString::fromLatin1(name)))
        m_results->setCurrentWidget(page);
}

void MainWindow::judgeFp32()
{
    const MethodRow* fp32 = m_session.row("FP32");
    const auto classes = double(m_session.data().classes.size());
    if (!fp32 || classes < 2 || m_session.rows().size() > 1)
        return;
    if (!m_session.labelled())
        return m_message->showMessage(MessageBar::Kind::Information,
                                      tr("These images have no labels: what FP32 answers counts as right, and what is "
                                         "measured is agreement with it."));
    const double accuracy = fp32->evaluation.accuracyPercent(), chance = 100 / classes;
    if (accuracy > 2 * chance && accuracy > chance + 10)
        return;
    m_message->showMessage(MessageBar::Kind::Information,
                           tr("The network itself is right on %1 of the images, and chance is %2: check mean and std, the "
                              "order of the classes, and the architecture.")
                               .arg(percentText(accuracy), percentText(chance)));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What the user prefers, and how a session was looked at.
#include "ui/appearance.h"
#include "ui/main_window.h"
#include "ui/settings_dialog.h"
#include "ui/window_layout.h"
#include <QApplication>

namespace mprdo {

namespace {
const QString kNote = QStringLiteral("window");
}

void MainWindow::startWith(const Settings& settings, std::set<std::string> given)
{
    m_given = std::move(given);
    takeSettings(settings);
    m_actions.action(QStringLiteral("run.auto"))->setChecked(settings.autoMeasure);
}

void MainWindow::takeSettings(const Settings& settings)
{
    settings.fill(m_defaults, m_given);
    applyTheme(settings.theme);
    m_actions.action(QStringLiteral("view.dark"))->setChecked(isDark(QApplication::palette()));
}

void MainWindow::showSettings()
{
    auto* dialog = new SettingsDialog(Settings::load(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &SettingsDialog::chosen, this, [this](const Settings& settings) {
        settings.save();
        takeSettings(settings);
    });
    dialog->open();
}

void MainWindow::watchLayout()
{
    m_layout = new WindowLayout(*this, m_document, m_pair);
    connect(m_layout, &WindowLayout::changed, this, &MainWindow::keepLayout);
    connect(&m_controller, &PipelineController::replacing, this, &MainWindow::keepLayout);
}

void MainWindow::keepLayout()
{
    if (!m_session.isOpen())
        return;
    if (const QString text = m_layout->text(); text != m_controller.note(kNote))
        m_controller.keepNote(kNote, text);
}

void MainWindow::restoreLayout() { m_layout->restore(m_controller.note(kNote)); }

} // namespace mprdo

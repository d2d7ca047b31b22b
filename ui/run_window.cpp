// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_window.h"
#include "ui/appearance.h"
#include "ui/main_window.h"
#include <QApplication>
#include <QScreen>
#include <QStyle>

namespace mprdo {

int runWindow(int& argc, char** argv, const WindowStart& start)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("mprdo-ptq"));
    QApplication::setApplicationDisplayName(QStringLiteral("MPRDO-PTQ"));
    QApplication::setDesktopFileName(QStringLiteral("io.github.mprdo_ptq"));
    applyAppearance(isDark(QApplication::palette()));
    MainWindow window(start.factory, start.defaults);
    window.setVersions(start.versions);
    const QSize room = window.screen()->availableSize() - QSize(0, 2 * window.style()->pixelMetric(QStyle::PM_TitleBarHeight));
    if (window.width() > room.width() || window.height() > room.height())
        window.showMaximized(); // the window's frame would push its status bar off the screen
    else
        window.show();
    if (start.open)
        window.open(*start.open);
    return QApplication::exec();
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_window.h"
#include "ui/appearance.h"
#include "ui/main_window.h"
#include <QApplication>

namespace mprdo {

int runWindow(int& argc, char** argv, const WindowStart& start)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("mprdo-ptq"));
    QApplication::setApplicationDisplayName(QStringLiteral("MPRDO-PTQ"));
    QApplication::setDesktopFileName(QStringLiteral("io.github.mprdo_ptq"));
    applyAppearance(isDark(QApplication::palette()));
    MainWindow window(start.factory, start.defaults);
    window.show();
    if (start.open)
        window.open(*start.open);
    return QApplication::exec();
}

} // namespace mprdo

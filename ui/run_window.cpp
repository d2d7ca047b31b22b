// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_window.h"
#include "ui/appearance.h"
#include "ui/main_window.h"
#include "ui/window_layout.h"
#include "ui/ui_map.h"
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
    const Settings settings = Settings::load();
    applyTheme(settings.theme);
    MainWindow window(start.factory, start.defaults);
    window.startWith(settings, start.given);
    window.setVersions(start.versions);
    const QSize room = window.screen()->availableSize() - QSize(0, 2 * window.style()->pixelMetric(QStyle::PM_TitleBarHeight));
    if (restoreGeometry(window))
        window.show();
    else if (window.width() > room.width() || window.height() > room.height())
        window.showMaximized(); // the window's frame would push its status bar off the screen
    else
        window.show();
    std::optional<UiMap> map;
    if (!start.uiMap.isEmpty())
        map.emplace(window, start.uiMap);
    if (start.open) {
        RunConfig config = *start.open;
        settings.fill(config, start.given);
        window.open(config);
    }
    const int code = QApplication::exec();
    keepGeometry(window);
    return code;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "ui/action_registry.h"
#include <QMenuBar>
#include <QSignalSpy>
#include <QToolBar>
#include <QtTest>

using namespace mprdo;

class TstActions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void menusAndToolBarsComeFromTheRegistry()
    {
        ActionRegistry registry;
        int triggered = 0;
        registry.add({"file.open", "&Open", QKeySequence("Ctrl+O"), "Open a file"}, [&] { ++triggered; });
        registry.add({"file.quit", "&Quit", {}, "Close"});
        registry.add({"run.go", "&Go", QKeySequence("F5"), "Start", Qt::WidgetShortcut});
        QMenuBar bar;
        registry.fillMenuBar(&bar, {{"run", "&Run"}, {"file", "&File"}});
        QCOMPARE(bar.actions().size(), 2);
        QCOMPARE(bar.actions()[0]->text(), QString("&Run"));
        const auto* file = bar.findChild<QMenu*>("file");
        QVERIFY(file);
        QCOMPARE(file->actions(), (QList<QAction*>{registry.action("file.open"), registry.action("file.quit")}));
        QToolBar tools;
        registry.fillToolBar(&tools, {"run.go", "|", "file.open", "unknown"});
        QCOMPARE(tools.actions().size(), 3);
        QVERIFY(tools.actions()[1]->isSeparator());
        registry.action("file.open")->trigger();
        QCOMPARE(triggered, 1);
        QCOMPARE(registry.action("run.go")->shortcutContext(), Qt::WidgetShortcut);
        QCOMPARE(registry.action("file.open")->toolTip(), QString("Open a file (Ctrl+O)"));
        QCOMPARE(registry.action("nothing"), nullptr);
    }
};

MPRDO_TEST(TstActions)
#include "tst_actions.moc"

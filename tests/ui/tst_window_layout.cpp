// SPDX-License-Identifier: GPL-3.0-or-later
// How a session was looked at comes back with it.
#include "tests/support/test_registry.h"
#include "tests/ui/reopened_window.h"
#include "ui/header_strip.h"
#include "ui/message_bar.h"
#include "ui/window_layout.h"
#include "widgets/sensitivity_plot.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTabBar>
#include <QTabWidget>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::keepSession;
using mprdo::test::reopenedWindow;
using mprdo::test::WindowFixture;

namespace {

/// Everything that is kept, as the window shows it.
QString shown(WindowFixture& f)
{
    QStringList out;
    for (const char* name : {"bars.order", "bars.width", "rd.x", "rd.y", "rd.rate", "budget.unit", "metric"})
        out << QString("%1=%2").arg(name, f.find<QComboBox>(name)->currentText());
    for (const char* name : {"bars.log", "bars.errors", "budget.hold"})
        out << QString("%1=%2").arg(name).arg(f.find<QCheckBox>(name)->isChecked());
    out << QString("page=%1").arg(f.find<QTabWidget>("results")->currentWidget()->objectName());
    for (const char* name : {"dock.pipeline", "dock.rd", "dock.results"})
        out << QString("%1=%2 in %3")
                   .arg(name, f.find<QDockWidget>(name)->isVisible() ? "shown" : "hidden")
                   .arg(int(f.window.dockWidgetArea(f.find<QDockWidget>(name))));
    out << "a=" + (f.window.pair().a() ? f.window.pair().a()->key : QString());
    out << "b=" + (f.window.pair().b() ? f.window.pair().b()->key : QString());
    for (const int layer : f.window.document().selection())
        out << f.window.document().name(layer);
    return out.join('\n');
}

/// Chosen with the keyboard, as a user without a mouse does.
void choose(WindowFixture& f, const char* name, int steps)
{
    auto* box = f.find<QComboBox>(name);
    box->setFocus();
    for (int i = 0; i < steps; ++i)
        QTest::keyClick(box, Qt::Key_Down);
}

void rearrange(WindowFixture& f)
{
    choose(f, "bars.order", 2);
    choose(f, "bars.width", 2);
    choose(f, "rd.x", 1);
    choose(f, "rd.y", 1);
    choose(f, "rd.rate", 2);
    choose(f, "budget.unit", 1);
    choose(f, "metric", 1);
    for (const char* name : {"bars.log", "bars.errors", "budget.hold"})
        QTest::keyClick(f.find<QCheckBox>(name), Qt::Key_Space);
    auto* tabs = f.find<QTabWidget>("results");
    const int runs = tabs->indexOf(f.find<QWidget>("page.runs"));
    QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(runs).center());
    f.find<QDockWidget>("dock.pipeline")->close();
    f.window.addDockWidget(Qt::LeftDockWidgetArea, f.find<QDockWidget>("dock.rd"));
    f.window.pair().setA("row:Uniform 4-bit PTQ");
    f.window.pair().setB("row:Naive 8-bit PTQ");
    f.window.document().setSelection({2, 7});
}

std::string& note(WindowFixture& f) { return f.disk->files[mprdo::test::kKeptSession].notes["window"]; }

} // namespace

class TstWindowLayout : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comesBackWithTheSession()
    {
        auto f = finishedWindow();
        QVERIFY(f);
        const QString usual = shown(*f);
        QVERIFY(keepSession(*f));
        rearrange(*f);
        const QString wanted = shown(*f);
        for (const QString& line : usual.split('\n'))
            if (!line.startsWith("dock.results"))
                QVERIFY2(!wanted.split('\n').contains(line), qPrintable(line + " was not rearranged"));
        const auto disk = f->disk;
        f.reset(); // at once: the layout has not rested
        const auto again = reopenedWindow(disk);
        QVERIFY(again);
        QCOMPARE(shown(*again), wanted);
        QCOMPARE(again->find<widgets::SensitivityPlot>("sensitivity")->fixedWidth(), 6);
        QCOMPARE(again->gate->wrongThreadCalls(), 0);
    }

    void isKeptOnceItRests()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(keepSession(*f));
        choose(*f, "bars.order", 1);
        QTRY_VERIFY(f->gate->count("note window") >= 1);
        const QByteArray text = QByteArray::fromStdString(f->window.controller().note("window").toStdString());
        QCOMPARE(QJsonDocument::fromJson(text)["choices"]["bars.order"].toInt(), 1);
    }

    void anotherSessionHasItsOwn()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(keepSession(*f));
        choose(*f, "rd.x", 1);
        QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
        f->window.openDemo(); // closes the kept one before its layout has rested
        QTRY_COMPARE(done.count(), 1);
        QTRY_VERIFY(!f->window.controller().busy());
        QCOMPARE(f->find<QComboBox>("rd.x")->currentIndex(), 1); // it has none kept: all stays as it is
        QTRY_VERIFY(QString::fromStdString(note(*f)).contains("\"rd.x\":1"));
    }

    void whatIsBrokenIsLeftAsItWas_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << ""; // ' stands for "
        QTest::newRow("no JSON") << "dock.rd=hidden";
        QTest::newRow("a list") << "[1, 2]";
        QTest::newRow("cut off") << "{'docks': 'AAAA";
        QTest::newRow("empty") << "{}";
        QTest::newRow("another program's") << "{'window': {'x': 4}}";
        QTest::newRow("wrong kinds") << "{'docks': 5, 'choices': [1], 'switches': 'no', 'a': 3, 'b': [], 'unit': 'kB', "
                                        "'selection': 'conv1', 'page': 7}";
        QTest::newRow("out of range") << "{'choices': {'bars.order': 99, 'bars.width': 7, 'rd.x': -4, 'rd.y': 1e12, 'rd.rate': 3}, "
                                         "'unit': 17, 'selection': ['fc'], 'page': 'page.none'}";
        QTest::newRow("docks that are none") << "{'docks': 'bm8gZG9ja3MgYXQgYWxs'}";
        QTest::newRow("runs that are gone") << "{'a': 'row:Uniform 9-bit PTQ', 'b': 'run:77'}";
    }
    void whatIsBrokenIsLeftAsItWas()
    {
        QFETCH(QString, text);
        auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(keepSession(*f));
        const QString usual = shown(*f), told = f->window.message()->text();
        const auto disk = f->disk;
        f.reset();
        disk->files[mprdo::test::kKeptSession].notes["window"] = QString(text).replace('\'', '"').toStdString();
        const auto again = reopenedWindow(disk);
        QVERIFY(again);
        QCOMPARE(shown(*again), usual);
        QCOMPARE(again->window.message()->text(), told);
    }
};

MPRDO_TEST(TstWindowLayout)
#include "tst_window_layout.moc"

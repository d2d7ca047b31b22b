// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the window that scripts click by: read back from the file and clicked.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/export_dialog.h"
#include "ui/message_bar.h"
#include "ui/open_dialog.h"
#include "ui/ui_map.h"
#include "widgets/bit_map.h"
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QMenuBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

/// The file of a map, as a script sees it.
struct MapFile {
    QTemporaryDir folder;
    QString path = folder.filePath(QStringLiteral("map.json"));

    QByteArray bytes() const
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QJsonObject json() const { return QJsonDocument::fromJson(bytes()).object(); }
    QJsonObject widget(const QString& name) const { return json()["widgets"].toObject()[name].toObject(); }
    QJsonObject layer(int index) const { return json()["layers"].toArray().at(index).toObject(); }
    bool has(const QString& name) const { return !widget(name).isEmpty(); }
    bool enabled(const QString& name) const { return widget(name)["enabled"].toBool(); }
    QString text(const QString& name) const { return widget(name)["text"].toString(); }
};

QPoint place(const QJsonObject& object) { return {object["x"].toInt(), object["y"].toInt()}; }

/// The widget of a window that a mouse at a place of the desktop is over. (QApplication::widgetAt() knows nothing beyond the
/// screen, and the test's screen is smaller than the window.)
QWidget* under(QWidget& window, QPoint global)
{
    const QPoint place = window.mapFromGlobal(global);
    QWidget* child = window.childAt(place);
    return child ? child : window.rect().contains(place) ? &window : nullptr;
}

/// What a real mouse does there: press and release in the widget under the point.
void clickAt(QWidget& window, QPoint global)
{
    QWidget* target = under(window, global);
    QVERIFY(target);
    QTest::mouseClick(target, Qt::LeftButton, {}, target->mapFromGlobal(global));
}

} // namespace

class TstUiMap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void startPage()
    {
        WindowFixture f;
        const MapFile file;
        const UiMap map(f.window, file.path);
        const QJsonObject all = file.json();
        QCOMPARE(all["busy"].toBool(true), false);
        QCOMPARE(all["runs"].toInt(-1), 0);
        QVERIFY(all["layers"].toArray().isEmpty());
        QCOMPARE(all["window"].toObject()["title"].toString(), QString("MPRDO-PTQ"));
        QCOMPARE(all["window"].toObject()["width"].toInt(), 1280);
        QVERIFY(file.enabled("start.demo"));
        QCOMPARE(file.text("start.demo"), QString("Explore the &demo"));
        QVERIFY(file.has("menu.file"));
        for (const char* hidden : {"bit-map", "dock.rd", "message", "run.optimise", "tab.compare"})
            QVERIFY2(!file.has(hidden), hidden);
        f.gate->open();
        clickAt(f.window, place(file.widget("start.demo")));
        QTRY_COMPARE(f.gate->count("open"), 1);
    }

    void centresLieInsideTheWidgets()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const MapFile file;
        const UiMap map(f->window, file.path);
        const QJsonObject widgets = file.json()["widgets"].toObject();
        QVERIFY(widgets.size() > 40);
        const QRect window = f->window.geometry();
        int found = 0;
        for (auto it = widgets.begin(); it != widgets.end(); ++it) {
            const QJsonObject entry = it->toObject();
            const QPoint centre = place(entry);
            QVERIFY2(window.contains(centre), qPrintable(it.key()));
            QVERIFY2(entry["width"].toInt() > 0 && entry["height"].toInt() > 0 && entry.contains("enabled")
                         && entry.contains("text"),
                     qPrintable(it.key()));
            const auto* widget = f->window.findChild<QWidget*>(it.key());
            if (!widget)
                continue;
            ++found;
            QVERIFY2(widget->isVisible() && widget->rect().contains(widget->mapFromGlobal(centre)), qPrintable(it.key()));
            // What lies under the centre is the widget or a part of it.
            const QWidget* hit = under(f->window, centre);
            QVERIFY2(hit && (hit == widget || widget->isAncestorOf(hit)), qPrintable(it.key()));
        }
        QVERIFY(found > 30);
    }

    void everyVisibleControlWithANameIsThere()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const MapFile file;
        const UiMap map(f->window, file.path);
        const auto all = f->window.findChildren<QWidget*>();
        for (const QWidget* widget : all)
            if (widget->isVisible() && !widget->visibleRegion().isEmpty() && !widget->objectName().isEmpty()
                && !widget->objectName().startsWith("qt_"))
                QVERIFY2(file.has(widget->objectName()), qPrintable(widget->objectName()));
        QVERIFY(!file.has("page.runs")); // behind another tab
        QCOMPARE(file.text("readout.bits"), f->find<QWidget>("readout.bits")->accessibleName());
        QCOMPARE(file.widget("width.6")["checked"].toBool(), true);
        QCOMPARE(file.widget("width.3")["checked"].toBool(true), false);
        QVERIFY(file.widget("comparison.table")["rows"].toInt() > 3);
    }

    void aMappedCellSetsItsWidth_data()
    {
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("bits");
        for (const int layer : {0, 7, 21})
            for (const int bits : {4, 6, 8})
                QTest::addRow("layer %d, %d bits", layer, bits) << layer << bits;
    }
    void aMappedCellSetsItsWidth()
    {
        QFETCH(int, layer);
        QFETCH(int, bits);
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({layer}, bits == 4 ? 8 : 4);
        const MapFile file;
        const UiMap map(f->window, file.path);
        QCOMPARE(file.json()["layers"].toArray().size(), f->layers());
        const int rows = int(f->find<widgets::BitMap>("bit-map")->widths().size());
        for (int l = 0; l < f->layers(); ++l) {
            const QJsonObject entry = file.layer(l);
            QCOMPARE(entry["name"].toString().toStdString(), f->window.session().model().layers[std::size_t(l)].name);
            QCOMPARE(entry["bits"].toInt(), f->window.document().cell(l).bits);
            QCOMPARE(entry["cells"].toArray().size(), rows);
        }
        const QJsonArray cells = file.layer(layer)["cells"].toArray();
        for (const QJsonValue& cell : cells)
            if (cell.toObject()["bits"].toInt() == bits)
                clickAt(f->window, place(cell.toObject()));
        QCOMPARE(f->window.document().cell(layer), (LayerCell{bits, LayerState::Manual}));
        QTRY_COMPARE(file.layer(layer)["bits"].toInt(), bits); // and the file says so by itself
    }

    void tabsToolButtonsAndMenus()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const MapFile file;
        const UiMap map(f->window, file.path);
        auto* tabs = f->find<QTabWidget>("results");
        for (const char* name : {"runs", "inspector", "log", "compare"}) {
            clickAt(f->window, place(file.widget(QString("tab.") + name)));
            QVERIFY(tabs->currentWidget()->objectName().endsWith(name));
        }
        QTRY_VERIFY(file.has("page.compare"));
        QVERIFY(file.widget("tab.compare")["checked"].toBool());
        QVERIFY(file.has("tab.compare.layers")); // a page's own tabs

        f->window.document().paint({5}, 8);
        QVERIFY(file.enabled("run.optimise"));
        clickAt(f->window, place(file.widget("run.optimise")));
        QTRY_COMPARE(file.json()["runs"].toInt(), 2);
        QTRY_VERIFY(!file.json()["busy"].toBool());

        auto* menu = f->window.menuBar()->findChild<QMenu*>("help");
        menu->popup(f->window.mapToGlobal(QPoint(100, 100)));
        QTRY_VERIFY(file.has("help.about"));
        QVERIFY(file.enabled("help.about"));
        QVERIFY(!file.enabled("tab.runs")); // the menu would take that click
        QCOMPARE(menu->actionAt(menu->mapFromGlobal(place(file.widget("help.about")))), f->action("help.about"));
        menu->close();
        QTRY_VERIFY(file.enabled("tab.runs"));
        QVERIFY(!file.has("help.about"));
    }

    void dialogs()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const MapFile file;
        const UiMap map(f->window, file.path);
        f->action("file.export")->trigger();
        QTRY_VERIFY(file.has("export-dialog"));
        QVERIFY(file.enabled("export.start"));
        auto* exporting = f->window.findChild<ExportDialog*>();
        QCOMPARE(file.text("export.folder"), QString("final_rdo_ptq_output"));
        QCOMPARE(file.text("export-dialog"), QString("Export the quantized model"));
        QVERIFY(!file.enabled("tab.runs")); // the dialog is modal
        clickAt(*exporting, place(file.widget("export.start")));
        QTRY_VERIFY(file.text("export.report").contains("Read back"));
        clickAt(*exporting, place(file.widget("export-dialog.Close")));
        QTRY_VERIFY(!file.has("export-dialog"));
        QVERIFY(file.enabled("tab.runs"));

        f->action("file.open")->trigger();
        QTRY_VERIFY(file.has("open-dialog.Open"));
        QVERIFY(!file.enabled("open-dialog.Open"));
        auto* dialog = f->window.findChild<OpenDialog*>();
        for (const char* field : {"open.model", "open.data"}) {
            clickAt(*dialog, place(file.widget(field)));
            QTest::keyClicks(dialog->focusWidget(), "x");
        }
        QTRY_VERIFY(file.enabled("open-dialog.Open"));
        QCOMPARE(file.text("open.data"), QString("x"));
    }

    void aRunAndItsMessages()
    {
        WindowFixture f;
        const MapFile file;
        const UiMap map(f.window, file.path);
        f.window.openDemo();
        f.gate->allow(2 + 4);
        QTRY_VERIFY(file.json()["busy"].toBool());
        QTRY_VERIFY(file.enabled("progress.cancel"));
        QTRY_VERIFY(file.text("progress.text").contains("Stage 2"));
        f.gate->failNext("layer1.1.conv1: weights are not finite");
        f.gate->allow();
        QTRY_COMPARE(file.text("message"), QString("Sensitivity: layer1.1.conv1: weights are not finite"));
        QTRY_VERIFY(!file.json()["busy"].toBool());
        QVERIFY(!file.has("progress.cancel"));
    }

    void writtenOnlyWhenSomethingChanges()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        MapFile file;
        {
            const UiMap map(f->window, file.path);
            QCOMPARE(file.bytes(), map.text());
            f->window.repaint(); // the same picture: looked at, not written
            auto* tabs = f->find<QTabWidget>("results");
            tabs->setCurrentIndex(3);
            QTRY_VERIFY(file.widget("tab.inspector")["checked"].toBool());
            QVERIFY(map.written() >= 2 && map.written() <= 4);
            // One line for a control and for a layer.
            const QByteArrayList lines = file.bytes().split('\n');
            const auto starting = [&](const QByteArray& head) {
                return std::count_if(lines.begin(), lines.end(), [&](const QByteArray& line) { return line.startsWith(head); });
            };
            QCOMPARE(starting("\"bit-map\": {"), 1);
            QCOMPARE(starting("{\"bits\":"), f->layers());
            QCOMPARE(starting("\"busy\": false"), 1);
            QCOMPARE(QDir(file.folder.path()).entryList(QDir::Files), QStringList("map.json")); // nothing half written
        }
        QVERIFY(!QFile::exists(file.path)); // its places hold no longer
    }

    void aFileThatCannotBeWrittenIsSaidOnce()
    {
        WindowFixture f;
        const UiMap map(f.window, "/proc/no/such/map.json");
        QVERIFY(f.window.message()->isVisible());
        QVERIFY(f.window.message()->text().startsWith("The map of the window cannot be written: /proc/no/such/map.json"));
        QCOMPARE(map.written(), 0);
    }

    void pixelsOfTheScreen_data()
    {
        QTest::addColumn<QRect>("screen");
        QTest::addColumn<double>("ratio");
        QTest::addColumn<QRectF>("there");
        const QRect first(0, 0, 1280, 800), second(2560, 0, 1280, 800);
        QTest::newRow("100 %") << first << 1.0 << QRectF(100, 50, 30, 20);
        QTest::newRow("150 %") << first << 1.5 << QRectF(150, 75, 45, 30);
        QTest::newRow("200 %") << first << 2.0 << QRectF(200, 100, 60, 40);
        QTest::newRow("200 %, on another screen") << second << 2.0 << QRectF(2760, 100, 60, 40);
    }
    void pixelsOfTheScreen()
    {
        QFETCH(QRect, screen);
        QFETCH(double, ratio);
        QFETCH(QRectF, there);
        // The corner of a screen is the same in both systems of coordinates; what lies on it is scaled from there.
        QCOMPARE(UiMap::onScreen(QRectF(screen.x() + 100, 50, 30, 20), screen, ratio), there);
    }
};

MPRDO_TEST(TstUiMap)
#include "tst_ui_map.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// Charts as tables for a screen reader.
#include "tests/support/accessible_tree.h"
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/bit_map.h"
#include "widgets/series_plot.h"
#include <QtTest>

using namespace mprdo::widgets;
using mprdo::test::accessible;
using mprdo::test::accessibleTable;
using mprdo::test::Listening;
using mprdo::test::residualLayers;

namespace {

struct MapExample {
    LayerAxis axis;
    BitMap map{&axis};
    MapExample()
    {
        axis.setLayers(residualLayers(4));
        map.setWidths({2, 4, 8});
        map.setAllocation({8, 4, 2, 8},
                          {LayerState::Automatic, LayerState::Locked, LayerState::Manual, LayerState::Automatic});
        map.resize(300, 120);
    }
    QString said(int row, int column) const
    {
        return accessibleTable(const_cast<BitMap*>(&map))->cellAt(row, column)->text(QAccessible::Name);
    }
};

} // namespace

class TstAccessibleChart : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tablesFromCsv_data()
    {
        QTest::addColumn<QString>("csv");
        QTest::addColumn<int>("headers");
        QTest::addColumn<QStringList>("columns");
        QTest::addColumn<QStringList>("rows");
        QTest::addColumn<QStringList>("cells"); // row after row
        QTest::newRow("nothing") << "" << 1 << QStringList() << QStringList() << QStringList();
        QTest::newRow("header alone") << "a,b,c\n" << 1 << QStringList{"b", "c"} << QStringList() << QStringList();
        QTest::newRow("numbers") << "layer,2 bits,4 bits\nconv1,0.5,0.25\nfc,,1\n"
                                 << 1 << QStringList{"2 bits", "4 bits"} << QStringList{"conv1", "fc"}
                                 << QStringList{"0.5", "0.25", "", "1"};
        QTest::newRow("two headers, one empty") << "kind,name,x\nfront,,1\nrun,Run 1,2" << 2 << QStringList{"x"}
                                                << QStringList{"front", "run, Run 1"} << QStringList{"1", "2"};
        QTest::newRow("quoted") << "n,\"x, of y\"\n\"say \"\"a\"\", b\",\"two\nlines\"\n"
                                << 1 << QStringList{"x, of y"} << QStringList{"say \"a\", b"}
                                << QStringList{"two\nlines"};
        QTest::newRow("short line") << "n,x,y\na\n"
                                    << 1 << QStringList{"x", "y"} << QStringList{"a"} << QStringList{"", ""};
    }
    void tablesFromCsv()
    {
        QFETCH(QString, csv);
        QFETCH(int, headers);
        const ChartTable table = ChartTable::fromCsv(csv, headers);
        QTEST(table.columns, "columns");
        QTEST(table.rows, "rows");
        QStringList cells;
        for (int row = 0; row < table.rowCount(); ++row)
            for (int column = 0; column < table.columnCount(); ++column)
                cells << table.cell(row, column);
        QTEST(cells, "cells");
        QCOMPARE(table.cell(99, 0) + table.cell(0, 99) + table.cell(-1, -1), QString());
    }

    void theBitMap()
    {
        MapExample s;
        const auto* table = accessibleTable(&s.map);
        QVERIFY(table);
        QCOMPARE(table->rowCount(), 3);
        QCOMPARE(table->columnCount(), 4);
        QCOMPARE(table->rowDescription(0), QString("8 bits")); // widest on top, as drawn
        QCOMPARE(table->columnDescription(1), QString("layer1.0.conv1"));
        QCOMPARE(s.said(1, 1), QString("layer1.0.conv1, 4 bits, predicted, locked"));
        QCOMPARE(s.said(2, 2), QString("layer1.0.conv2, 2 bits, predicted, manual"));
        QCOMPARE(s.said(0, 1), QString("layer1.0.conv1, 8 bits, not chosen"));
        s.map.setSolverChoice({8, 8, 2, 8});
        QCOMPARE(s.said(0, 1), QString("layer1.0.conv1, 8 bits, not chosen, solver's choice"));
        s.map.setMeasured(true);
        QCOMPARE(s.said(0, 0), QString("conv1, 8 bits, measured, automatic"));
        QVERIFY(s.axis.setOrder({3, 2, 1, 0}));
        QCOMPARE(s.said(0, 0), QString("linear, 8 bits, measured, automatic"));
        s.map.setWidths({2, 4, 8, kFloatBits});
        s.map.setLayer(3, kFloatBits, LayerState::Manual);
        QCOMPARE(s.said(0, 0), QString("linear, FP32, measured, manual"));
    }

    void selectionAndPlaces()
    {
        MapExample s;
        auto* table = accessibleTable(&s.map);
        QSignalSpy selected(&s.map, &BitMap::selectionChanged);
        QVERIFY(table->selectColumn(2));
        QCOMPARE(s.map.selection(), QList<int>{2});
        QCOMPARE(selected.count(), 1);
        QVERIFY(table->isColumnSelected(2) && !table->isColumnSelected(1));
        QCOMPARE(table->selectedCellCount(), 3);
        s.map.show(); // only then it has places
        QVERIFY(!table->selectColumn(4) && !table->selectRow(0) && !table->unselectColumn(1));
        QVERIFY(table->unselectColumn(2));
        QVERIFY(s.map.selection().isEmpty());
        QAccessibleInterface* whole = accessible(&s.map);
        for (int row = 0; row < 3; ++row)
            for (int column = 0; column < 4; ++column) {
                QAccessibleInterface* cell = table->cellAt(row, column);
                QVERIFY(whole->rect().intersects(cell->rect()));
                QCOMPARE(whole->childAt(cell->rect().center().x(), cell->rect().center().y()), cell);
                QCOMPARE(whole->child(row * 4 + column), cell);
                QCOMPARE(whole->indexOfChild(cell), row * 4 + column);
                QCOMPARE(cell->parent(), whole);
            }
        QVERIFY(!table->cellAt(3, 0) && !table->cellAt(0, 4) && !table->cellAt(-1, 0) && !whole->child(12));
    }

    void cellsStayWhileNumbersChange()
    {
        SeriesPlot plot;
        plot.setAxes("bits", {}, "loss", {}, false, false);
        plot.setSeries({{"a", {{2, 0.5}, {4, 0.25}}}});
        auto* table = accessibleTable(&plot);
        QVERIFY(table);
        QAccessibleInterface* cell = table->cellAt(1, 1);
        QCOMPARE(cell->text(QAccessible::Name), QString("a, loss: 0.25"));
        QCOMPARE(cell->text(QAccessible::Value), QString("0.25"));
        plot.setSeries({{"a", {{2, 0.5}, {4, 0.125}, {8, 0}}}});
        QCOMPARE(cell->text(QAccessible::Value), QString("0.125"));
        plot.setSeries({{"a", {{2, 0.5}}}});
        QVERIFY(!cell->isValid()); // its place is gone
        QCOMPARE(cell->text(QAccessible::Name), QString());
        QVERIFY(cell->state().invalid);
        // The table is the canvas, which has the focus; around it the view says the same.
        QCOMPARE(accessible(plot.focusProxy())->role(), QAccessible::Table);
        QCOMPARE(accessible(plot.focusProxy())->tableInterface(), table);
        QCOMPARE(accessible(plot.focusProxy())->parent(), accessible(&plot));
        QCOMPARE(accessible(plot.focusProxy())->text(QAccessible::Name), plot.accessibleName());
    }

    void oneAnnouncementForAnEdit()
    {
        MapExample s;
        s.map.show();
        {
            const Listening listening;
            QCoreApplication::processEvents();
            Listening::forget();
            for (int layer = 0; layer < 4; ++layer)
                s.map.setLayer(layer, 4, LayerState::Manual);
            s.map.setMeasured(true);
            QCOMPARE(Listening::count(QAccessible::TableModelChanged, &s.map), 0);
            QCoreApplication::processEvents();
            QCOMPARE(Listening::count(QAccessible::TableModelChanged, &s.map), 1);
            s.map.setSelection({2}); // no number of it
            QCoreApplication::processEvents();
            QCOMPARE(Listening::count(QAccessible::TableModelChanged, &s.map), 1);
        }
        Listening::forget();
        s.map.setLayer(0, 8, LayerState::Manual); // nobody listens
        QCoreApplication::processEvents();
        QVERIFY(Listening::told().isEmpty());
    }
};

MPRDO_TEST(TstAccessibleChart)
#include "tst_accessible_chart.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/tsv_table_view.h"
#include <QClipboard>
#include <QHeaderView>
#include <QStandardItemModel>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

/// Three rows of layer, bits, note.
struct Shown {
    QStandardItemModel model;
    TsvTableView view;

    Shown()
    {
        model.setHorizontalHeaderLabels({"Layer", "Bits", "Note"});
        const QList<QStringList> rows{
            {"conv1", "8", "first"}, {"layer1", "4", "tab\there"}, {"linear", "6", "a,\"b\"\nc"}};
        for (const QStringList& row : rows) {
            QList<QStandardItem*> items;
            for (const QString& text : row)
                items << new QStandardItem(text);
            model.appendRow(items);
        }
        view.setModel(&model);
        view.sortByColumn(-1, Qt::AscendingOrder);
    }
    void select(int row, int column)
    {
        view.selectionModel()->select(model.index(row, column), QItemSelectionModel::Select);
    }
};

} // namespace

class TstTsvTableView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void copies_data()
    {
        QTest::addColumn<QList<QPoint>>("selected"); // column, row
        QTest::addColumn<QString>("expected");
        QTest::newRow("nothing selected: everything")
            << QList<QPoint>{} << "Layer\tBits\tNote\nconv1\t8\tfirst\nlayer1\t4\ttab here\nlinear\t6\ta,\"b\" c\n";
        QTest::newRow("one cell") << QList<QPoint>{{1, 2}} << "Bits\n6\n";
        QTest::newRow("one row") << QList<QPoint>{{0, 0}, {1, 0}, {2, 0}} << "Layer\tBits\tNote\nconv1\t8\tfirst\n";
        QTest::newRow("rows in their order") << QList<QPoint>{{0, 2}, {0, 0}} << "Layer\nconv1\nlinear\n";
        QTest::newRow("gaps stay empty") << QList<QPoint>{{0, 0}, {1, 1}} << "Layer\tBits\nconv1\t\n\t4\n";
    }
    void copies()
    {
        QFETCH(QList<QPoint>, selected);
        QFETCH(QString, expected);
        Shown s;
        s.view.setSelectionBehavior(QAbstractItemView::SelectItems);
        for (const QPoint& cell : selected)
            s.select(cell.y(), cell.x());
        QCOMPARE(s.view.tsv(), expected);
        QApplication::clipboard()->clear();
        sendKey(&s.view, QEvent::KeyPress, "Ctrl+C");
        QCOMPARE(QApplication::clipboard()->text(), expected);
    }

    void asSeen()
    {
        Shown s;
        s.view.setColumnHidden(2, true);
        s.view.setRowHidden(0, true);
        s.view.horizontalHeader()->moveSection(0, 1); // bits first
        QCOMPARE(s.view.tsv(), QString("Bits\tLayer\n4\tlayer1\n6\tlinear\n"));
        s.view.sortByColumn(1, Qt::DescendingOrder);
        s.view.setRowHidden(0, false);
        QCOMPARE(s.view.tsv().section('\n', 1), QString("8\tconv1\n6\tlinear\n4\tlayer1\n").section('\n', 0));
    }

    void csv()
    {
        Shown s;
        QTemporaryDir folder;
        s.select(0, 0); // a file holds everything all the same
        QVERIFY(s.view.saveCsv(folder.filePath("table.csv")));
        QFile file(folder.filePath("table.csv"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(file.readAll()),
                 QString("Layer,Bits,Note\nconv1,8,first\nlayer1,4,tab\there\nlinear,6,\"a,\"\"b\"\"\nc\"\n"));
        QVERIFY(!s.view.saveCsv("/proc/none/table.csv"));
    }

    void withoutModel()
    {
        TsvTableView view;
        QCOMPARE(view.tsv(), QString());
        view.copy();
        QStandardItemModel empty;
        view.setModel(&empty);
        QCOMPARE(view.tsv(), QString("\n"));
    }

    void otherKeysStillWork()
    {
        Shown s;
        s.view.setCurrentIndex(s.model.index(0, 0));
        QApplication::clipboard()->setText("before");
        sendKey(&s.view, QEvent::KeyPress, "Down");
        QCOMPARE(s.view.currentIndex().row(), 1);
        QCOMPARE(QApplication::clipboard()->text(), QString("before"));
    }
};

MPRDO_TEST(TstTsvTableView)
#include "tst_tsv_table_view.moc"

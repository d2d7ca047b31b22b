// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "widgets/comparison_table.h"
#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QtTest>

using namespace mprdo::widgets;

namespace {

using Column = ComparisonTable::Column;

QList<ComparisonRow> example()
{
    QList<ComparisonRow> rows(3);
    rows[0] = {"FP32", 91.73, 91.18, 92.25, 0, 32, 1, 1'091'000, 100, false, false};
    rows[1] = {"Uniform 4-bit PTQ", 9.5, 9.0, 10.1, 82.23, 4, 8, 145'300, 96.5, false, false};
    rows[2] = {"MPRDO-PTQ", 91.6, 0, 0, -0.004, 4.19, 7.636, 99'400, 99.1, true, true};
    return rows;
}

QString line(const ComparisonTable& table, int row)
{
    QStringList out;
    for (int c = 0; c < Column::ColumnCount; ++c)
        out << table.model()->index(row, c).data().toString();
    return out.join(" | ");
}

} // namespace

class TstComparisonTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void texts()
    {
        ComparisonTable table;
        const QAbstractItemModelTester tester(table.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(table.model()->rowCount(), 0);
        table.setRows(example());
        QCOMPARE(line(table, 0), QString("FP32 | 91.73 | 91.18 - 92.25 | 0.00 | 32.00 | 1.00x | 1.09 MB | 100.00"));
        QCOMPARE(line(table, 1),
                 QString("Uniform 4-bit PTQ | 9.50 | 9.00 - 10.10 | 82.23 | 4.00 | 8.00x | 145 kB | 96.50"));
        QCOMPARE(line(table, 2), QString("MPRDO-PTQ | ~91.60 |  | ~0.00 | 4.19 | 7.64x | 99.4 kB | ~99.10"));
        table.setRows({});
        QCOMPARE(table.model()->rowCount(), 0);
    }

    void headersHaveUnitsAndTips()
    {
        ComparisonTable table;
        QStringList titles;
        for (int c = 0; c < Column::ColumnCount; ++c) {
            titles << table.model()->headerData(c, Qt::Horizontal).toString();
            QVERIFY(!table.model()->headerData(c, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
        }
        QCOMPARE(titles.join(" | "),
                 QString("Method | Accuracy (%) | 95 % interval | Drop (points) | Average bits | Compression | "
                         "Stored size | Agreement (%)"));
    }

    void sortsByValue_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("last");
        QTest::newRow("method") << int(Column::Method) << "FP32"
                                << "Uniform 4-bit PTQ";
        QTest::newRow("accuracy, 9.5 below 91") << int(Column::Accuracy) << "Uniform 4-bit PTQ"
                                                << "FP32";
        QTest::newRow("drop") << int(Column::Drop) << "MPRDO-PTQ"
                              << "Uniform 4-bit PTQ";
        QTest::newRow("bits, 32 above 4") << int(Column::AverageBits) << "Uniform 4-bit PTQ"
                                          << "FP32";
        QTest::newRow("size, kB below MB") << int(Column::StoredBytes) << "MPRDO-PTQ"
                                           << "FP32";
    }
    void sortsByValue()
    {
        QFETCH(int, column);
        QFETCH(QString, first);
        QFETCH(QString, last);
        ComparisonTable table;
        table.setRows(example());
        table.sortByColumn(column, Qt::AscendingOrder);
        QCOMPARE(table.model()->index(0, 0).data().toString(), first);
        QCOMPARE(table.model()->index(2, 0).data().toString(), last);
        table.sortByColumn(column, Qt::DescendingOrder);
        QCOMPARE(table.model()->index(0, 0).data().toString(), last);
    }

    void looks()
    {
        ComparisonTable table;
        table.setRows(example());
        for (int c = 0; c < Column::ColumnCount; ++c) {
            const auto alignment = Qt::Alignment(table.model()->index(0, c).data(Qt::TextAlignmentRole).toInt());
            QCOMPARE(bool(alignment & Qt::AlignRight), c != Column::Method);
            QVERIFY(table.model()->index(2, c).data(Qt::FontRole).value<QFont>().bold());
            QVERIFY(!table.model()->index(1, c).data(Qt::FontRole).isValid());
        }
        table.resize(900, 200);
        table.show();
        for (int c = 0; c < Column::ColumnCount; ++c) // no cell and no header is cut
            QVERIFY(table.columnWidth(c)
                    >= table.fontMetrics().horizontalAdvance(table.model()->headerData(c, Qt::Horizontal).toString()));
    }

    void bytes_data()
    {
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << qint64(0) << "0 B";
        QTest::newRow("bytes") << qint64(96) << "96 B";
        QTest::newRow("999") << qint64(999) << "999 B";
        QTest::newRow("1000") << qint64(1000) << "1.00 kB";
        QTest::newRow("two places") << qint64(9'994) << "9.99 kB";
        QTest::newRow("rounds up to one place") << qint64(9'996) << "10.0 kB";
        QTest::newRow("one place") << qint64(99'940) << "99.9 kB";
        QTest::newRow("rounds up to none") << qint64(99'960) << "100 kB";
        QTest::newRow("no place") << qint64(412'300) << "412 kB";
        QTest::newRow("rounds up to the next unit") << qint64(999'600) << "1.00 MB";
        QTest::newRow("megabytes") << qint64(44'700'000) << "44.7 MB";
        QTest::newRow("gigabytes") << qint64(1'470'000'000) << "1.47 GB";
        QTest::newRow("negative") << qint64(-1500) << "-1.50 kB";
        QTest::newRow("largest") << std::numeric_limits<qint64>::max() << "9223372 TB";
    }
    void bytes()
    {
        QFETCH(qint64, bytes);
        QFETCH(QString, expected);
        QCOMPARE(bytesText(bytes), expected);
    }
};

MPRDO_TEST(TstComparisonTable)
#include "tst_comparison_table.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/accuracy_plot.h"
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 240};

QList<AccuracyRow> example()
{
    return {{"FP32", 91.73, 91.1, 92.2, "32.00 b, 1.09 MB", false, true},
            {"Uniform 8-bit PTQ", 91.0, 90.5, 91.5, "8.00 b, 278 kB", false, false},
            {"Uniform 4-bit PTQ", 88.1, 87.4, 88.7, "4.00 b, 145 kB", false, false},
            {"MPRDO-PTQ", 91.6, 91.0, 92.1, "4.19 b, 149 kB", true, false}};
}

/// The dot of a row in an exported picture of kSize.
QRect dotOf(const QImage& image, int row, int rows, const QColor& color)
{
    const double height = double(image.height() - 40) / rows; // about the rows' area
    return boundsOf(image, color, QRect(100, int(6 + row * height), image.width() - 200, int(height)));
}

} // namespace

class TstAccuracyPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void dotsStandByAccuracy()
    {
        AccuracyPlot plot;
        plot.setRows(example());
        QCOMPARE(plot.rowCount(), 4);
        const QImage image = plot.image(kSize);
        const Theme t = Theme::lightTheme();
        const double uniform8 = dotOf(image, 1, 4, t.measured).center().x();
        const double uniform4 = dotOf(image, 2, 4, t.measured).center().x();
        const double ours = dotOf(image, 3, 4, t.accent).center().x();
        QVERIFY2(uniform4 < uniform8 && uniform8 < ours,
                 qPrintable(QString("%1 %2 %3").arg(uniform4).arg(uniform8).arg(ours)));
    }

    void whiskers()
    {
        AccuracyPlot plot;
        QList<AccuracyRow> rows = example();
        plot.setRows(rows);
        const int wide = dotOf(plot.image(kSize), 1, 4, Theme::lightTheme().measured).width();
        rows[1].low = rows[1].high = 0;
        plot.setRows(rows);
        QVERIFY(dotOf(plot.image(kSize), 1, 4, Theme::lightTheme().measured).width() < wide - 10);
        QVERIFY(plot.csv().contains("Uniform 8-bit PTQ,91,,,"));
    }

    void farBelowBreaksOut()
    {
        AccuracyPlot plot;
        QList<AccuracyRow> rows = example();
        plot.setRows(rows);
        const double before = dotOf(plot.image(kSize), 2, 4, Theme::lightTheme().measured).center().x();
        rows.insert(3, {"Uniform 2-bit PTQ", 10.0, 9.4, 10.6, "2.00 b, 78 kB", false, false});
        plot.setRows(rows);
        const QImage image = plot.image(kSize);
        const QRect arrow = dotOf(image, 3, 5, Theme::lightTheme().measured);
        QVERIFY(!arrow.isNull());
        const double others = dotOf(image, 2, 5, Theme::lightTheme().measured).center().x();
        QVERIFY(arrow.right() < others);
        QVERIFY(std::abs(others - before) < 80); // the axis did not stretch down to 10 %
        QVERIFY(plot.csv().contains("Uniform 2-bit PTQ,10,9.4,10.6,"));
    }

    void clickedRow()
    {
        AccuracyPlot plot;
        plot.setRows(example());
        plot.resize(kSize);
        plot.show();
        QTRY_VERIFY(plot.replotCount() > 0);
        QSignalSpy clicked(&plot, &AccuracyPlot::rowClicked);
        const double height = (kSize.height() - 42) / 4.0;
        for (int row = 0; row < 4; ++row)
            click(plot.focusProxy(), {200, 6 + (row + 0.5) * height});
        QCOMPARE(clicked.count(), 4);
        for (int row = 0; row < 4; ++row)
            QCOMPARE(clicked[row][0].toInt(), row);
        click(plot.focusProxy(), {200, kSize.height() - 4.0}); // the axis
        QCOMPARE(clicked.count(), 4);
    }

    void layout_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<QSize>("size");
        for (const int rows : {1, 4, 9})
            for (const QSize size : {QSize(260, 170), QSize(480, 240), QSize(900, 400)})
                QTest::addRow("%d rows, %dx%d", rows, size.width(), size.height()) << rows << size;
    }
    void layout()
    {
        QFETCH(int, rows);
        QFETCH(QSize, size);
        AccuracyPlot plot;
        QList<AccuracyRow> given;
        for (int i = 0; i < rows; ++i) {
            given.append(example()[i % 4]);
            given.last().name += QString(" %1").arg(i);
        }
        plot.setRows(given);
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY(texts.size() >= 2 * rows + 3); // names, values, ticks, title
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }

    void withoutRows()
    {
        AccuracyPlot plot;
        plot.setEmptyText({});
        const QImage bare = plot.image(kSize);
        plot.setEmptyText("Nothing measured yet.");
        QVERIFY(!difference(bare, plot.image(kSize)).isNull());
        QCOMPARE(plot.csv().count('\n'), 1);
    }
};

MPRDO_TEST(TstAccuracyPlot)
#include "tst_accuracy_plot.moc"

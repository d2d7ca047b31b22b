// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/weight_histogram.h"
#include <QTemporaryDir>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 300};
const QRect kHead(0, 0, 480, 22);   // title and number of levels
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

QColor barColor()
{
    return blend(Theme::lightTheme().surface, Theme::lightTheme().measured, 0.45);
}

QList<double> evenLevels(int count, double low, double high)
{
    QList<double> out;
    for (int i = 0; i < count; ++i)
        out.append(low + (high - low) * i / (count - 1));
    return out;
}

/// Columns of pixels that carry the accent colour below the head, and the tallest of them.
std::pair<int, int> linesOf(const QImage& image)
{
    int lines = 0, tallest = 0;
    for (int x = 0; x < image.width(); ++x) {
        const QRect column(x, kHead.bottom() + 1, 1, image.height());
        const int height = pixelsOf(image, Theme::lightTheme().accent, column);
        lines += height > 0 ? 1 : 0;
        tallest = std::max(tallest, height);
    }
    return {lines, tallest};
}

} // namespace

class TstWeightHistogram : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csv()
    {
        WeightHistogram plot;
        QCOMPARE(plot.csv(), QString("bin low,bin high,count\ngrid level,,\n"));
        plot.setHistogram(-1, 1, {3, 0, 12345678901, 4});
        plot.setGrid({0.5, kNan, -0.25, kInf});
        QCOMPARE(plot.binCount(), 4);
        QCOMPARE(plot.csv(), QString("bin low,bin high,count\n-1,-0.5,3\n-0.5,0,0\n0,0.5,12345678901\n0.5,1,4\n"
                                     "grid level,,\n-0.25,,\n0.5,,\n"));
    }

    void hoverText()
    {
        WeightHistogram plot;
        plot.setHistogram(-1, 1, {3, 1234567});
        QCOMPARE(plot.binText(1), QString("0 to 1.00\n1,234,567 weights"));
        QCOMPARE(plot.binText(-1) + plot.binText(2), QString());
    }

    void barsGrowWithCounts_data()
    {
        QTest::addColumn<bool>("log");
        QTest::addColumn<double>("share"); // of the largest bar's height that the 100 of 10,000 has
        QTest::newRow("linear") << false << 0.01;
        QTest::newRow("log") << true << std::log(100 / 0.7) / std::log(10000 / 0.7);
    }
    void barsGrowWithCounts()
    {
        QFETCH(bool, log);
        QFETCH(double, share);
        WeightHistogram plot;
        plot.setHistogram(-2, 2, {10000, 100, 0, 1});
        plot.setLogCounts(log);
        QCOMPARE(plot.logCounts(), log);
        const QImage image = plot.image(kSize);
        const QRect all = boundsOf(image, barColor());
        QList<QRect> bars;
        const int width = all.width() / 4;
        for (int i = 0; i < 4; ++i)
            bars << boundsOf(image, barColor(), QRect(all.left() + 2 + i * width, 0, width - 4, 300));
        QVERIFY2(std::abs(bars[1].height() - share * bars[0].height()) <= 2,
                 qPrintable(QString("%1 of %2").arg(bars[1].height()).arg(bars[0].height())));
        QVERIFY(bars[2].isNull());
        QCOMPARE(bars[3].height() > 4, log); // one weight is seen on the log axis
        QCOMPARE(bars[0].bottom(), bars[1].bottom());
    }

    void levels_data()
    {
        QTest::addColumn<QList<double>>("levels");
        QTest::addColumn<int>("lines");
        QTest::addColumn<bool>("full"); // as high as the chart
        QTest::newRow("none") << QList<double>() << 0 << false;
        QTest::newRow("one") << QList<double>{0.1} << 1 << true;
        QTest::newRow("16") << evenLevels(16, -1, 1) << 16 << true;
        QTest::newRow("not finite") << QList<double>{-0.5, kNan, kInf, 0.5} << 2 << true;
        QTest::newRow("outside the weights") << QList<double>{-1.5, 1.5} << 2 << true;
        QTest::newRow("too far outside") << QList<double>{-50, 0.5} << 1 << true;
        QTest::newRow("twice the same") << QList<double>{0.5, 0.5} << 1 << true;
        QTest::newRow("256: short ticks, thinned") << evenLevels(256, -1, 1) << -1 << false;
    }
    void levels()
    {
        QFETCH(QList<double>, levels);
        QFETCH(int, lines);
        QFETCH(bool, full);
        WeightHistogram plot;
        plot.setHistogram(-1, 1, {1, 5, 9, 5, 1});
        plot.setGrid(levels);
        const auto [drawn, tallest] = linesOf(plot.image(kSize));
        if (lines >= 0)
            QCOMPARE(drawn, lines);
        else
            QVERIFY2(drawn > 60 && drawn < 140, qPrintable(QString::number(drawn)));
        QCOMPARE(tallest > 200, full);
        QCOMPARE(tallest > 0, lines != 0);
        QVERIFY(full || tallest <= 8);
    }

    void levelsStandWhereTheyAre()
    {
        WeightHistogram plot;
        plot.setHistogram(-1, 1, {7, 7});
        plot.setGrid({-1, 0, 1});
        const QImage image = plot.image(kSize);
        const QRect bars = boundsOf(image, barColor()), below(0, kHead.bottom() + 1, 480, 300);
        const QRect lines = boundsOf(image, Theme::lightTheme().accent, below);
        QVERIFY(std::abs(lines.left() - bars.left()) <= 1 && std::abs(lines.right() - bars.right()) <= 2);
        const int middle = (bars.left() + bars.right()) / 2;
        QCOMPARE(boundsOf(image, Theme::lightTheme().accent, QRect(middle - 20, 30, 40, 200)).width(), 1);
    }

    void nothingToDraw_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<QList<qint64>>("counts");
        QTest::addColumn<bool>("drawn");
        QTest::newRow("no counts") << -1.0 << 1.0 << QList<qint64>() << false;
        QTest::newRow("all zero") << -1.0 << 1.0 << QList<qint64>{0, 0} << false;
        QTest::newRow("below zero") << -1.0 << 1.0 << QList<qint64>{-4, -1} << false;
        QTest::newRow("reversed") << 1.0 << -1.0 << QList<qint64>{1} << false;
        QTest::newRow("NaN") << kNan << 1.0 << QList<qint64>{1} << false;
        QTest::newRow("infinite") << 0.0 << kInf << QList<qint64>{1} << false;
        QTest::newRow("one value") << 0.25 << 0.25 << QList<qint64>{9} << true;
        QTest::newRow("zeros alone") << 0.0 << 0.0 << QList<qint64>{9} << true;
        QTest::newRow("negative weights") << -3.0 << -2.0 << QList<qint64>{4, 1} << true;
        QTest::newRow("more bins than pixels") << -1.0 << 1.0 << QList<qint64>(5000, 2) << true;
    }
    void nothingToDraw()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(QList<qint64>, counts);
        QFETCH(bool, drawn);
        for (const bool log : {false, true}) {
            WeightHistogram plot;
            plot.setLogCounts(log);
            plot.setHistogram(low, high, counts);
            plot.setEmptyText("nothing");
            const QImage image = plot.image(kSize);
            QCOMPARE(!boundsOf(image, barColor()).isNull(), drawn);
            plot.setEmptyText({});
            QCOMPARE(difference(image, plot.image(kSize)).isNull(), drawn); // the text is there instead
        }
    }

    void severalBinsInOnePixelShowTheTallest()
    {
        WeightHistogram plot;
        QList<qint64> counts(5000, 10);
        counts[2503] = 1000;
        plot.setHistogram(-1, 1, counts);
        const QRect bars = boundsOf(plot.image(kSize), barColor());
        QVERIFY(bars.height() > 200);
    }

    void layout_data()
    {
        QTest::addColumn<int>("levels");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("log");
        for (const int levels : {0, 1, 16, 256})
            for (const QSize size : {QSize(260, 150), QSize(480, 300), QSize(900, 400)})
                for (const bool log : {false, true})
                    QTest::addRow("%d levels, %dx%d%s", levels, size.width(), size.height(), log ? ", log" : "")
                        << levels << size << log;
    }
    void layout()
    {
        QFETCH(int, levels);
        QFETCH(QSize, size);
        QFETCH(bool, log);
        WeightHistogram plot;
        plot.setTitle("features.denseblock4.denselayer16.conv2, per channel, 4 bits");
        plot.setHistogram(-0.123, 0.234, {12, 300, 2'345'678, 12'345'678, 400, 3, 1});
        plot.setGrid(levels > 1 ? evenLevels(levels, -0.1, 0.2) : QList<double>(levels, 0.1));
        plot.setLogCounts(log);
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY(texts.size() >= 7); // two titles, the name, two numbers on each axis
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }

    void vectors()
    {
        WeightHistogram plot;
        plot.setHistogram(-1, 1, {3, 9, 4});
        plot.setGrid(evenLevels(16, -1, 1));
        QTemporaryDir folder;
        QVERIFY(plot.saveSvg(folder.filePath("a.svg"), kSize));
        QFile file(folder.filePath("a.svg"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray svg = file.readAll();
        QVERIFY(svg.contains("Weight") && svg.contains("16 levels") && !svg.contains("<image"));
    }

    void darkTheme()
    {
        WeightHistogram plot;
        plot.setHistogram(-1, 1, {3, 9, 4});
        plot.setGrid({0.1});
        plot.setTheme(Theme::darkTheme());
        plot.resize(kSize);
        plot.show();
        QTRY_VERIFY(plot.replotCount() > 0);
        const QImage shown = plot.grab().toImage();
        QCOMPARE(shown.pixelColor(1, 1), Theme::darkTheme().surface);
        QVERIFY(pixelsOf(shown, Theme::darkTheme().accent) > 100);
        QCOMPARE(plot.image(kSize).pixelColor(1, 1), Theme::lightTheme().surface);
    }
};

MPRDO_TEST(TstWeightHistogram)
#include "tst_weight_histogram.moc"

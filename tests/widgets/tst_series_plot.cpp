// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/series_plot.h"
#include <QTemporaryDir>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 300};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Series falling(const QString& name, SeriesRole role = SeriesRole::Measured)
{
    Series out{name};
    for (int bits = 2; bits <= 8; ++bits)
        out.points.append({double(bits), std::pow(4.0, 2 - bits)});
    out.role = role;
    return out;
}

Series ofPoints(const QList<QPointF>& points)
{
    Series out{"a"};
    out.points = points;
    return out;
}

/// Where a role's colour lies below the legend.
QRect inkOf(const QImage& image, const QColor& color)
{
    return boundsOf(image, color, QRect(0, 24, image.width(), image.height()));
}

} // namespace

class TstSeriesPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csv()
    {
        SeriesPlot plot;
        plot.setAxes("width", "bits", "KL, mean", "nats", false, true);
        Series a = ofPoints({{2, 0.5}, {3, kNan}, {4, -1}});
        a.low = {0.4, 0.1};
        a.high = {0.6, kInf};
        Series b{"b, \"theory\""};
        b.points = {{2, 1e-12}};
        plot.setSeries({a, b});
        QCOMPARE(plot.csv(), QString("series,width (bits),\"KL, mean (nats)\",low,high\n"
                                     "a,2,0.5,0.4,0.6\na,3,,0.1,\na,4,-1,,\n\"b, \"\"theory\"\"\",2,1e-12,,\n"));
        QCOMPARE(plot.seriesCount(), 2);
        QCOMPARE(plot.pointText(0, 0), QString("a\nwidth: 2.00 bits\nKL, mean: 0.500 nats (0.400 to 0.600)"));
        QCOMPARE(plot.pointText(0, 3) + plot.pointText(2, 0) + plot.pointText(-1, -1), QString());
    }

    void leftOut_data()
    {
        QTest::addColumn<QList<QPointF>>("points");
        QTest::addColumn<QList<int>>("drawn"); // linear, log x, log y
        using Points = QList<QPointF>;
        using Counts = QList<int>;
        QTest::newRow("empty") << Points() << Counts{0, 0, 0};
        QTest::newRow("single") << Points{{1, 2}} << Counts{1, 1, 1};
        QTest::newRow("NaN") << Points{{1, kNan}, {kNan, 1}, {1, 1}} << Counts{1, 1, 1};
        QTest::newRow("infinite") << Points{{1, kInf}, {-kInf, 1}, {3, 1}} << Counts{1, 1, 1};
        QTest::newRow("negative y only") << Points{{1, -1}, {2, -3}} << Counts{2, 2, 0};
        QTest::newRow("negative x only") << Points{{-1, 1}, {-2, 3}} << Counts{2, 0, 2};
        QTest::newRow("zero") << Points{{0, 0}, {1, 1}} << Counts{2, 1, 1};
        QTest::newRow("all equal") << Points{{1, 1}, {1, 1}} << Counts{2, 2, 2};
        QTest::newRow("tiny differences") << Points{{1, 1}, {1, 1 + 1e-15}} << Counts{2, 2, 2};
    }
    void leftOut()
    {
        QFETCH(QList<QPointF>, points);
        QFETCH(QList<int>, drawn);
        for (int kind = 0; kind < 3; ++kind) {
            SeriesPlot plot;
            plot.setAxes("x", "", "y", "", kind == 1, kind == 2);
            plot.setSeries({ofPoints(points)});
            QCOMPARE(plot.drawnPoints(), drawn[kind]);
            const QImage image = plot.image(kSize);
            QCOMPARE(!boundsOf(image, Theme::lightTheme().measured).isNull(), drawn[kind] > 0);
            plot.setEmptyText({});
            QCOMPARE(difference(image, plot.image(kSize)).isNull(), drawn[kind] > 0); // the text is there instead
        }
    }

    void rolesHaveColours_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<QColor>("color");
        const Theme t = Theme::lightTheme();
        QTest::newRow("accent") << int(SeriesRole::Accent) << t.accent;
        QTest::newRow("measured") << int(SeriesRole::Measured) << t.measured;
        QTest::newRow("predicted") << int(SeriesRole::Predicted) << t.predicted;
        QTest::newRow("reference") << int(SeriesRole::Reference) << t.reference;
    }
    void rolesHaveColours()
    {
        QFETCH(int, role);
        QFETCH(QColor, color);
        SeriesPlot plot;
        Series s = falling("a", SeriesRole(role));
        plot.setSeries({s});
        const int filled = pixelsOf(plot.image(kSize, 2), color);
        s.hollow = true;
        plot.setSeries({s});
        const int hollow = pixelsOf(plot.image(kSize, 2), color);
        QVERIFY2(filled > 500 && hollow > 100 && hollow < filled * 0.7,
                 qPrintable(QString("%1 %2").arg(filled).arg(hollow)));
    }

    void pointsStandByValue()
    {
        SeriesPlot plot;
        plot.setAxes("x", "", "y", "", false, true);
        const auto centre = [&](double x, double y) { // of the accent point among the same others
            Series others = ofPoints({{0, 0.01}, {10, 1}}), one = ofPoints({{x, y}});
            one.role = SeriesRole::Accent;
            plot.setSeries({others, one});
            return inkOf(plot.image(kSize), Theme::lightTheme().accent).center();
        };
        const QPoint low = centre(0, 0.01), middle = centre(5, 0.1), high = centre(10, 1);
        QVERIFY(low.x() < middle.x() && low.y() > middle.y());
        QVERIFY(std::abs(2 * middle.x() - low.x() - high.x()) <= 2);
        QVERIFY(std::abs(2 * middle.y() - low.y() - high.y()) <= 2); // logarithmic
    }

    void whiskers()
    {
        SeriesPlot plot;
        Series s = ofPoints({{1, 1}, {2, 2}, {3, 3}});
        plot.setSeries({s, {}});
        const auto middleColumn = [&] { // height of what is drawn at the middle point
            const QImage image = plot.image(kSize);
            const QRect all = inkOf(image, Theme::lightTheme().measured);
            const auto isInk = [](const QColor& c) { return c.blue() > c.red() + 60; };
            return boundsOf(image, QRect(all.center().x() - 6, 24, 12, kSize.height()), isInk).height();
        };
        s.low = {0, 0, 0};
        s.high = {4, kNan, 4};
        plot.setSeries({s, {}});
        const int without = middleColumn();
        s.high = {4, 4, 4};
        plot.setSeries({s, {}});
        QVERIFY(without > 4 && without < 14); // the marker alone
        QVERIFY2(middleColumn() > 150, qPrintable(QString("%1 %2").arg(middleColumn()).arg(without)));
    }

    void whiskersStayInside()
    {
        SeriesPlot plot;
        plot.setAxes("x", "", "y", "", false, true);
        Series s = ofPoints({{1, 0.1}, {2, 1}});
        const QRect bare = [&] {
            plot.setSeries({s});
            return boundsOf(plot.image(kSize), Theme::lightTheme().axis);
        }();
        s.low = {-1, -kInf};
        s.high = {0.2, kInf};
        plot.setSeries({s});
        const QImage image = plot.image(kSize);
        const QRect axes = boundsOf(image, Theme::lightTheme().axis);
        QCOMPARE(axes.bottom(), bare.bottom());
        const QRect ink = boundsOf(image, Theme::lightTheme().measured);
        QVERIFY(ink.top() >= 7);
        QVERIFY2(ink.bottom() <= axes.bottom(), qPrintable(QString("%1 %2").arg(ink.bottom()).arg(axes.bottom())));
    }

    void lineBreaksAtGaps()
    {
        SeriesPlot plot;
        plot.setSeries({ofPoints({{1, 1}, {2, 1}, {3, 1}, {4, 1}})});
        const auto ink = [&](double third) {
            Series s = ofPoints({{1, 1}, {2, 1}, {2.5, third}, {3, 1}, {4, 1}});
            s.joined = true;
            plot.setSeries({s});
            const QImage image = plot.image(kSize);
            const QRect all = boundsOf(image, Theme::lightTheme().measured);
            return boundsOf(image, QRect(all.center().x() - 20, all.top(), 12, all.height()), [](const QColor& c) {
                return contrastRatio(c, Theme::lightTheme().surface) > 3;
            });
        };
        QVERIFY(!ink(1).isNull());
        QVERIFY(ink(kNan).isNull());
    }

    void diagonal_data()
    {
        QTest::addColumn<bool>("logX");
        QTest::addColumn<bool>("logY");
        QTest::newRow("linear") << false << false;
        QTest::newRow("log") << true << true;
        QTest::newRow("one log axis") << true << false;
    }
    void diagonal()
    {
        QFETCH(bool, logX);
        QFETCH(bool, logY);
        SeriesPlot plot;
        plot.setAxes("predicted", "", "measured", "", logX, logY);
        plot.setSeries({ofPoints({{0.5, 1}, {2, 8}})});
        const QImage without = plot.image(kSize);
        plot.setDiagonal(true);
        QVERIFY(!difference(without, plot.image(kSize)).isNull());
        // A point on the line lies on the line, whatever the axes.
        Series on = ofPoints({{0.5, 0.5}, {3, 3}, {8, 8}});
        plot.setSeries({on});
        const QImage drawn = plot.image(kSize);
        const QRect points = boundsOf(drawn, Theme::lightTheme().measured);
        const QColor line = Theme::lightTheme().axis;
        int beside = 0; // the line enters and leaves each marker
        for (int x = points.left() + 20; x < points.right() - 20; ++x)
            beside += boundsOf(drawn, QRect(x, points.top() + 4, 1, points.height() - 4), [&](const QColor& c) {
                          return contrastRatio(c, Theme::lightTheme().surface) > 1.6 && c.red() < line.red() + 60
                                 && std::abs(c.red() - c.blue()) < 40;
                      }).isNull() ? 0 : 1;
        QVERIFY2(beside > (points.width() - 40) * 0.7, qPrintable(QString::number(beside)));
    }

    void integerTicks()
    {
        SeriesPlot plot;
        plot.setAxes("width", "bits", "y", "", false, false);
        plot.setSeries({ofPoints({{2, 1}, {3, 2}, {4, 3}})});
        const qsizetype fractions = plot.textRects({900, 300}).size();
        plot.setIntegerX(true);
        QVERIFY(plot.textRects({900, 300}).size() < fractions);
    }

    void legend()
    {
        SeriesPlot plot;
        plot.setSeries({falling("first")});
        const qsizetype alone = plot.textRects(kSize).size();
        plot.setSeries({falling("first"), falling("second", SeriesRole::Reference)});
        QCOMPARE(plot.textRects(kSize).size(), alone + 2);
    }

    void layout_data()
    {
        QTest::addColumn<int>("series");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("log");
        for (const int series : {1, 2, 5})
            for (const QSize size : {QSize(260, 170), QSize(480, 300), QSize(900, 400)})
                for (const bool log : {false, true})
                    QTest::addRow("%d series, %dx%d%s", series, size.width(), size.height(), log ? ", log" : "")
                        << series << size << log;
    }
    void layout()
    {
        QFETCH(int, series);
        QFETCH(QSize, size);
        QFETCH(bool, log);
        SeriesPlot plot;
        plot.setAxes("predicted distortion of the whole network", "nats", "measured distortion", "nats", log, log);
        QList<Series> given;
        for (int i = 0; i < series; ++i)
            given << falling(QString("a rather long name of series number %1").arg(i), SeriesRole(i % 4));
        given[0].points.append({1200, 34567});
        plot.setSeries(given);
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY(texts.size() >= 5 + (series > 1 ? series : 0));
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }

    void layoutOfRanges_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("within one decade") << 0.011 << 0.047;
        QTest::newRow("nearly one value") << 0.9999 << 1.0001;
        QTest::newRow("one value") << 3.0 << 3.0;
        QTest::newRow("thirty decades") << 1e-20 << 1e10;
        QTest::newRow("millions") << 1e6 << 9e6;
    }
    void layoutOfRanges()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        for (const QSize size : {QSize(200, 120), QSize(480, 300)})
            for (const bool log : {false, true}) {
                SeriesPlot plot;
                plot.setAxes("x", "s", "y", "s", log, log);
                plot.setSeries({ofPoints({{low, high}, {high, low}})});
                QCOMPARE(plot.drawnPoints(), 2);
                const QList<QRectF> texts = plot.textRects(size);
                QVERIFY(texts.size() >= 4);
                QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
            }
    }

    void vectors()
    {
        SeriesPlot plot;
        plot.setAxes("width", "bits", "distortion", "", false, true);
        Series many{"channels"};
        for (int i = 0; i < 160; ++i)
            many.points.append({double(i), 0.01 + 0.001 * (i % 7)});
        plot.setSeries({many, falling("b")});
        QTemporaryDir folder;
        QVERIFY(plot.saveSvg(folder.filePath("a.svg"), kSize));
        QFile file(folder.filePath("a.svg"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray svg = file.readAll();
        QVERIFY(svg.contains("width (bits)") && svg.contains("channels") && !svg.contains("<image"));
    }

    void oneReplotPerEvent()
    {
        SeriesPlot plot;
        plot.resize(kSize);
        plot.show();
        QTRY_VERIFY(plot.replotCount() > 0);
        QCoreApplication::processEvents();
        const int before = plot.replotCount();
        plot.setAxes("x", "", "y", "", false, false);
        plot.setSeries({falling("a")});
        plot.setDiagonal(true);
        QCOMPARE(plot.replotCount(), before); // queued
        QTRY_COMPARE(plot.replotCount(), before + 1);
    }
};

MPRDO_TEST(TstSeriesPlot)
#include "tst_series_plot.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What the rate-distortion chart shows.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "tests/widgets/rd_example.h"
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <tuple>

using namespace mprdo::widgets;
using namespace mprdo::test;

class TstRdPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachPartIsDrawn_data()
    {
        QTest::addColumn<QString>("part");
        QTest::addColumn<QColor>("color");
        const Theme t = Theme::lightTheme();
        QTest::newRow("front") << "front" << t.predicted;
        QTest::newRow("second front") << "second" << blend(t.predicted, t.surface, 0.5);
        QTest::newRow("uniform reference") << "uniform" << t.reference;
        QTest::newRow("measured points") << "points" << t.measured;
        QTest::newRow("current") << "current" << t.accent;
        QTest::newRow("budget") << "targetX" << t.target;
        QTest::newRow("largest drop") << "targetY" << t.target;
        QTest::newRow("band") << "band" << t.band;
        QTest::newRow("out of reach") << "unreachable" << blend(t.axis, t.surface, 0.66);
        QTest::newRow("out of date") << "outOfDate" << blend(t.mutedText, t.surface, 0.5);
        QTest::newRow("dominated") << "pale" << blend(t.measured, t.surface, 0.55);
    }
    void eachPartIsDrawn()
    {
        QFETCH(QString, part);
        QFETCH(QColor, color);
        RdPlot plot;
        // Ranges that do not depend on the part, through points of another colour.
        const bool needsUniform = part.startsWith("target") || part == "band" || part == "unreachable";
        if (needsUniform)
            plot.setUniform(uniformExample());
        const int before = pixelsOf(plot.image(kRdSize, 3), color); // the rim of a letter may have it
        QVERIFY(before < 15);
        if (part == "front")
            plot.setFront(frontExample());
        if (part == "second")
            plot.setSecondFront(frontExample(), "optimised");
        if (part == "uniform")
            plot.setUniform(uniformExample());
        if (part == "points")
            plot.setPoints(pointsExample());
        if (part == "current")
            plot.setCurrent(RdPoint{400'000, 0.4, 0.4, 0.4, "now", {}, false, false});
        if (part == "targetX")
            plot.setTargetX(500'000);
        if (part == "targetY")
            plot.setTargetY(1.0);
        if (part == "band")
            plot.setNoiseBand(std::pair(-0.5, 0.5));
        if (part == "unreachable")
            plot.setUnreachable(400'000, "why");
        QList<RdPoint> points = pointsExample();
        for (RdPoint& p : points) {
            p.outOfDate = part == "outOfDate";
            p.pale = part == "pale";
        }
        if (part == "outOfDate" || part == "pale")
            plot.setPoints(points);
        // At three times the size a hairline covers whole pixels.
        QVERIFY(pixelsOf(plot.image(kRdSize, 3), color) > before + 30);
    }

    void measuredIsFilledPredictedHollow_data()
    {
        QTest::addColumn<bool>("predicted");
        QTest::newRow("measured") << false;
        QTest::newRow("predicted") << true;
    }
    void measuredIsFilledPredictedHollow()
    {
        QFETCH(bool, predicted);
        ShownRd s;
        QList<RdPoint> points = pointsExample();
        points[1].predicted = predicted;
        points[1].label.clear();
        s.plot.setPoints(points);
        s.replotted();
        const QImage image = s.plot.grab().toImage();
        const QPoint centre = s.plot.markerPosition(1).toPoint();
        const Theme t = Theme::lightTheme();
        QCOMPARE(image.pixelColor(centre), predicted ? t.surface : t.measured);
        QVERIFY(!boundsOf(image, QRect(centre - QPoint(5, 5), QSize(11, 11)), [&](const QColor& c) {
                     return c != t.surface && c != t.grid;
                 }).isNull());
    }

    void squaresAndCirclesAreTwoKinds()
    {
        ShownRd s;
        QList<RdPoint> points = pointsExample();
        points[1].square = true;
        points[1].label = points[0].label = {};
        s.plot.setPoints(points);
        s.replotted();
        const QImage image = s.plot.image(kRdSize, 3);
        const auto cornerInk = [&](int point) { // beside the centre, both ways
            const QPoint at = (s.plot.markerPosition(point) * 3).toPoint() + QPoint(9, 9);
            return image.pixelColor(at) == Theme::lightTheme().measured;
        };
        QVERIFY(cornerInk(1) && !cornerInk(0));
    }

    void moreIsBetterTurnsFarAway()
    {
        ShownRd s;
        QList<RdPoint> points = pointsExample(), uniform = uniformExample();
        QList<RdFrontPoint> front = frontExample();
        for (QList<RdPoint>* list : {&points, &uniform})
            for (RdPoint& p : *list)
                std::tie(p.y, p.low, p.high) = std::tuple(92 - p.y, 92 - p.high, 92 - p.low);
        for (RdFrontPoint& p : front)
            p = {p.x, 92 - p.y, 92 - p.high, 92 - p.low};
        s.plot.setAxes("Stored size", RdPlot::XUnit::Bytes, "Accuracy", "%", RdPlot::YScale::MoreIsBetter);
        s.plot.setPoints(points);
        s.plot.setUniform(uniform);
        s.plot.setFront(front);
        s.replotted();
        const double span = s.plot.pixel(0, 90).y() - s.plot.pixel(0, 91).y();
        QVERIFY(span > 0); // upwards
        uniform.prepend({150'000, 20.5, 20.5, 20.5, "Uniform 2-bit PTQ", "2", false, false});
        s.plot.setUniform(uniform);
        s.replotted();
        QVERIFY(s.plot.pixel(0, 90).y() - s.plot.pixel(0, 91).y() > 0.8 * span);
        QVERIFY(s.plot.pixel(150'000, 20.5).y() > kRdSize.height()); // below: an arrow at the lower edge
        const QRect arrow = boundsOf(s.plot.grab().toImage(), Theme::lightTheme().reference,
                                     QRect(int(s.plot.pixel(150'000, 0).x()) - 5, kRdSize.height() - 80, 11, 50));
        QVERIFY(!arrow.isNull() && arrow.height() >= 4);
        QCOMPARE(s.plot.pointText(0).section('\n', 2, 2), QString("90.40 % (90.1 to 90.7)"));
    }

    void factorsStepTheOtherWay()
    {
        ShownRd s;
        s.plot.setAxes("Compression", RdPlot::XUnit::Factor, "Accuracy drop", "points");
        s.plot.setFront({{4, 0.5, 0.5, 0.5}, {8, 2, 2, 2}});
        s.plot.setUniform({});
        s.plot.setPoints({});
        s.plot.setUnreachable(9);
        s.replotted();
        const QImage image = s.plot.grab().toImage();
        const auto inkAt = [&](double x, double y) {
            const QPoint at = s.plot.pixel(x, y).toPoint();
            return !boundsOf(image, QRect(at - QPoint(2, 2), QSize(5, 5)), [&](const QColor& c) {
                        return contrastRatio(c, Theme::lightTheme().surface) > 2;
                    }).isNull();
        };
        QVERIFY(inkAt(6, 2));    // six times smaller takes what eight times gives
        QVERIFY(!inkAt(6, 0.5));
        QVERIFY(s.plot.cornerText(1).contains("8.00 times smaller"));
        QVERIFY(s.plot.cornerText(2).isEmpty() && s.plot.cornerText(-1).isEmpty());
    }

    void vectorsOnlyWhereItIsHatched()
    {
        ShownRd s;
        s.plot.setUnreachable(500'000, "why");
        QTemporaryDir folder;
        const QString path = folder.filePath("a.svg");
        QVERIFY(s.plot.saveSvg(path, kRdSize));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray svg = file.readAll();
        QVERIFY(!svg.contains("<image") && !svg.contains("<pattern"));
    }

    void currentIsTellingToo()
    {
        ShownRd s;
        const auto centreColor = [&](bool predicted) {
            s.plot.setCurrent(RdPoint{400'000, 0.9, 0.9, 0.9, "now", {}, predicted, false});
            s.replotted();
            return s.plot.grab().toImage().pixelColor(s.plot.pixel(400'000, 0.9).toPoint());
        };
        QCOMPARE(centreColor(false), Theme::lightTheme().accent);
        QCOMPARE(centreColor(true), Theme::lightTheme().surface);
    }

    void axesPointRightAndUp()
    {
        ShownRd s;
        QCOMPARE(s.plot.pointCount(), 3);
        QCOMPARE(s.plot.frontCount(), int(frontExample().size()));
        const QRectF inside = QRectF(QPointF(0, 0), QSizeF(kRdSize)).adjusted(30, 5, -5, -20);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(inside.contains(s.plot.markerPosition(i)));
            QCOMPARE(s.plot.markerPosition(i), s.plot.pixel(pointsExample()[i].x, pointsExample()[i].y));
        }
        QVERIFY(s.plot.markerPosition(0).x() < s.plot.markerPosition(1).x());
        QVERIFY(s.plot.markerPosition(0).y() < s.plot.markerPosition(1).y()); // a larger drop stands higher
        QVERIFY(s.plot.markerPosition(3).isNull() && s.plot.markerPosition(-1).isNull());
    }

    void frontGoesInSteps()
    {
        ShownRd s;
        s.plot.setFront({{200'000, 2, 2, 2}, {800'000, 0.5, 0.5, 0.5}});
        s.plot.setUniform({});
        s.plot.setPoints({});
        s.replotted();
        const QImage image = s.plot.grab().toImage();
        const QColor color = Theme::lightTheme().predicted;
        const auto inkAt = [&](double x, double y) {
            const QPoint at = s.plot.pixel(x, y).toPoint();
            return !boundsOf(image, QRect(at - QPoint(2, 2), QSize(5, 5)), [&](const QColor& c) {
                        return contrastRatio(c, Theme::lightTheme().surface) > 2;
                    }).isNull();
        };
        QVERIFY(pixelsOf(image, color) > 50);
        QVERIFY(inkAt(500'000, 2));     // level until the next corner
        QVERIFY(!inkAt(500'000, 1.25)); // no straight line between the corners
        QVERIFY(inkAt(800'000, 1.25));
    }

    void rangeOfThePrediction()
    {
        ShownRd s;
        const QImage before = s.plot.image(kRdSize);
        QList<RdFrontPoint> front = frontExample();
        for (RdFrontPoint& p : front) {
            p.low = std::max(0.0, p.y - 0.2);
            p.high = p.y + 0.2;
        }
        s.plot.setFront(front);
        const QColor shade = blend(Theme::lightTheme().surface, Theme::lightTheme().predicted, 0.16);
        const auto shaded = [&shade](const QImage& image) { // as good as any painter mixes it
            int count = 0;
            boundsOf(image, {}, [&](const QColor& c) {
                count += std::abs(c.red() - shade.red()) + std::abs(c.green() - shade.green())
                             + std::abs(c.blue() - shade.blue()) <= 3;
                return false;
            });
            return count;
        };
        const int rims = shaded(before); // of the line itself
        QVERIFY(shaded(s.plot.image(kRdSize)) > rims + 200);
        for (RdFrontPoint& p : front)
            p.high = p.y + 50;
        s.plot.setFront(front);
        QVERIFY(shaded(s.plot.image(kRdSize)) < rims + 10); // a band that fills the chart hides the rest
        QVERIFY(s.plot.csv().contains(",50."));
    }

    void farAwayPointsDoNotFlattenTheRest()
    {
        ShownRd s;
        const double span = s.plot.pixel(0, 0).y() - s.plot.pixel(0, 1).y();
        QList<RdPoint> uniform = uniformExample();
        uniform.prepend({150'000, 71.5, 71.5, 71.5, "Uniform 2-bit PTQ", "2", false, false});
        s.plot.setUniform(uniform);
        s.replotted();
        QVERIFY(s.plot.pixel(0, 0).y() - s.plot.pixel(0, 1).y() > 0.8 * span);
        QVERIFY(s.plot.pixel(150'000, 71.5).y() < 0); // above: drawn as an arrow at the edge
        const QImage image = s.plot.grab().toImage();
        const QRect arrow
            = boundsOf(image, Theme::lightTheme().reference, QRect(int(s.plot.pixel(150'000, 0).x()) - 5, 0, 11, 60));
        QVERIFY(!arrow.isNull() && arrow.height() >= 4);
        QVERIFY(s.plot.csv().contains("71.5"));
    }

    void logAxisLeavesOutWhatItCannotShow()
    {
        ShownRd s;
        s.plot.setAxes("Average bits", RdPlot::XUnit::Bits, "KL divergence", "nats", RdPlot::YScale::Log);
        s.plot.setFront({{2, 1, 1, 1}, {4, 0.01, 0.01, 0.01}, {8, 0, 0, 0}});
        s.plot.setUniform({});
        s.plot.setPoints({{3, 0.1, 0.1, 0.1, "a", {}, false, false}, {5, -0.1, -0.1, -0.1, "b", {}, false, false}});
        s.replotted();
        const double one = s.plot.pixel(0, 1).y(), tenth = s.plot.pixel(0, 0.1).y(),
                     hundredth = s.plot.pixel(0, 0.01).y();
        QVERIFY(std::abs((tenth - one) - (hundredth - tenth)) < 1);
        QVERIFY(!s.plot.image(kRdSize).isNull());
        QVERIFY(s.plot.csv().contains("-0.1")); // the data still holds it
    }

    void texts_data()
    {
        QTest::addColumn<int>("unit");
        QTest::addColumn<double>("x");
        QTest::addColumn<QString>("yUnit");
        QTest::addColumn<bool>("predicted");
        QTest::addColumn<QString>("expected");
        QTest::newRow("bytes") << int(RdPlot::XUnit::Bytes) << 1'470'000.0 << "points" << false
                               << "run 3\n1.47 MB\n0.42 points (0.1 to 0.7)\nmeasured";
        QTest::newRow("predicted") << int(RdPlot::XUnit::Bytes) << 412'300.0 << "points" << true
                                   << "run 3\n412 kB\n~0.42 points (0.1 to 0.7)\npredicted";
        QTest::newRow("bits") << int(RdPlot::XUnit::Bits) << 4.19 << "nats" << false
                              << "run 3\n4.19 bits\n0.42 nats (0.1 to 0.7)\nmeasured";
        QTest::newRow("plain") << int(RdPlot::XUnit::Plain) << 7.3 << "" << false
                               << "run 3\n7.30\n0.42 (0.1 to 0.7)\nmeasured";
    }
    void texts()
    {
        QFETCH(int, unit);
        QFETCH(double, x);
        QFETCH(QString, yUnit);
        QFETCH(bool, predicted);
        QFETCH(QString, expected);
        RdPlot plot;
        plot.setAxes("rate", RdPlot::XUnit(unit), "harm", yUnit);
        plot.setPoints({{x, 0.42, 0.1, 0.7, "run 3", "3", predicted, false}});
        // Numbers of an interval may be written with more places; what counts is their value.
        QString text = plot.pointText(0);
        text.replace("0.100", "0.1")
            .replace("0.10 ", "0.1 ")
            .replace("0.700", "0.7")
            .replace("0.70)", "0.7)")
            .replace("0.420", "0.42");
        QCOMPARE(text, expected);
        QCOMPARE(plot.pointText(1) + plot.pointText(-1), QString());
        RdPoint noted{x, 0.42, 0.42, 0.42, "run 3", {}, predicted, false};
        noted.note = "why";
        plot.setPoints({noted});
        QVERIFY(plot.pointText(0).endsWith(predicted ? "\npredicted\nwhy" : "\nmeasured\nwhy"));
    }

    void csv()
    {
        RdPlot plot;
        plot.setAxes("stored size", RdPlot::XUnit::Bytes, "accuracy drop", "points");
        plot.setFront({{100, 2, 1, 3}, {200, 1, 1, 1}}, "front");
        plot.setUniform({{150, 1.5, 1.5, 1.5, "Uniform 4-bit, per channel", "4", false, false}});
        plot.setPoints({{180, 0.5, 0.25, 0.75, "run 1", {}, false, false}});
        plot.setCurrent(RdPoint{190, 0.4, 0.4, 0.4, "now", {}, true, false});
        QCOMPARE(plot.csv().section('\n', 1),
                 QString("predicted front,front,100,2,1,3\npredicted front,front,200,1,,\n"
                         "uniform measured,\"Uniform 4-bit, per channel\",150,1.5,,\n"
                         "measured,run 1,180,0.5,0.25,0.75\ncurrent predicted,now,190,0.4,,\n"));
        QVERIFY(plot.csv().startsWith("kind,name,stored size (bytes),"));
    }

    void manyFrontPoints()
    {
        QList<RdFrontPoint> front;
        for (int i = 0; i < 20'000; ++i)
            front.append({1e5 + 40.0 * i, 3 * std::exp(-i / 4000.0), 0, 0});
        ShownRd s;
        s.plot.setFront(front);
        s.replotted();
        QCOMPARE(s.plot.frontCount(), 20'000);
        QVERIFY(pixelsOf(s.plot.image(kRdSize), Theme::lightTheme().predicted) > 100);
        QVERIFY(s.plot.csv().count('\n') > 20'000);
    }

    void layout_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("unit");
        QTest::addColumn<bool>("log");
        for (const QSize size : {QSize(240, 180), QSize(360, 300), QSize(480, 360), QSize(900, 500)})
            for (const bool log : {false, true}) {
                QTest::addRow("%dx%d bytes %d", size.width(), size.height(), int(log))
                    << size << int(RdPlot::XUnit::Bytes) << log;
                QTest::addRow("%dx%d bits %d", size.width(), size.height(), int(log))
                    << size << int(RdPlot::XUnit::Bits) << log;
            }
    }
    void layout()
    {
        QFETCH(QSize, size);
        QFETCH(int, unit);
        QFETCH(bool, log);
        RdPlot plot;
        const double x = unit == int(RdPlot::XUnit::Bits) ? 1e-5 : 1;
        plot.setAxes("Stored size", RdPlot::XUnit(unit), "Predicted accuracy drop", "points",
                     log ? RdPlot::YScale::Log : RdPlot::YScale::Linear);
        QList<RdFrontPoint> front = frontExample();
        for (RdFrontPoint& p : front)
            p.x *= x;
        plot.setFront(front, "Predicted front, refining");
        QList<RdPoint> points = pointsExample(), uniform = uniformExample();
        for (QList<RdPoint>* list : {&points, &uniform})
            for (RdPoint& p : *list)
                p.x *= x;
        for (int i = 0; i < 6; ++i) // a crowd whose labels have no room
            points.append({4e5 * x + i, 0.5, 0.4, 0.6, "run", "a run with a long label", false, i % 2 == 0});
        plot.setPoints(points);
        plot.setUniform(uniform);
        plot.setCurrent(RdPoint{4e5 * x, 0.45, 0.3, 0.6, "now", {}, true, false});
        plot.setTargetX(5e5 * x);
        plot.setTargetY(0.5);
        plot.setNoiseBand(std::pair(-0.2, 0.2));
        plot.setSecondFront(frontExample(), "predicted, nearest rounding");
        plot.setUnreachable(3e5 * x, "why");
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY(texts.size() > 8);
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }

    void layoutWithinOneDecade_data()
    {
        QTest::addColumn<double>("lowest");
        QTest::addColumn<double>("highest");
        QTest::addColumn<int>("height");
        for (const int height : {180, 260, 500}) {
            QTest::addRow("one value, %d px", height) << 1.4e-4 << 1.4e-4 << height;
            QTest::addRow("half a decade, %d px", height) << 2e-4 << 6e-4 << height;
            QTest::addRow("a decade, %d px", height) << 1e-3 << 1e-2 << height;
            QTest::addRow("one and a half, %d px", height) << 3e-4 << 9e-3 << height;
        }
    }
    void layoutWithinOneDecade()
    {
        QFETCH(double, lowest);
        QFETCH(double, highest);
        QFETCH(int, height);
        RdPlot plot;
        plot.setAxes("Average bits", RdPlot::XUnit::Bits, "KL divergence", "nats", RdPlot::YScale::Log);
        plot.setPoints({{4, highest, highest, highest, "a", {}, false, false}, {8, lowest, lowest, lowest, "b", {}, false, false}});
        const QSize size(480, height);
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }
};

MPRDO_TEST(TstRdPlot)
#include "tst_rd_plot.moc"

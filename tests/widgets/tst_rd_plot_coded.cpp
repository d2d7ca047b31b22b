// SPDX-License-Identifier: GPL-3.0-or-later
// One measurement in two places of the rate-distortion chart: at its fixed length and entropy-coded.
#include "tests/support/accessible_tree.h"
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "tests/widgets/rd_example.h"
#include <QSignalSpy>
#include <QToolTip>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

QList<RdPoint> codedPoints()
{
    QList<RdPoint> out = pointsExample();
    out[0].codedX = 270'000;
    out[1].codedX = 560'000;
    out[1].codedFrom = "file";
    for (RdPoint& p : out)
        p.label.clear();
    return out; // the third is not coded
}

/// Points, and nothing else that could be hit or seen beside them.
struct ShownCoded : ShownRd {
    ShownCoded()
    {
        plot.setFront({});
        plot.setUniform({});
        plot.setPoints(codedPoints());
        replotted();
    }
};

} // namespace

class TstRdPlotCoded : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void standsAtBothSizes()
    {
        ShownCoded s;
        QCOMPARE(s.plot.pointCount(), 3);
        for (const int i : {0, 1}) {
            QCOMPARE(s.plot.codedPosition(i), s.plot.pixel(*codedPoints()[i].codedX, codedPoints()[i].y));
            QCOMPARE(s.plot.codedPosition(i).y(), s.plot.markerPosition(i).y());
        }
        for (const int i : {-1, 2, 3})
            QVERIFY(s.plot.codedPosition(i).isNull());
    }

    void theRangesHoldBoth()
    {
        ShownCoded s;
        QList<RdPoint> points = codedPoints();
        points[0].codedX = 20'000;
        points[1].codedX = 2'000'000;
        s.plot.setPoints(points);
        s.replotted();
        QVERIFY(s.plot.codedPosition(0).x() > 30 && s.plot.codedPosition(1).x() < kRdSize.width() - 14);
    }

    void isAnotherMarkerWithALine_data()
    {
        QTest::addColumn<bool>("predicted");
        QTest::newRow("measured: filled, with a hole") << false;
        QTest::newRow("predicted: hollow, with a dot") << true;
    }
    void isAnotherMarkerWithALine()
    {
        QFETCH(bool, predicted);
        ShownCoded s;
        QList<RdPoint> points = codedPoints();
        points[1].predicted = predicted;
        s.plot.setPoints(points);
        s.replotted();
        constexpr int kScale = 3;
        const QImage image = s.plot.image(kRdSize, kScale);
        const Theme t = Theme::lightTheme();
        const QPointF coded = s.plot.codedPosition(1), fixed = s.plot.markerPosition(1);
        const auto colorAt = [&](QPointF at) { return image.pixelColor((at * kScale).toPoint()); };
        QCOMPARE(colorAt(coded), predicted ? t.measured : t.surface);
        QCOMPARE(colorAt(coded + QPointF(0, -2.6)), predicted ? t.surface : t.measured);
        QCOMPARE(colorAt(coded + QPointF(4.5, -4.5)), t.surface); // no square, no circle
        const auto linkAt = [&](QPointF at) { // of a hairline that may lie between two rows of pixels
            const QRect around((at * kScale).toPoint() - QPoint(0, 2), QSize(1, 5));
            return boundsOf(image, around, [&](const QColor& c) { return contrastRatio(c, t.surface) > 1.4; });
        };
        const QPointF middle = (coded + fixed) / 2;
        QVERIFY(!linkAt(middle).isNull() && linkAt(middle).height() <= 5);
        QVERIFY(linkAt(middle + QPointF(0, 6)).isNull());
        QVERIFY(boundsOf(image, QRect((middle * kScale).toPoint() - QPoint(0, 2), QSize(1, 5)), [&](const QColor& c) {
                    return contrastRatio(c, t.surface) > 3; // it joins; it is no datum
                }).isNull());
    }

    void isTheSamePoint_data()
    {
        QTest::addColumn<bool>("coded");
        QTest::newRow("at its fixed length") << false;
        QTest::newRow("entropy-coded") << true;
    }
    void isTheSamePoint()
    {
        QFETCH(bool, coded);
        ShownCoded s;
        QSignalSpy hovered(&s.plot, &RdPlot::pointHovered), clicked(&s.plot, &RdPlot::pointClicked),
            activated(&s.plot, &RdPlot::pointActivated);
        const QPointF at = coded ? s.plot.codedPosition(1) : s.plot.markerPosition(1);
        hover(s.canvas(), at);
        QCOMPARE(QToolTip::text(), s.plot.pointText(1));
        doubleClick(s.canvas(), at);
        for (const QSignalSpy* spy : {&hovered, &clicked, &activated}) {
            QCOMPARE(spy->count(), 1);
            QCOMPARE(spy->at(0)[0].toInt(), 1);
        }
        click(s.canvas(), (s.plot.codedPosition(1) + s.plot.markerPosition(1)) / 2); // the line between is no point
        QCOMPARE(clicked.count(), 1);
    }

    void theSelectionRingsBoth()
    {
        ShownCoded s;
        const QImage before = s.plot.grab().toImage();
        s.plot.setSelectedPoint(1);
        const QImage after = s.plot.grab().toImage();
        for (const QPointF at : {s.plot.codedPosition(1), s.plot.markerPosition(1)}) {
            const QRect around(at.toPoint() - QPoint(10, 10), QSize(21, 21));
            QVERIFY(!difference(before.copy(around), after.copy(around)).isNull());
        }
    }

    void texts_data()
    {
        QTest::addColumn<int>("unit");
        QTest::addColumn<double>("x");
        QTest::addColumn<double>("coded");
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("expected"); // second and third line
        QTest::newRow("bits") << int(RdPlot::XUnit::Bits) << 4.19 << 3.7 << "file"
                              << "4.19 bits, fixed length\n3.70 bits, entropy-coded (file)";
        QTest::newRow("bytes") << int(RdPlot::XUnit::Bytes) << 41'900.0 << 37'000.0 << "entropy of the codes"
                               << "41.9 kB, fixed length\n37.0 kB, entropy-coded (entropy of the codes)";
        QTest::newRow("factor") << int(RdPlot::XUnit::Factor) << 7.5 << 8.25 << ""
                                << "7.50 times smaller, fixed length\n8.25 times smaller, entropy-coded";
    }
    void texts()
    {
        QFETCH(int, unit);
        QFETCH(double, x);
        QFETCH(double, coded);
        QFETCH(QString, from);
        QFETCH(QString, expected);
        RdPlot plot;
        plot.setAxes("rate", RdPlot::XUnit(unit), "harm", "points");
        RdPoint point{x, 0.4, 0.4, 0.4, "run 3"};
        point.codedX = coded;
        point.codedFrom = from;
        plot.setPoints({point});
        QCOMPARE(plot.pointText(0), "run 3\n" + expected + "\n0.40 points\nmeasured");
    }

    void theTableHasBoth()
    {
        RdPlot plot;
        plot.setAxes("bits", RdPlot::XUnit::Bits, "drop", "points");
        RdPoint run{4, 0.5, 0.25, 0.75, "run 1"}, uniform{8, 0.1, 0.1, 0.1, "Uniform 8", "8"};
        run.codedX = 3.5;
        run.codedFrom = "file";
        uniform.codedX = 7.25;
        plot.setFront({{4, 1, 1, 1}}, "front");
        plot.setOtherFront({{4.5, 1, 1, 1}}, "other front");
        plot.setPoints({run});
        plot.setUniform({uniform});
        QCOMPARE(plot.csv().section('\n', 1),
                 QString("predicted front,front,4,1,,\npredicted front,other front,4.5,1,,\n"
                         "uniform measured,Uniform 8,8,0.1,,\nmeasured,run 1,4,0.5,0.25,0.75\n"
                         "uniform measured entropy-coded,Uniform 8,7.25,0.1,,\n"
                         "measured entropy-coded,run 1 (file),3.5,0.5,0.25,0.75\n"));
        plot.setSelectedPoint(0); // what is said aloud is its row
        QCOMPARE(accessibleTable(&plot)->rowDescription(3), QString("measured, run 1"));
    }

    void theDescriptionTellsOfThem()
    {
        ShownCoded s;
        const auto said = [&] { return accessible(s.canvas())->text(QAccessible::Description); };
        QVERIFY2(said().contains("Entropy-coded sizes are shown too; runs: 2, uniform widths: 0"), qPrintable(said()));
        s.plot.setPoints(pointsExample());
        QVERIFY2(!said().contains("Entropy-coded"), qPrintable(said()));
    }

    void beyondTheEdgeOneArrowIsEnough()
    {
        ShownCoded s;
        QList<RdPoint> points = codedPoints();
        points[0].y = points[0].low = points[0].high = 71;
        points[0].pale = true; // no point of one's own: the range does not follow it
        s.plot.setPoints(points);
        s.replotted();
        QVERIFY(s.plot.codedPosition(0).isNull());
        QVERIFY(s.plot.pointText(0).contains("entropy-coded"));
    }

    void theBudgetsLabelKeepsClear()
    {
        ShownCoded s;
        s.plot.setTargetX(500'000);
        s.replotted();
        const auto label = [&] { // the budget's is the one right beside its line
            for (const QRectF& rect : s.plot.textRects(kRdSize))
                if (std::abs(rect.left() - s.plot.pixel(500'000, 1).x() - 4) < 2)
                    return rect;
            return QRectF();
        };
        QList<RdPoint> points = codedPoints();
        points[1].y = points[1].low = points[1].high = 1.58; // a marker where the label stands otherwise
        points[1].x = 590'000;
        points[1].codedX = 530'000;
        s.plot.setPoints(points);
        s.replotted();
        QVERIFY(!label().isNull());
        QVERIFY(!label().intersects(QRectF(s.plot.codedPosition(1) - QPointF(4, 4), QSizeF(8, 8))));
    }

    void outOfReachIsNotHatchedWhereOthersStand()
    {
        ShownCoded s;
        const Theme t = Theme::lightTheme();
        const auto ink = [&] { return pixelsOf(s.plot.image(kRdSize, 3), blend(t.axis, t.surface, 0.66)); };
        const int none = ink();
        s.plot.setUnreachable(400'000, "why", false);
        QCOMPARE(ink(), none);
        hover(s.canvas(), {s.plot.pixel(300'000, 1).x(), s.plot.pixel(0, 1).y()});
        QVERIFY(QToolTip::text() != "why");
        s.plot.setUnreachable(400'000, "why");
        QVERIFY(ink() > none + 30);
        s.plot.setUnreachable(400'000, "why", false);
        s.plot.setTargetX(500'000);
        s.replotted();
        QSignalSpy released(&s.plot, &RdPlot::targetXReleased);
        const QPointF from = s.plot.pixel(500'000, 1.1), to(s.plot.pixel(300'000, 0).x(), from.y());
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, to);
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, to);
        QCOMPARE(released.value(0).value(0).toDouble(), 400'000.0); // and still it ends there
    }

    void theOtherFrontIsDashed()
    {
        ShownRd s;
        s.plot.setFront({});
        s.plot.setUniform({});
        s.plot.setPoints({});
        s.plot.setOtherFront({{200'000, 2, 2, 2}, {800'000, 0.5, 0.5, 0.5}}, "other");
        s.plot.setCurrent(RdPoint{500'000, 1, 1, 1, "now"}); // a front alone shows nothing
        s.replotted();
        const QImage image = s.plot.image(kRdSize, 3);
        const QPointF from = s.plot.pixel(200'000, 2) * 3, to = s.plot.pixel(800'000, 2) * 3;
        int inked = 0, bare = 0;
        for (int x = int(from.x()) + 6; x < int(to.x()) - 6; ++x)
            (boundsOf(image, QRect(x, int(from.y()) - 2, 1, 5), [](const QColor& c) {
                 return contrastRatio(c, Theme::lightTheme().surface) > 2;
             }).isNull() ? bare : inked)++;
        QVERIFY2(inked > 100 && bare > 50, qPrintable(QString("%1 %2").arg(inked).arg(bare)));
        QCOMPARE(s.plot.frontCount(), 0); // nothing to click
    }

    void layout_data()
    {
        QTest::addColumn<QSize>("size");
        for (const QSize size : {QSize(240, 180), QSize(360, 300), QSize(480, 360), QSize(900, 500)})
            QTest::addRow("%dx%d", size.width(), size.height()) << size;
    }
    void layout()
    {
        QFETCH(QSize, size);
        RdPlot plot;
        plot.setAxes("Stored size, fixed and coded", RdPlot::XUnit::Bytes, "Accuracy drop", "points");
        plot.setFront(frontExample(), "predicted, optimised (fixed), refining");
        plot.setSecondFront(frontExample(), "predicted, nearest rounding (fixed)");
        plot.setOtherFront(frontExample(), "predicted, optimised (coded)");
        QList<RdPoint> points = codedPoints(), uniform = uniformExample();
        for (QList<RdPoint>* list : {&points, &uniform})
            for (int i = 0; i < list->size(); ++i) {
                (*list)[i].codedX = 0.9 * (*list)[i].x;
                (*list)[i].label = QString::number(i);
            }
        plot.setPoints(points);
        plot.setUniform(uniform);
        plot.setCurrent(RdPoint{350'000, 1.6, 1.3, 1.9, "now"});
        plot.setTargetX(500'000);
        plot.setTargetY(0.5);
        const QList<QRectF> texts = plot.textRects(size);
        QVERIFY(texts.size() > 8);
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }
};

MPRDO_TEST(TstRdPlotCoded)
#include "tst_rd_plot_coded.moc"

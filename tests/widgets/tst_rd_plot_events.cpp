// SPDX-License-Identifier: GPL-3.0-or-later
// Clicking, dragging and keys on the rate-distortion chart.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "tests/widgets/rd_example.h"
#include <QSignalSpy>
#include <QToolTip>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

/// Writes down what a chart tells.
struct Listener {
    QStringList told;

    explicit Listener(const RdPlot& plot)
    {
        QObject::connect(&plot, &RdPlot::pointClicked, [this](int i) { told << QString("point %1").arg(i); });
        QObject::connect(&plot, &RdPlot::pointActivated, [this](int i) { told << QString("activate %1").arg(i); });
        QObject::connect(&plot, &RdPlot::pointHovered, [this](int i) { told << QString("hover point %1").arg(i); });
        QObject::connect(&plot, &RdPlot::frontHovered, [this](int i) { told << QString("hover front %1").arg(i); });
        QObject::connect(&plot, &RdPlot::frontClicked, [this](int i) { told << QString("front %1").arg(i); });
        QObject::connect(&plot, &RdPlot::frontActivated, [this](int i) { told << QString("activate front %1").arg(i); });
        QObject::connect(&plot, &RdPlot::targetXMoved, [this](double) { told << "x moves"; });
        QObject::connect(&plot, &RdPlot::targetXReleased, [this](double) { told << "x released"; });
        QObject::connect(&plot, &RdPlot::targetYMoved, [this](double) { told << "y moves"; });
        QObject::connect(&plot, &RdPlot::targetYReleased, [this](double) { told << "y released"; });
    }
    QString answer() const { return told.join(" | "); }
};

void wheel(QWidget* to, QPointF at, int turns)
{
    QWheelEvent event(at, to->mapToGlobal(at), {}, {0, 120 * turns}, {}, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(to, &event);
}

} // namespace

class TstRdPlotEvents : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void clicks_data()
    {
        QTest::addColumn<QString>("where");
        QTest::addColumn<QPointF>("beside"); // pixels off the place
        QTest::addColumn<QString>("expected");
        QTest::newRow("point") << "point 1" << QPointF() << "point 1";
        QTest::newRow("beside a point") << "point 1" << QPointF(5, -5) << "point 1";
        QTest::newRow("too far") << "point 2" << QPointF(25, -25) << "";
        QTest::newRow("front") << "front 38" << QPointF(0, 0) << "front 38";
        QTest::newRow("axis") << "axis" << QPointF() << "";
    }
    void clicks()
    {
        QFETCH(QString, where);
        QFETCH(QPointF, beside);
        QFETCH(QString, expected);
        ShownRd s;
        Listener listener(s.plot);
        const int index = where.section(' ', 1).toInt();
        QPointF at(10, kRdSize.height() - 5);
        if (where.startsWith("point"))
            at = s.plot.markerPosition(index);
        if (where.startsWith("front"))
            at = s.plot.pixel(frontExample()[index].x, frontExample()[index].y);
        click(s.canvas(), at + beside);
        QCOMPARE(listener.answer(), expected);
    }

    void doubleClickActivates()
    {
        ShownRd s;
        Listener listener(s.plot);
        doubleClick(s.canvas(), s.plot.markerPosition(2));
        QCOMPARE(listener.answer(), QString("point 2 | activate 2"));
    }

    void aCornerOfTheFrontIsSelectedAndActivated()
    {
        ShownRd s;
        Listener listener(s.plot);
        const QPointF at = s.plot.pixel(frontExample()[38].x, frontExample()[38].y);
        doubleClick(s.canvas(), at);
        QCOMPARE(listener.answer(), QString("front 38 | activate front 38"));
        listener.told.clear();
        s.plot.setSelectedPoint(1);
        s.plot.setSelectedCorner(7);
        sendKey(s.canvas(), QEvent::KeyPress, "Return");
        s.plot.setSelectedPoint(1); // takes the selection
        sendKey(s.canvas(), QEvent::KeyPress, "Enter");
        QCOMPARE(listener.answer(), QString("activate front 7 | activate 1"));
        listener.told.clear();
        s.plot.setSelectedCorner(7);
        QList<RdFrontPoint> other = frontExample();
        other.removeFirst();
        s.plot.setFront(other); // corner 7 is another one now
        sendKey(s.canvas(), QEvent::KeyPress, "Return");
        QCOMPARE(listener.answer(), QString());
    }

    void whatIsGoneIsNotHovered()
    {
        ShownRd s;
        Listener listener(s.plot);
        hover(s.canvas(), s.plot.pixel(frontExample()[38].x, frontExample()[38].y));
        s.plot.setFront({});
        hover(s.canvas(), s.plot.markerPosition(0));
        s.plot.setPoints({});
        QCOMPARE(listener.answer(), QString("hover front 38 | hover front -1 | hover point 0 | hover point -1"));
    }

    void theBudgetStaysWithinReach_data()
    {
        QTest::addColumn<bool>("factor");
        QTest::addColumn<double>("to");
        QTest::addColumn<double>("expected");
        QTest::newRow("below the least") << false << 250'000.0 << 400'000.0;
        QTest::newRow("above it") << false << 700'000.0 << 700'000.0;
        QTest::newRow("more than the most compression") << true << 900'000.0 << 400'000.0;
        QTest::newRow("less than it") << true << 300'000.0 << 300'000.0;
    }
    void theBudgetStaysWithinReach()
    {
        QFETCH(bool, factor);
        QFETCH(double, to);
        QFETCH(double, expected);
        ShownRd s;
        if (factor)
            s.plot.setAxes("Compression", RdPlot::XUnit::Factor, "Accuracy drop", "points");
        s.plot.setFront({});
        s.plot.setTargetX(550'000);
        s.plot.setUnreachable(400'000, "two locked layers");
        s.replotted();
        QSignalSpy released(&s.plot, &RdPlot::targetXReleased);
        const QPointF from = s.plot.pixel(550'000, 1.9);
        const QPointF at(s.plot.pixel(to, 0).x(), from.y());
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, at);
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, at);
        QCOMPARE(released.count(), 1);
        QVERIFY2(std::abs(released[0][0].toDouble() - expected) < 3000, qPrintable(released[0][0].toString()));
    }

    void hoveringSaysWhatCannotBeHad()
    {
        ShownRd s;
        s.plot.setUnreachable(400'000, "two locked layers");
        s.replotted();
        hover(s.canvas(), {s.plot.pixel(210'000, 1).x(), s.plot.pixel(0, 0.2).y()});
        QCOMPARE(QToolTip::text(), QString("two locked layers"));
        hover(s.canvas(), s.plot.pixel(uniformExample()[0].x, uniformExample()[0].y)); // a figure says more
        QVERIFY(QToolTip::text().startsWith("Uniform 3-bit PTQ\n"));
    }

    void dragsOfTheBudget_data()
    {
        QTest::addColumn<double>("grip"); // pixels beside the line
        QTest::addColumn<double>("by");
        QTest::addColumn<QString>("expected");
        QTest::newRow("to the right") << 0.0 << 60.0 << "x moves | x moves | x released";
        QTest::newRow("to the left") << 3.0 << -60.0 << "x moves | x moves | x released";
        QTest::newRow("a click moves nothing") << 0.0 << 0.0 << "";
        QTest::newRow("a trembling hand moves nothing") << 0.0 << 2.0 << "";
        QTest::newRow("beside the line nothing is gripped") << 9.0 << 60.0 << "";
    }
    void dragsOfTheBudget()
    {
        QFETCH(double, grip);
        QFETCH(double, by);
        QFETCH(QString, expected);
        ShownRd s;
        s.plot.setFront({});
        s.plot.setTargetX(550'000);
        s.replotted();
        Listener listener(s.plot);
        QSignalSpy released(&s.plot, &RdPlot::targetXReleased);
        const QPointF from(s.plot.pixel(550'000, 0).x() + grip, s.plot.pixel(0, 1.9).y());
        const double wanted = 550'000 + by * 100'000 / (s.plot.pixel(650'000, 0).x() - s.plot.pixel(550'000, 0).x())
            + grip * 100'000 / (s.plot.pixel(650'000, 0).x() - s.plot.pixel(550'000, 0).x());
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, from + QPointF(by / 2, 3));
        sendMouse(s.canvas(), QEvent::MouseMove, from + QPointF(by, -3));
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, from + QPointF(by, -3));
        if (by == 0) // a click wobbles by three pixels at most
            QCOMPARE(listener.answer().remove(" | "), expected);
        else
            QCOMPARE(listener.answer(), expected);
        if (!expected.isEmpty())
            QVERIFY2(std::abs(released[0][0].toDouble() - wanted) < 3000, qPrintable(released[0][0].toString()));
    }

    void dragOfTheLargestDrop()
    {
        ShownRd s;
        s.plot.setTargetY(1.0);
        s.replotted();
        Listener listener(s.plot);
        QSignalSpy released(&s.plot, &RdPlot::targetYReleased);
        const QPointF from(s.plot.pixel(850'000, 1).x(), s.plot.pixel(0, 1.0).y());
        const double wanted = 0.5;
        const QPointF to(from.x(), s.plot.pixel(0, wanted).y());
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, to);
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, to);
        QCOMPARE(listener.answer(), QString("y moves | y released"));
        QVERIFY(std::abs(released[0][0].toDouble() - wanted) < 0.02);
    }

    void nothingMovesUnderTheHand()
    {
        ShownRd s;
        s.plot.setTargetX(550'000);
        s.replotted();
        // Each move changes what is drawn, as solving for the budget does.
        connect(&s.plot, &RdPlot::targetXMoved, &s.plot, [&s](double x) {
            s.plot.setCurrent(RdPoint{x, 1e-5 * x, 1e-5 * x, 1e-5 * x, "now", {}, true, false});
        });
        QSignalSpy released(&s.plot, &RdPlot::targetXReleased);
        const QPointF from = s.plot.pixel(550'000, 1.9), to(s.plot.pixel(700'000, 0).x(), from.y());
        const double before = s.plot.pixel(0, 1).y();
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, (from + to) / 2);
        QCOMPARE(s.plot.pixel(0, 1).y(), before);
        sendMouse(s.canvas(), QEvent::MouseMove, to);
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, to);
        QVERIFY(std::abs(released[0][0].toDouble() - 700'000) < 1000);
        QVERIFY(s.plot.pixel(0, 1).y() != before); // and then it is fitted
    }

    void aDragStaysInTheChart()
    {
        ShownRd s;
        s.plot.setTargetX(550'000);
        s.replotted();
        QSignalSpy released(&s.plot, &RdPlot::targetXReleased);
        const QPointF from = s.plot.pixel(550'000, 1.9);
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, {5000, from.y()});
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, {5000, from.y()});
        QCOMPARE(released.count(), 1);
        QVERIFY(released[0][0].toDouble() < 1'100'000 && released[0][0].toDouble() > 900'000);
    }

    void pointsGoBeforeLines()
    {
        ShownRd s;
        s.plot.setTargetX(pointsExample()[1].x);
        s.replotted();
        Listener listener(s.plot);
        click(s.canvas(), s.plot.markerPosition(1));
        QCOMPARE(listener.answer(), QString("point 1"));
    }

    void hovering()
    {
        ShownRd s;
        Listener listener(s.plot);
        hover(s.canvas(), s.plot.markerPosition(0));
        hover(s.canvas(), s.plot.markerPosition(0) + QPointF(1, 0)); // still the same
        hover(s.canvas(), s.plot.pixel(frontExample()[38].x, frontExample()[38].y));
        hover(s.canvas(), {s.plot.markerPosition(2).x() + 60, s.plot.markerPosition(2).y() - 60});
        QCOMPARE(listener.answer(), QString("hover point 0 | hover point -1 | hover front 38 | hover front -1"));
        listener.told.clear();
        hover(s.canvas(), s.plot.markerPosition(0));
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(s.canvas(), &leave);
        QCOMPARE(listener.answer(), QString("hover point 0 | hover point -1"));
    }

    void keys()
    {
        ShownRd s;
        Listener listener(s.plot);
        sendKey(s.canvas(), QEvent::KeyPress, "Return"); // nothing selected
        for (const char* key : {"Right", "Right", "Right", "Right", "Left", "Return"})
            sendKey(s.canvas(), QEvent::KeyPress, key);
        QCOMPARE(listener.answer(), QString("point 0 | point 1 | point 2 | point 2 | point 1 | activate 1"));
    }

    void selectedPointHasARing()
    {
        ShownRd s;
        const QImage before = s.plot.grab().toImage(), exported = s.plot.image(kRdSize);
        s.replotted();
        s.plot.setSelectedPoint(1);
        const QRect changed = difference(before, s.plot.grab().toImage());
        QVERIFY(!changed.isNull());
        const QPoint centre = s.plot.markerPosition(1).toPoint();
        QVERIFY(QRect(centre - QPoint(12, 12), QSize(25, 25)).contains(changed));
        QVERIFY(difference(exported, s.plot.image(kRdSize)).isNull());
    }

    void zoomNeverResetsByItself()
    {
        ShownRd s;
        const double before = s.plot.pixel(500'000, 1).x();
        wheel(s.canvas(), s.plot.pixel(700'000, 1.2), 3);
        s.replotted();
        const double zoomed = s.plot.pixel(500'000, 1).x();
        QVERIFY(std::abs(zoomed - before) > 5);
        QList<RdPoint> more = pointsExample();
        more.append({5'000'000, 30, 30, 30, "run 4", "4", false, false});
        s.plot.setPoints(more);
        s.plot.setTargetX(4'000'000);
        s.plot.setSecondFront({{6'000'000, 3, 3, 3}}, "another");
        s.plot.setUnreachable(100'000);
        s.plot.setNoiseBand(std::pair(-40.0, 40.0));
        s.plot.setCurrent(RdPoint{3'000'000, 4, 4, 4, "now", {}, true, false});
        s.replotted();
        QCOMPARE(s.plot.pixel(500'000, 1).x(), zoomed);
        // A double click on free ground shows everything.
        doubleClick(s.canvas(), {s.plot.markerPosition(2).x() + 60, s.plot.markerPosition(2).y() - 60});
        s.replotted();
        QVERIFY(s.plot.pixel(5'000'000, 1).x() < kRdSize.width());
        QVERIFY(s.plot.pixel(500'000, 1).x() < zoomed);
    }

    void panning()
    {
        ShownRd s;
        Listener listener(s.plot);
        const QPointF from(s.plot.markerPosition(2).x() + 60, s.plot.markerPosition(2).y() - 60);
        const QPointF before = s.plot.markerPosition(0);
        sendMouse(s.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(s.canvas(), QEvent::MouseMove, from + QPointF(30, 20));
        sendMouse(s.canvas(), QEvent::MouseButtonRelease, from + QPointF(30, 20));
        s.replotted();
        const QPointF moved = s.plot.markerPosition(0) - before;
        QVERIFY2(std::abs(moved.x() - 30) < 5 && std::abs(moved.y() - 20) < 5,
                 qPrintable(QString("%1 %2").arg(moved.x()).arg(moved.y())));
        QCOMPARE(listener.answer(), QString());
    }

    void otherAxesShowEverythingAgain()
    {
        ShownRd s;
        wheel(s.canvas(), s.plot.pixel(700'000, 1.2), 5);
        s.plot.setAxes("Stored size", RdPlot::XUnit::Bytes, "KL divergence", "nats");
        s.replotted();
        QVERIFY(s.plot.pixel(200'000, 1).x() > 30 && s.plot.pixel(1'000'000, 1).x() < kRdSize.width());
    }

    void picturesLeaveTheScreenAlone()
    {
        ShownRd s;
        Listener listener(s.plot);
        const QPointF before = s.plot.markerPosition(1);
        QVERIFY(!s.plot.image({1200, 200}, 2).isNull());
        QVERIFY(!s.plot.textRects({300, 300}).isEmpty());
        QCOMPARE(s.plot.markerPosition(1), before); // no replot in between
        click(s.canvas(), before);
        QCOMPARE(listener.answer(), QString("point 1"));
    }
};

MPRDO_TEST(TstRdPlotEvents)
#include "tst_rd_plot_events.moc"

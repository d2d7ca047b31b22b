// SPDX-License-Identifier: GPL-3.0-or-later
// Helpers of the charts: clipping, steps, label places, numbers as text.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/chart_paint.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <QFontMetricsF>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

QString text(const QPointF& p) { return QString("%1,%2").arg(p.x()).arg(p.y()); }

QString text(const QList<QPointF>& points)
{
    QStringList out;
    for (const QPointF& p : points)
        out << text(p);
    return out.join(' ');
}

} // namespace

class TstChartPaint : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void clipping_data()
    {
        QTest::addColumn<QLineF>("line");
        QTest::addColumn<QString>("expected"); // in the square 0..10
        QTest::newRow("inside") << QLineF(1, 2, 8, 9) << "1,2 8,9";
        QTest::newRow("across") << QLineF(-5, 5, 15, 5) << "0,5 10,5";
        QTest::newRow("diagonal") << QLineF(-2, -2, 12, 12) << "0,0 10,10";
        QTest::newRow("leaves above") << QLineF(5, 5, 5, -5) << "5,5 5,0";
        QTest::newRow("beside") << QLineF(11, 0, 11, 10) << "";
        QTest::newRow("past a corner") << QLineF(8, -4, 14, 2) << "";
        QTest::newRow("away") << QLineF(20, 20, 30, 30) << "";
        QTest::newRow("point inside") << QLineF(3, 3, 3, 3) << "3,3 3,3";
        QTest::newRow("point outside") << QLineF(13, 3, 13, 3) << "";
    }
    void clipping()
    {
        QFETCH(QLineF, line);
        QFETCH(QString, expected);
        const auto part = clipped(line, QRectF(0, 0, 10, 10));
        QCOMPARE(part ? text(part->p1()) + ' ' + text(part->p2()) : QString(), expected);
    }

    void polylinesStayInside()
    {
        QImage image(60, 60, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        painter.setPen(QPen(Qt::black, 1));
        paintPolyline(painter, {{-20, 30}, {30, 30}, {30, 100}, {45, 100}, {45, -50}, {52, 30}},
                      QRectF(20, 20, 20, 20));
        painter.end();
        const QRect ink = boundsOf(image, QRect(), [](const QColor& c) { return c != Qt::white; });
        QVERIFY2(QRect(19, 19, 22, 22).contains(ink) && ink.left() <= 20 && ink.bottom() >= 39,
                 qPrintable(QString("%1 %2").arg(ink.left()).arg(ink.bottom())));
    }

    void stepsThroughCorners_data()
    {
        QTest::addColumn<QList<QPointF>>("corners");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << QList<QPointF>{} << "";
        QTest::newRow("one") << QList<QPointF>{{1, 1}} << "1,1";
        QTest::newRow("level of the left corner") << QList<QPointF>{{0, 0}, {10, 20}} << "0,0 10,0 10,20";
        QTest::newRow("too small to be seen") << QList<QPointF>{{0, 0}, {3, 3}} << "0,0 3,3";
        QTest::newRow("within half a pixel") << QList<QPointF>{{0, 0}, {0.2, 0.2}, {10, 0}} << "0,0 10,0 10,0";
    }
    void stepsThroughCorners()
    {
        QFETCH(QList<QPointF>, corners);
        QFETCH(QString, expected);
        QCOMPARE(text(steps(corners)), expected);
    }

    void labelsFindRoom()
    {
        const QRectF area(0, 0, 200, 200);
        LabelPlacer placer(area);
        QList<QRectF> taken;
        int refused = 0;
        for (int i = 0; i < 12; ++i) {
            const auto rect = placer.place({100, 100}, {40, 10}, 6);
            if (!rect) {
                ++refused;
                continue;
            }
            QVERIFY(area.contains(*rect));
            QVERIFY(!rect->contains(QPointF(100, 100)));
            for (const QRectF& other : taken)
                QVERIFY(!other.intersects(*rect));
            taken << *rect;
        }
        QVERIFY(taken.size() >= 4 && refused >= 4);
        QVERIFY(taken[0].left() > 100 && taken[0].bottom() < 100); // above right first
        LabelPlacer corner(area);
        const auto rect = corner.place({198, 2}, {40, 10}, 6);
        QVERIFY(rect && area.contains(*rect));
        QVERIFY(!corner.place({100, 100}, {300, 10}, 6)); // wider than the chart
    }

    void markers_data()
    {
        QTest::addColumn<int>("marker");
        for (const Marker marker : {Marker::Circle, Marker::Square, Marker::Diamond, Marker::PiercedDiamond})
            QTest::addRow("%d", int(marker)) << int(marker);
    }
    void markers()
    {
        QFETCH(int, marker);
        const Theme t = Theme::lightTheme();
        QImage pictures[2];
        for (const bool filled : {false, true}) {
            QImage& image = pictures[filled ? 1 : 0];
            image = QImage(40, 40, QImage::Format_RGB32);
            image.fill(Qt::black);
            QPainter painter(&image);
            painter.setRenderHint(QPainter::Antialiasing);
            paintMarker(painter, Marker(marker), {20, 20}, 12, t.measured, filled, t);
            painter.end();
            const bool dot = Marker(marker) == Marker::PiercedDiamond;
            QCOMPARE(image.pixelColor(20, 20), filled != dot ? t.measured : t.surface);
            const QRect ink = boundsOf(image, QRect(), [](const QColor& c) { return c != Qt::black; });
            QVERIFY(std::abs(ink.center().x() - 20) <= 1 && std::abs(ink.width() - ink.height()) <= 1);
            // A rim of the surface's colour against what lies below.
            QVERIFY(ink.width() >= boundsOf(image, t.measured).width() + 2);
        }
        QVERIFY(!difference(pictures[0], pictures[1]).isNull());
    }

    void legendsWrap()
    {
        const QFont font;
        const QList<LegendEntry> entries(
            5, {LegendEntry::Kind::Line, "predicted front", Qt::black, Marker::Circle, true, 0});
        QCOMPARE(legendRows({}, 100, font), 0);
        QCOMPARE(legendRows(entries, 10'000, font), 1);
        QCOMPARE(legendRows(entries, 1, font), 5);
        const double one = QFontMetricsF(font).horizontalAdvance("predicted front") + 23;
        QCOMPARE(legendRows(entries, 2 * one + 20, font), 3);
        QVERIFY(legendRowHeight(font) >= QFontMetricsF(font).height());
    }

    void runsOfColumns_data()
    {
        QTest::addColumn<QList<int>>("columns");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << QList<int>{} << "";
        QTest::newRow("one") << QList<int>{4} << "4-4";
        QTest::newRow("unsorted, with gaps and doubles") << QList<int>{7, 2, 1, 3, 3, 9, 8} << "1-3 7-9";
    }
    void runsOfColumns()
    {
        QFETCH(QList<int>, columns);
        QFETCH(QString, expected);
        QStringList out;
        for (const auto& [from, to] : runs(columns))
            out << QString("%1-%2").arg(from).arg(to);
        QCOMPARE(out.join(' '), expected);
    }

    void numbers_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("expected");
        QTest::newRow("zero") << 0.0 << "0";
        QTest::newRow("negative zero") << -0.0 << "0";
        QTest::newRow("one") << 1.0 << "1.00";
        QTest::newRow("three digits") << 0.12345 << "0.123";
        QTest::newRow("small") << 0.0012345 << "0.00123";
        QTest::newRow("below: exponent") << 0.00012345 << "1.23e-04";
        QTest::newRow("hundreds") << 123.45 << "123";
        QTest::newRow("thousands") << 12345.6 << "12346";
        QTest::newRow("above: exponent") << 1234567.0 << "1.23e+06";
        QTest::newRow("rounds up a digit") << 9.999 << "10.0";
        QTest::newRow("rounds up two") << 99.96 << "100";
        QTest::newRow("negative") << -2.5 << "-2.50";
        QTest::newRow("unknown") << std::numeric_limits<double>::quiet_NaN() << "?";
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << "?";
    }
    void numbers()
    {
        QFETCH(double, value);
        QFETCH(QString, expected);
        QCOMPARE(shortNumber(value), expected);
    }

    void csvFields_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("expected");
        QTest::newRow("plain") << "layer1.0"
                               << "layer1.0";
        QTest::newRow("comma") << "a,b"
                               << "\"a,b\"";
        QTest::newRow("quote") << "a\"b"
                               << "\"a\"\"b\"";
        QTest::newRow("line") << "a\nb"
                              << "\"a\nb\"";
        QTest::newRow("empty") << ""
                               << "";
    }
    void csvFields()
    {
        QFETCH(QString, field);
        QFETCH(QString, expected);
        QCOMPARE(csvField(field), expected);
    }

    void logTickLabels_data()
    {
        QTest::addColumn<double>("tick");
        QTest::addColumn<QString>("label");
        QTest::newRow("0.1") << 0.1 << "0.1";
        QTest::newRow("1") << 1.0 << "1";
        QTest::newRow("100") << 100.0 << "100";
        QTest::newRow("250") << 250.0 << "250";
        QTest::newRow("0.35") << 0.35 << "0.35";
        QTest::newRow("10^-2") << 0.01 << QStringLiteral("10\u207b\u00b2");
        QTest::newRow("10^-3 but for the last digit") << 0.001 * (1 - 1e-12) << QStringLiteral("10\u207b\u00b3");
        QTest::newRow("10^-12") << 1e-12 << QStringLiteral("10\u207b\u00b9\u00b2");
        QTest::newRow("10^3") << 1000.0 << QStringLiteral("10\u00b3");
        // Less than two decades: the ticks between them, which must not all read as the nearest power.
        QTest::newRow("2e-4") << 2e-4 << QStringLiteral("2\u00b710\u207b\u2074");
        QTest::newRow("6e-4") << 6e-4 << QStringLiteral("6\u00b710\u207b\u2074");
        QTest::newRow("2.5e-4") << 2.5e-4 << QStringLiteral("2.5\u00b710\u207b\u2074");
        QTest::newRow("1500") << 1500.0 << QStringLiteral("1.5\u00b710\u00b3");
    }
    void logTickLabels()
    {
        QFETCH(double, tick);
        QFETCH(QString, label);
        QCOMPARE(logTickLabel(tick), label);
    }

    void snapping_data()
    {
        QTest::addColumn<double>("scale");
        for (const double scale : {1.0, 1.25, 1.5, 2.0, 3.0})
            QTest::addRow("%g", scale) << scale;
    }
    void snapping()
    {
        QFETCH(double, scale);
        QImage image(100, 100, QImage::Format_RGB32);
        QPainter painter(&image);
        painter.scale(scale, scale);
        for (const QRectF& rect : {QRectF(1.3, 2.7, 4.4, 0.1), QRectF(0.49, 0.51, 10, 3), QRectF(7, 7, 0, 0)}) {
            const QRectF out = snapped(painter, rect);
            for (const double edge : {out.left(), out.right(), out.top(), out.bottom()})
                QVERIFY(std::abs(edge * scale - std::round(edge * scale)) < 1e-9);
            QVERIFY(out.width() * scale >= 1 - 1e-9 && out.height() * scale >= 1 - 1e-9); // never gone
            QVERIFY(std::abs(out.left() - rect.left()) * scale <= 0.5 + 1e-9);
        }
    }
};

MPRDO_TEST(TstChartPaint)
#include "tst_chart_paint.moc"

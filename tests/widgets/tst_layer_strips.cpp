// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/layer_strips.h"
#include "widgets/sensitivity_plot.h"
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 240};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct Shown {
    LayerAxis axis;
    LayerStrips strips{&axis};

    explicit Shown(int layers = 8)
    {
        axis.setLayers(residualLayers(layers));
        strips.setTheme(Theme::lightTheme());
        strips.resize(kSize);
    }
    QRect column(int index) const
    {
        const double left = axis.columnLeft(index, kSize.width());
        return QRect(int(std::floor(left)), 0, int(std::ceil(axis.columnWidth(kSize.width()))) + 1, kSize.height());
    }
    void setDifference(const QList<double>& values) { strips.setDifference("SQNR, B minus A", "dB", values); }
};

} // namespace

class TstLayerStrips : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csvAndText()
    {
        Shown s(4);
        s.axis.setOrder({3, 0, 1, 2});
        s.strips.setBits({4, 0, kFloatBits}, {8, 2});
        s.setDifference({3.25, kNan, -kInf});
        QCOMPARE(s.strips.csv(), QString("layer,bits A,bits B,\"SQNR, B minus A (dB)\"\nlinear,,,\nconv1,4,8,3.25\n"
                                         "layer1.0.conv1,,2,\nlayer1.0.conv2,FP,,-inf\n"));
        QCOMPARE(s.strips.layerText(0), QString("conv1\nA: 4 bits, B: 8 bits\nSQNR, B minus A: +3.25 dB"));
        QCOMPARE(s.strips.layerText(1), QString("layer1.0.conv1\nA: not known, B: 2 bits"));
        QCOMPARE(s.strips.layerText(2), QString("layer1.0.conv2\nA: FP32, B: not known\nSQNR, B minus A: -\u221e"));
        QCOMPARE(s.strips.layerText(3), QString("linear\nnot measured yet"));
        QCOMPARE(s.strips.layerText(-1) + s.strips.layerText(4), QString());
    }

    void oneAllocationWithIntervals()
    {
        Shown s(4);
        s.strips.setBits({}, {4, 8, 2, 4});
        s.strips.setDifference("gain", "points", {0.5, -0.25, kNan, 1});
        const QRect withoutWhisker = boundsOf(s.strips.image(kSize), Theme::lightTheme().text, s.column(0));
        QVERIFY(withoutWhisker.isNull());
        s.strips.setIntervals({0.25, -0.5, 0}, {1, 0.25, 1});
        QCOMPARE(s.strips.layerText(0), QString("conv1\n4 bits\ngain: +0.500 points (0.250 to 1.00)"));
        QCOMPARE(s.strips.layerText(3), QString("linear\n4 bits\ngain: +1.00 points")); // none was given
        QCOMPARE(s.strips.csv(), QString("layer,bits A,bits B,gain (points),low,high\nconv1,,4,0.5,0.25,1\n"
                                         "layer1.0.conv1,,8,-0.25,-0.5,0.25\nlayer1.0.conv2,,2,,,\nlinear,,4,1,,\n"));
        // Ends stand where bars of these values end.
        const QImage image = s.strips.image(kSize);
        const QRect whisker = boundsOf(image, Theme::lightTheme().text, s.column(0));
        const QRect one = boundsOf(image, Theme::lightTheme().measured, s.column(3));
        QVERIFY(!whisker.isNull() && !one.isNull());
        QVERIFY(std::abs(whisker.top() - one.top()) <= 1);
        QVERIFY(std::abs(one.bottom() - whisker.bottom() - one.height() / 4) <= 2);
        QVERIFY(boundsOf(image, Theme::lightTheme().text, s.column(2)).isNull());
        QVERIFY(boundsOf(image, Theme::lightTheme().text, s.column(3)).isNull());
        s.setDifference({1});
        QVERIFY(!s.strips.csv().contains("low"));
    }

    void centres_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<double>("scale");
        for (const int layers : {8, 21, 110, 160})
            for (const double scale : {1.0, 1.5, 2.0})
                QTest::addRow("%d layers, %g", layers, scale) << layers << scale;
    }
    void centres() // as every other strip on the axis
    {
        QFETCH(int, layers);
        QFETCH(double, scale);
        constexpr int kWidth = 613; // columns at odd fractions of pixels
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        LayerStrips strips(&axis);
        SensitivityPlot bars(&axis);
        bars.setWidths({2, 8});
        bars.setValues(QList<QList<double>>(layers, {1, 0.5}));
        bars.setLegendVisible(false);
        const Theme t = Theme::lightTheme();
        const QRect right(int(axis.leftGutter() * scale), 0, int((kWidth - axis.leftGutter()) * scale), 20000);
        for (const int marked : {0, layers / 3, layers / 2, layers - 2, layers - 1}) {
            axis.ensureVisible(marked, kWidth);
            QList<int> b(layers, 2);
            b[marked] = 8;
            bars.setCurrentWidths(b);
            strips.setBits(QList<int>(layers, 2), b);
            QList<double> values(layers, kNan);
            values[marked] = 5;
            strips.setDifference("difference", "dB", values);
            const QImage image = strips.image({kWidth, 220}, scale);
            const auto middle = [](const QRect& r) { return (r.left() + r.right() + 1) / 2.0; };
            const QRect dot = boundsOf(image, t.widthColor(8), right), bar = boundsOf(image, t.measured, right);
            const QRect other = boundsOf(bars.image({kWidth, 200}, scale), t.widthColor(8), right);
            QVERIFY(!dot.isNull() && !bar.isNull() && !other.isNull());
            const double wanted = axis.columnCentre(axis.columnOf(marked), kWidth) * scale;
            for (const QRect& ink : {dot, bar, other})
                QVERIFY2(std::abs(middle(ink) - wanted) <= 1,
                         qPrintable(QString("%1 %2").arg(middle(ink)).arg(wanted)));
            QVERIFY(std::abs(middle(other) - middle(bar)) <= 1);
        }
    }

    void aIsHollowBIsFilled()
    {
        Shown s;
        const QColor color = Theme::lightTheme().widthColor(8);
        const QRect column = s.column(3);
        s.strips.setBits(QList<int>(8, 8), QList<int>(8, 4));
        const QImage asA = s.strips.image(kSize, 2);
        s.strips.setBits(QList<int>(8, 4), QList<int>(8, 8));
        const QImage asB = s.strips.image(kSize, 2);
        const QRect area(column.topLeft() * 2, column.size() * 2);
        QVERIFY2(pixelsOf(asB, color, area) > 2 * pixelsOf(asA, color, area) && pixelsOf(asA, color, area) > 10,
                 qPrintable(QString("%1 %2").arg(pixelsOf(asB, color, area)).arg(pixelsOf(asA, color, area))));
    }

    void heightIsWidth()
    {
        Shown s(7);
        s.strips.setBits({}, {2, 3, 4, 5, 6, 8, kFloatBits});
        const QImage image = s.strips.image(kSize);
        QList<int> centres;
        for (const int bits : {2, 3, 4, 5, 6, 8, kFloatBits}) {
            const QRect dot = boundsOf(image, Theme::lightTheme().widthColor(bits), s.column(int(centres.size())));
            QVERIFY(!dot.isNull());
            centres << dot.center().y();
        }
        for (int i = 1; i < centres.size(); ++i)
            QVERIFY(centres[i] < centres[i - 1]);
        const double step = centres[0] - centres[1];
        QVERIFY(std::abs(centres[4] - centres[5] - 2 * step) <= 2);    // 6 to 8
        QVERIFY(std::abs(centres[5] - centres[6] - 2 * step) <= 2);    // FP apart from 8
    }

    void differences_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("sign"); // of what is drawn, 0 = nothing
        QTest::newRow("up") << 4.0 << 1;
        QTest::newRow("down") << -4.0 << -1;
        QTest::newRow("none") << kNan << 0;
        QTest::newRow("zero") << 0.0 << 0;
        QTest::newRow("infinite") << kInf << 1;
        QTest::newRow("minus infinite") << -kInf << -1;
    }
    void differences()
    {
        QFETCH(double, value);
        QFETCH(int, sign);
        for (const bool alone : {true, false}) {
            Shown s;
            QList<double> values(8, kNan);
            if (!alone) {
                values[0] = 4;
                values[1] = -4;
            }
            values[3] = value;
            s.setDifference(values);
            const QImage image = s.strips.image(kSize);
            const QRect up = boundsOf(image, Theme::lightTheme().measured, s.column(3));
            const QRect down = boundsOf(image, Theme::lightTheme().warning, s.column(3));
            QCOMPARE(!up.isNull(), sign > 0);
            QCOMPARE(!down.isNull(), sign < 0);
            if (alone)
                continue;
            const int zero = boundsOf(image, Theme::lightTheme().measured, s.column(0)).bottom();
            QVERIFY(sign <= 0 || up.bottom() <= zero);
            QVERIFY(sign >= 0 || down.top() >= zero);
            if (std::isfinite(value) && sign != 0) {
                const QColor color = sign > 0 ? Theme::lightTheme().measured : Theme::lightTheme().warning;
                const QRect like = boundsOf(image, color, s.column(sign > 0 ? 0 : 1)); // the same value
                QCOMPARE((sign > 0 ? up : down).height(), like.height());
            }
        }
    }

    void negativeOnly()
    {
        Shown s;
        s.setDifference({-1, -2, -3, -4, -5, -6, -7, -8});
        const QImage image = s.strips.image(kSize);
        QVERIFY(boundsOf(image, Theme::lightTheme().measured).isNull());
        int before = 0;
        for (int c = 0; c < 8; ++c) {
            const QRect bar = boundsOf(image, Theme::lightTheme().warning, s.column(c).adjusted(6, 0, -6, 0));
            QVERIFY(bar.height() > before);
            before = bar.height();
        }
    }

    void empty_data()
    {
        QTest::addColumn<QList<int>>("bits");
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<bool>("drawn");
        QTest::newRow("nothing") << QList<int>() << QList<double>() << false;
        QTest::newRow("all unknown") << QList<int>(8, 0) << QList<double>(8, kNan) << false;
        QTest::newRow("one width") << QList<int>{4} << QList<double>() << true;
        QTest::newRow("one value") << QList<int>() << QList<double>{1} << true;
        QTest::newRow("too many") << QList<int>(200, 4) << QList<double>(200, 1) << true;
    }
    void empty()
    {
        QFETCH(QList<int>, bits);
        QFETCH(QList<double>, values);
        QFETCH(bool, drawn);
        Shown s;
        s.strips.setBits(bits, bits);
        s.setDifference(values);
        const QImage image = s.strips.image(kSize);
        s.strips.setEmptyText({});
        QCOMPARE(difference(image, s.strips.image(kSize)).isNull(), drawn);
        s.axis.setLayers({});
        QVERIFY(!s.strips.image(kSize).isNull());
        QCOMPARE(s.strips.csv().count('\n'), 1);
    }

    void clicksAndHover()
    {
        Shown s;
        s.strips.setBits(QList<int>(8, 4), QList<int>(8, 5));
        s.strips.show();
        QTRY_VERIFY(s.strips.replotCount() > 0);
        QSignalSpy clicked(&s.strips, &LayerStrips::layerClicked);
        s.axis.setOrder({7, 6, 5, 4, 3, 2, 1, 0});
        QWidget* canvas = s.strips.focusProxy();
        click(canvas, {s.strips.columnCentre(6), 60}, Qt::ControlModifier);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked[0][0].toInt(), 1); // a layer, not a column
        QCOMPARE(clicked[0][1].value<Qt::KeyboardModifiers>(), Qt::KeyboardModifiers(Qt::ControlModifier));
        click(canvas, {5, 60});
        QCOMPARE(clicked.count(), 1);
        hover(canvas, {s.strips.columnCentre(0), 150});
        QCOMPARE(s.axis.hoveredLayer(), 7);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(canvas, &leave);
        QCOMPARE(s.axis.hoveredLayer(), -1);
    }

    void selection()
    {
        Shown s;
        s.setDifference(QList<double>(8, 1));
        s.strips.show();
        QTRY_VERIFY(s.strips.replotCount() > 0);
        QCoreApplication::processEvents();
        const QImage before = s.strips.grab().toImage(), exported = s.strips.image(kSize);
        const int replots = s.strips.replotCount();
        s.strips.setSelection({2, 99});
        QTRY_COMPARE(s.strips.replotCount(), replots + 1);
        const QRect changed = difference(before, s.strips.grab().toImage());
        QVERIFY(!changed.isNull() && s.column(2).contains(changed) && changed.height() > 100);
        QVERIFY(difference(exported, s.strips.image(kSize)).isNull()); // not in files
        s.strips.setSelection({2, 99}); // nothing new
        QCoreApplication::processEvents();
        QCOMPARE(s.strips.replotCount(), replots + 1);
    }

    void layout_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<double>("unit");
        for (const int layers : {1, 8, 21, 160})
            for (const QSize size : {QSize(300, 140), QSize(480, 240), QSize(900, 400)})
                for (const double unit : {1.0, 1e-7, 123456.0})
                    QTest::addRow("%d layers, %dx%d, %g", layers, size.width(), size.height(), unit)
                        << layers << size << unit;
    }
    void layout()
    {
        QFETCH(int, layers);
        QFETCH(QSize, size);
        QFETCH(double, unit);
        Shown s(layers);
        QList<int> a, b;
        QList<double> values;
        for (int i = 0; i < layers; ++i) {
            a << (i % 8 == 7 ? kFloatBits : 2 + i % 7);
            b << 2 + (i * 3) % 7;
            values << (i % 5 - 2) * unit;
        }
        s.strips.setBits(a, b);
        s.strips.setDifference("Signal-to-quantization-noise ratio of B minus that of A", "dB", values);
        const QList<QRectF> texts = s.strips.textRects(size);
        QVERIFY(texts.size() >= 6); // two titles, A, B, a width, a layer
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }

    void vectors()
    {
        Shown s(160);
        s.strips.setBits(QList<int>(160, 4), QList<int>(160, 6));
        s.setDifference(QList<double>(160, -2));
        QTemporaryDir folder;
        QVERIFY(s.strips.saveSvg(folder.filePath("a.svg"), kSize));
        QFile file(folder.filePath("a.svg"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray svg = file.readAll();
        QVERIFY(svg.contains("SQNR, B minus A (dB)") && !svg.contains("<image"));
    }
};

MPRDO_TEST(TstLayerStrips)
#include "tst_layer_strips.moc"

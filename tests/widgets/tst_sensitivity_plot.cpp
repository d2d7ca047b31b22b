// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/sensitivity_plot.h"
#include <QSignalSpy>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr QSize kSize{480, 240};

struct Shown {
    LayerAxis axis;
    SensitivityPlot plot{&axis};

    explicit Shown(int layers = 8, const QList<int>& widths = {4}, int bits = 4)
    {
        axis.setLayers(residualLayers(layers));
        plot.setTheme(Theme::lightTheme());
        plot.setLegendVisible(false);
        plot.setWidths(widths);
        plot.setCurrentWidths(QList<int>(layers, bits));
        plot.resize(kSize);
    }
    QRect column(int index) const
    {
        const double left = axis.columnLeft(index, kSize.width());
        return QRect(int(std::floor(left)), 0, int(std::ceil(axis.columnWidth(kSize.width()))) + 1, kSize.height());
    }
    /// The bar of a layer: what carries its width's colour within its column. Null = no bar.
    QRect bar(const QImage& image, int layer, int bits = 4) const
    {
        return boundsOf(image, Theme::lightTheme().widthColor(bits), column(axis.columnOf(layer)));
    }
};

} // namespace

class TstSensitivityPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void barsGrowOneByOne()
    {
        Shown s;
        QCOMPARE(s.plot.scoredLayers(), 0);
        const QList<int> order{3, 0, 7, 1, 2, 6, 5, 4};
        s.plot.setValue(order[0], 0, 1); // the range from the first bar on
        s.plot.setValue(order[1], 0, 0.01);
        for (qsizetype done = 2; done <= order.size(); ++done) {
            QCOMPARE(s.plot.scoredLayers(), int(done));
            const QImage image = s.plot.image(kSize);
            for (qsizetype i = 0; i < order.size(); ++i)
                QCOMPARE(!s.bar(image, order[i]).isNull(), i < done);
            if (done < order.size())
                s.plot.setValue(order[done], 0, 0.1 + 0.01 * double(done));
        }
        s.plot.clearValues();
        QCOMPARE(s.plot.scoredLayers(), 0);
        QVERIFY(s.bar(s.plot.image(kSize), 3).isNull());
    }

    void placesAreFinalFromTheFirstBarOn()
    {
        Shown s;
        s.plot.setValue(2, 0, 1);
        const QRect alone = s.bar(s.plot.image(kSize), 2);
        for (int layer = 0; layer < 8; ++layer)
            s.plot.setValue(layer, 0, 0.2 + 0.1 * layer);
        const QRect among = s.bar(s.plot.image(kSize), 2);
        QCOMPARE(among.left(), alone.left());
        QCOMPARE(among.right(), alone.right());
    }

    void emptySlotsTellWhatIsMissing()
    {
        Shown s;
        s.plot.setValues(QList<QList<double>>(8, {0.5}));
        const QImage all = s.plot.image(kSize);
        QList<QList<double>> values(8, {0.5});
        values[5] = {kNan};
        s.plot.setValues(values);
        const QImage one = s.plot.image(kSize);
        QVERIFY(s.bar(one, 5).isNull());
        QVERIFY(s.column(5).contains(difference(all, one)));
        const QColor ground = Theme::lightTheme().surface, grid = Theme::lightTheme().grid;
        QVERIFY(!boundsOf(one, s.column(5).adjusted(8, 20, -8, -60), [&](const QColor& c) {
                     return c != ground && c != grid;
                 }).isNull()); // shaded, not blank
    }

    void rangeOnlyGrows()
    {
        Shown s;
        s.plot.setScale(SensitivityPlot::Scale::Linear);
        s.plot.setValue(0, 0, 1);
        s.plot.setValue(1, 0, 0.5);
        const int before = s.bar(s.plot.image(kSize), 1).height();
        s.plot.setValue(0, 0, 0.6); // measured again, smaller
        QCOMPARE(s.bar(s.plot.image(kSize), 1).height(), before);
        s.plot.setValue(0, 0, 2);
        QVERIFY(std::abs(s.bar(s.plot.image(kSize), 1).height() - before / 2) <= 2);
    }

    void longerIsMoreSensitive_data()
    {
        QTest::addColumn<int>("scale");
        QTest::addColumn<QList<double>>("ascending"); // by sensitivity
        QTest::newRow("log") << int(SensitivityPlot::Scale::Log)
                             << QList<double>{2e-5, 3e-4, 5e-3, 0.06, 0.7, 1.2, 1.5, 9};
        QTest::newRow("linear") << int(SensitivityPlot::Scale::Linear)
                                << QList<double>{0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 1};
        QTest::newRow("dB: less is worse")
            << int(SensitivityPlot::Scale::ReversedLinear) << QList<double>{45, 40, 33, 30, 22, 14, 8, -3};
    }
    void longerIsMoreSensitive()
    {
        QFETCH(int, scale);
        QFETCH(QList<double>, ascending);
        Shown s;
        s.plot.setScale(SensitivityPlot::Scale(scale));
        QCOMPARE(s.plot.scale(), SensitivityPlot::Scale(scale));
        for (int layer = 0; layer < 8; ++layer)
            s.plot.setValue(layer, 0, ascending[layer]);
        const QImage image = s.plot.image(kSize);
        int before = 0, foot = s.bar(image, 7).bottom();
        for (int layer = 0; layer < 8; ++layer) {
            const QRect bar = s.bar(image, layer);
            QVERIFY2(bar.height() > before, qPrintable(QString::number(layer)));
            QCOMPARE(bar.bottom(), foot); // one base line
            before = bar.height();
        }
    }

    void logScaleIsLogarithmic()
    {
        Shown s;
        for (int layer = 0; layer < 8; ++layer)
            s.plot.setValue(layer, 0, std::pow(10, -layer / 2.0));
        const QImage image = s.plot.image(kSize);
        QList<int> tops;
        for (int layer = 0; layer < 7; ++layer)
            tops << s.bar(image, layer).top();
        for (int layer = 1; layer < 7; ++layer) // half a decade each: equal steps
            QVERIFY(std::abs((tops[layer] - tops[layer - 1]) - (tops[6] - tops[0]) / 6.0) <= 1.5);
    }

    void zerosOnLogScale_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<bool>("mark"); // a triangle at the floor
        QTest::newRow("zero") << 0.0 << true;
        QTest::newRow("negative") << -0.5 << true;
        QTest::newRow("not measured") << kNan << false;
    }
    void zerosOnLogScale()
    {
        QFETCH(double, value);
        QFETCH(bool, mark);
        Shown s;
        QList<QList<double>> values(8, {0.5});
        values[3] = {value};
        s.plot.setValues(values);
        const QImage image = s.plot.image(kSize);
        const int foot = s.bar(image, 0).bottom();
        const QColor edge = Theme::lightTheme().widthEdgeColor(4);
        const auto isInk = [&](const QColor& c) {
            return c.rgb() == edge.rgb() || contrastRatio(c, Theme::lightTheme().surface) > 2.2;
        };
        const QRect column = s.column(3).adjusted(3, 0, -3, 0);
        const QRect ink = boundsOf(image, QRect(column.left(), 20, column.width(), foot - 20), isInk);
        QCOMPARE(!ink.isNull(), mark);
        QVERIFY(s.bar(image, 3).isNull());
        if (mark)
            QVERIFY2(foot - ink.top() <= 12 && ink.width() <= 12,
                     qPrintable(QString("%1 %2").arg(foot - ink.top()).arg(ink.width())));
        // The others' range does not care.
        QList<QList<double>> without(8, {0.5});
        s.plot.setValues(without);
        QCOMPARE(s.bar(s.plot.image(kSize), 0), s.bar(image, 0));
    }

    void allZero()
    {
        Shown s;
        s.plot.setValues(QList<QList<double>>(8, {0.0}));
        QVERIFY(s.bar(s.plot.image(kSize), 0).isNull());
        QCOMPARE(s.plot.scoredLayers(), 8);
        s.plot.setScale(SensitivityPlot::Scale::Linear);
        QVERIFY(s.bar(s.plot.image(kSize), 0).height() <= 1);
    }

    void barShowsTheChosenWidth()
    {
        Shown s(8, {2, 4, 8});
        s.plot.setValues(QList<QList<double>>(8, {1, 0.1, 0.001}));
        const int at4 = s.bar(s.plot.image(kSize), 3).height();
        s.plot.setCurrentWidth(3, 8);
        QImage image = s.plot.image(kSize);
        QVERIFY(s.bar(image, 3).isNull() && s.bar(image, 3, 8).height() < at4 - 20);
        QCOMPARE(s.bar(image, 2).height(), at4);
        s.plot.setFixedWidth(2);
        image = s.plot.image(kSize);
        for (int layer = 0; layer < 8; ++layer)
            QVERIFY(s.bar(image, layer, 2).height() > at4 + 20);
        QCOMPARE(s.plot.fixedWidth(), 2);
        s.plot.setFixedWidth(0);
        QCOMPARE(s.bar(s.plot.image(kSize), 2).height(), at4);
        s.plot.setCurrentWidth(3, kFloatBits); // no value at that width: ticks only
        image = s.plot.image(kSize);
        QVERIFY(s.bar(image, 3).isNull() && s.bar(image, 3, 8).isNull() && s.bar(image, 3, kFloatBits).isNull());
    }

    void growsFromTheLowestWidthMeasured()
    {
        // Layers start at 8 bits, and 8 bits are measured last: bars stand there all the same.
        Shown s(8, {2, 4, 8}, 8);
        s.plot.setValue(0, 0, 1);
        s.plot.setValue(3, 0, 0.1);
        QImage image = s.plot.image(kSize);
        QVERIFY(!s.bar(image, 0, 2).isNull() && !s.bar(image, 3, 2).isNull());
        QVERIFY(s.bar(image, 1, 2).isNull());
        QVERIFY(s.plot.layerText(3).contains("\u25B8 2 bits: 0.100"));
        s.plot.setValue(3, 1, 0.02); // another width does not change the bar
        QVERIFY(!s.bar(s.plot.image(kSize), 3, 2).isNull());
        s.plot.setValue(3, 2, 0.001);
        image = s.plot.image(kSize);
        QVERIFY(s.bar(image, 3, 2).isNull() && !s.bar(image, 3, 8).isNull());
    }

    void errorBarsReachAsFarAsTheyShould_data()
    {
        QTest::addColumn<SensitivityPlot::Scale>("scale");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("error");
        QTest::addColumn<bool>("toTheFoot");
        QTest::newRow("logarithmic") << SensitivityPlot::Scale::Log << 0.02 << 0.01 << false;
        QTest::newRow("logarithmic, beyond zero") << SensitivityPlot::Scale::Log << 0.02 << 0.03 << true;
        QTest::newRow("linear") << SensitivityPlot::Scale::Linear << 0.5 << 0.25 << false;
    }
    void errorBarsReachAsFarAsTheyShould()
    {
        QFETCH(SensitivityPlot::Scale, scale);
        QFETCH(double, value);
        QFETCH(double, error);
        QFETCH(bool, toTheFoot);
        // Beside the bar stand bars without errors whose ends are where the error bar's must be.
        Shown s(8);
        s.plot.setScale(scale);
        QList<QList<double>> values(8, {1}), errors(8, {kNan});
        values[2] = {value};
        values[4] = {value + error};
        values[6] = {toTheFoot ? 0.002 : value - error}; // the lowest value makes the floor
        errors[2] = {error};
        s.plot.setValues(values);
        s.plot.setErrors(errors);
        const QColor ink = Theme::lightTheme().text;
        QVERIFY(boundsOf(s.plot.image(kSize), ink, s.column(2)).isNull()); // not asked for
        s.plot.setErrorBarsVisible(true);
        const QImage image = s.plot.image(kSize);
        const QRect whisker = boundsOf(image, ink, s.column(2));
        QVERIFY(!whisker.isNull());
        QVERIFY(std::abs(whisker.top() - s.bar(image, 4).top()) <= 2);
        if (toTheFoot)
            QVERIFY(std::abs(whisker.bottom() - s.bar(image, 4).bottom()) <= 2);
        else
            QVERIFY(std::abs(whisker.bottom() - s.bar(image, 6).top()) <= 2);
        QVERIFY(boundsOf(image, ink, s.column(4)).isNull());
    }

    void errorsAreToldAndKeptInTheCsv()
    {
        Shown s(3, {2, 4});
        s.plot.setMetric("KL", "nats");
        s.plot.setValues({{0.5, 0.0123}, {1, 2}, {3, 4}});
        s.plot.setErrors({{0.25, 0.0011}, {kNan, 0.5}});
        QVERIFY2(s.plot.layerText(0).contains(QStringLiteral("4 bits: 0.0123 \u00B1 0.00110 nats")),
                 qPrintable(s.plot.layerText(0)));
        QVERIFY(s.plot.layerText(1).contains("2 bits: 1.00 nats"));
        QVERIFY(!s.plot.layerText(2).contains(QStringLiteral("\u00B1")));
        QVERIFY(s.plot.csv().startsWith("layer,2 bits,4 bits,shown width\n"));
        s.plot.setErrorBarsVisible(true);
        QVERIFY(s.plot.csv().startsWith("layer,2 bits,4 bits,2 bits +-,4 bits +-,shown width\nconv1,0.5,0.0123,0.25,0.0011,"));
        QVERIFY(s.plot.csv().contains(",1,2,,0.5,"));
        s.plot.setValues({{0.5, 0.0123}}); // other values, other errors
        QVERIFY(!s.plot.layerText(0).contains(QStringLiteral("\u00B1")));
    }

    void otherWidthsAreTicks()
    {
        Shown s(8, {2, 4});
        QList<QList<double>> values(8, {kNan, 0.01});
        s.plot.setValues(values);
        s.plot.setValue(0, 0, 1);
        const QImage before = s.plot.image(kSize);
        s.plot.setValue(5, 0, 0.3);
        const QRect tick = difference(before, s.plot.image(kSize));
        QVERIFY(!tick.isNull() && s.column(5).contains(tick));
        QVERIFY(tick.height() <= 2 && tick.bottom() < s.bar(before, 5).top()); // above the bar: fewer bits hurt more
    }

    void ordersWithTheAxis()
    {
        Shown s;
        for (int layer = 0; layer < 8; ++layer)
            s.plot.setValue(layer, 0, 0.1 * (layer + 1));
        s.plot.setScale(SensitivityPlot::Scale::Linear);
        const int height = s.bar(s.plot.image(kSize), 7).height();
        s.axis.setOrder({7, 6, 5, 4, 3, 2, 1, 0});
        const QImage image = s.plot.image(kSize);
        QCOMPARE(boundsOf(image, Theme::lightTheme().widthColor(4), s.column(0)).height(), height);
        QVERIFY(s.plot.csv().section('\n', 1, 1).startsWith("linear,"));
    }

    void selection()
    {
        Shown s;
        s.plot.setValues(QList<QList<double>>(8, {0.5}));
        s.plot.show();
        QTRY_VERIFY(s.plot.replotCount() > 0);
        const auto picture = [&] {
            const int before = s.plot.replotCount();
            s.plot.setLegendVisible(false); // asks for a replot
            [&] { QTRY_VERIFY(s.plot.replotCount() > before); }();
            return s.plot.grab().toImage();
        };
        const QImage before = picture(), exported = s.plot.image(kSize);
        s.plot.setSelection({2});
        const QImage after = picture();
        const QRect changed = difference(before, after);
        QVERIFY(!changed.isNull() && s.column(2).contains(changed));
        QVERIFY(changed.height() > 100); // the whole column
        s.plot.setSelection({2, 6});
        QVERIFY(s.column(6).contains(difference(after, picture())));
        QVERIFY(difference(exported, s.plot.image(kSize)).isNull());
        s.plot.setSelection({});
        QVERIFY(difference(before, picture()).isNull());
    }

    void mouse()
    {
        Shown s;
        s.plot.setValues(QList<QList<double>>(8, {0.5}));
        s.plot.show();
        QTRY_VERIFY(s.plot.replotCount() > 0);
        QWidget* canvas = s.plot.focusProxy();
        QSignalSpy clicked(&s.plot, &SensitivityPlot::layerClicked);
        click(canvas, {s.plot.columnCentre(6), 60}, Qt::ControlModifier);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked[0][0].toInt(), 6);
        QCOMPARE(clicked[0][1].value<Qt::KeyboardModifiers>(), Qt::ControlModifier);
        s.axis.setOrder({7, 6, 5, 4, 3, 2, 1, 0});
        click(canvas, {s.plot.columnCentre(6), 60});
        QCOMPARE(clicked[1][0].toInt(), 1); // a layer, not a column
        click(canvas, {5, 60});
        QCOMPARE(clicked.count(), 2);
        hover(canvas, {s.plot.columnCentre(0), 60});
        QCOMPARE(s.axis.hoveredLayer(), 7);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(canvas, &leave);
        QCOMPARE(s.axis.hoveredLayer(), -1);
    }

    void oneReplotPerEdit()
    {
        Shown s(8, {2, 4});
        s.plot.setValues(QList<QList<double>>(8, {0.5, 0.1}));
        QCoreApplication::processEvents();
        const int hidden = s.plot.replotCount(); // QCustomPlot asks for one itself when it is made
        s.plot.setSelection({1});
        QCoreApplication::processEvents();
        QCOMPARE(s.plot.replotCount(), hidden);
        s.plot.show();
        QTRY_VERIFY(s.plot.replotCount() > hidden);
        QTest::qWait(0);
        QCoreApplication::processEvents();
        const int before = s.plot.replotCount();
        s.plot.setCurrentWidth(3, 2);
        s.plot.setSelection({3});
        s.plot.setValue(3, 1, 0.2);
        QCOMPARE(s.plot.replotCount(), before); // queued
        QTRY_COMPARE(s.plot.replotCount(), before + 1);
        s.plot.setCurrentWidth(3, 2); // nothing new
        s.plot.setSelection({3});
        QCoreApplication::processEvents();
        QCOMPARE(s.plot.replotCount(), before + 1);
    }

    void texts()
    {
        Shown s(4, {2, 4});
        s.plot.setMetric("KL divergence", "nats");
        QCOMPARE(s.plot.layerText(1), QString("layer1.0.conv1\nnot measured yet"));
        s.plot.setValue(1, 1, 0.0125);
        QCOMPARE(s.plot.layerText(1), QString("layer1.0.conv1\n\u25B8 4 bits: 0.0125 nats\n2 bits: not measured yet"));
        s.plot.setMetric("Fisher", "");
        QCOMPARE(s.plot.layerText(1), QString("layer1.0.conv1\n\u25B8 4 bits: 0.0125\n2 bits: not measured yet"));
        QCOMPARE(s.plot.layerText(-1) + s.plot.layerText(4), QString());
        s.plot.setCurrentWidth(1, 2);
        QCOMPARE(s.plot.csv(),
                 QString("layer,2 bits,4 bits,shown width\nconv1,,,4\nlayer1.0.conv1,,0.0125,4\n"
                         "layer1.0.conv2,,,4\nlinear,,,4\n"));
    }

    void indicesOutside()
    {
        Shown s;
        s.plot.setValue(-1, 0, 1);
        s.plot.setValue(8, 0, 1);
        s.plot.setValue(0, 1, 1);
        s.plot.setValue(0, -1, 1);
        QCOMPARE(s.plot.scoredLayers(), 0);
        s.plot.setValues({{0.5, 7}, {0.25}}); // too wide, too few
        QCOMPARE(s.plot.scoredLayers(), 2);
        s.plot.setValues(QList<QList<double>>(20, {0.5})); // too many
        QCOMPARE(s.plot.scoredLayers(), 8);
    }

    void layout_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("scale");
        for (const int layers : {8, 20, 60, 160})
            for (const QSize size : {QSize(300, 120), QSize(480, 240), QSize(900, 400)})
                for (const int scale : {0, 1, 2})
                    QTest::addRow("%d layers, %dx%d, scale %d", layers, size.width(), size.height(), scale)
                        << layers << size << scale;
    }
    void layout()
    {
        QFETCH(int, layers);
        QFETCH(QSize, size);
        QFETCH(int, scale);
        Shown s(layers, {2, 4, 8});
        s.plot.setLegendVisible(true);
        s.plot.setMetric("Signal-to-quantization-noise ratio", "dB");
        s.plot.setScale(SensitivityPlot::Scale(scale));
        for (int layer = 0; layer < layers; ++layer)
            for (int w = 0; w < 3; ++w)
                s.plot.setValue(layer, w, std::pow(10, -w) * (0.0004 + 0.003 * layer));
        const QList<QRectF> texts = s.plot.textRects(size);
        QVERIFY(texts.size() > 5); // ticks, the metric, layers
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
        // Below the legend and right of the gutter stand the layers alone.
        const auto layerTexts = [&] {
            const QList<QRectF> all = s.plot.textRects(size);
            return std::count_if(all.begin(), all.end(),
                                 [&](const QRectF& r) { return r.left() > s.axis.leftGutter() && r.top() > 40; });
        };
        QVERIFY(layerTexts() > 0);
        s.plot.setLabelsVisible(false);
        QCOMPARE(layerTexts(), 0);
    }

    void layoutWithinOneDecade_data()
    {
        QTest::addColumn<QSize>("size");
        for (const QSize size : {QSize(300, 120), QSize(480, 240), QSize(900, 400)})
            QTest::addRow("%dx%d", size.width(), size.height()) << size;
    }
    void layoutWithinOneDecade() // as when few layers have been measured
    {
        QFETCH(QSize, size);
        Shown s(8, {4, 8});
        s.plot.setMetric("KL divergence", "nats");
        s.plot.setScale(SensitivityPlot::Scale::Log);
        for (int layer = 0; layer < 4; ++layer)
            s.plot.setValue(layer, 0, 0.0012 + 0.0018 * layer);
        const QList<QRectF> texts = s.plot.textRects(size);
        QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
    }
};

MPRDO_TEST(TstSensitivityPlot)
#include "tst_sensitivity_plot.moc"

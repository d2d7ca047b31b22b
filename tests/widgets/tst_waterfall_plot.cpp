// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/waterfall_plot.h"
#include <QTemporaryDir>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 300};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

QList<WaterfallStep> example()
{
    return {{"bias correction", 1.0, 0.8, true, "2 s"},
            {"equalization", 0.8, 0.9, false, "1 s"},
            {"learned rounding", 0.8, 0.3, true, "84 s"},
            {"scales", 0.3, 0.4, true, "12 s"}};
}

struct Shown {
    WaterfallPlot plot;
    explicit Shown(const QList<WaterfallStep>& steps, double first = 1, bool log = false)
    {
        plot.setAxis("held-out loss", "nats", log);
        plot.setSteps("nearest", first, steps);
    }
    QImage image() { return plot.image(kSize); }
};

/// Where a colour lies in one of so many equal columns; the axis stands at the left end of the first.
QRect columnInk(const QImage& image, const QColor& color, int column, int columns)
{
    const QRect axes = boundsOf(image, Theme::lightTheme().axis);
    const double left = axes.left() + 5, width = (image.width() - 12 - left) / columns; // 5: ticks
    return boundsOf(image, color, QRect(int(left + column * width), 0, int(width), image.height()));
}

} // namespace

class TstWaterfallPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csv()
    {
        WaterfallPlot plot;
        QCOMPARE(plot.csv(), QString("step,before,after,accepted,note\n"));
        plot.setSteps("nearest", 1.5, {{"a, b", 1.5, 1.25, true, "2 s"}, {"c", 1.25, kNan, false}});
        QCOMPARE(plot.csv(), QString("step,before,after,accepted,note\nnearest,,1.5,,\n\"a, b\",1.5,1.25,yes,2 s\n"
                                     "c,1.25,,no,\n"));
        QCOMPARE(plot.stepCount(), 2);
    }

    void hoverText()
    {
        Shown s(example());
        QCOMPARE(s.plot.stepText(-1), QString("nearest\n1.00 nats"));
        QCOMPARE(s.plot.stepText(0), QString("bias correction\n1.00 nats to 0.800 nats\n2 s"));
        QCOMPARE(s.plot.stepText(1), QString("equalization\n0.800 nats to 0.900 nats\ntaken back\n1 s"));
        QCOMPARE(s.plot.stepText(4) + s.plot.stepText(-2), QString());
    }

    void barsFloat()
    {
        Shown s(example());
        const QImage image = s.image();
        const Theme t = Theme::lightTheme();
        const QRect first = columnInk(image, t.reference, 0, 5), bias = columnInk(image, t.measured, 1, 5);
        const QRect rounding = columnInk(image, t.measured, 3, 5), scales = columnInk(image, t.warning, 4, 5);
        QVERIFY(!first.isNull() && !bias.isNull() && !rounding.isNull() && !scales.isNull());
        QVERIFY(std::abs(first.top() - bias.top()) <= 1);               // starts where the first ends
        QVERIFY(std::abs(bias.bottom() - rounding.top()) <= 2);         // past the step taken back
        QVERIFY(std::abs(rounding.bottom() - scales.bottom()) <= 2);    // up again
        QVERIFY(std::abs(scales.height() - 0.1 * first.height()) <= 2); // lengths to scale
        QVERIFY(std::abs(rounding.height() - 0.5 * first.height()) <= 2);
    }

    void rejectedIsAGhost()
    {
        Shown s(example());
        QList<WaterfallStep> steps = example();
        steps[3].after = 0.2; // so that nothing else goes up
        s.plot.setSteps("nearest", 1, steps);
        const int ghost = pixelsOf(s.plot.image(kSize, 2), Theme::lightTheme().warning);
        steps[1].accepted = true;
        s.plot.setSteps("nearest", 1, steps);
        const int solid = pixelsOf(s.plot.image(kSize, 2), Theme::lightTheme().warning);
        QVERIFY2(solid > ghost + 1500, qPrintable(QString("%1 %2").arg(solid).arg(ghost)));
        QVERIFY(ghost > 100); // an outline, not nothing
    }

    void logarithmic()
    {
        Shown s({{"a", 1, 0.1, true}, {"b", 0.1, 0.01, true}}, 1, true);
        const QImage image = s.image();
        const QRect a = columnInk(image, Theme::lightTheme().measured, 1, 3);
        const QRect b = columnInk(image, Theme::lightTheme().measured, 2, 3);
        QVERIFY2(a.height() > 30 && std::abs(a.height() - b.height()) <= 1,
                 qPrintable(QString("%1 %2").arg(a.height()).arg(b.height())));
    }

    void values_data()
    {
        QTest::addColumn<double>("first");
        QTest::addColumn<QList<WaterfallStep>>("steps");
        QTest::addColumn<bool>("log");
        QTest::addColumn<int>("bars"); // in the measured colour
        using Steps = QList<WaterfallStep>;
        QTest::newRow("empty") << kNan << Steps() << false << 0;
        QTest::newRow("first alone") << 1.0 << Steps() << false << 0;
        QTest::newRow("one step, no first bar") << kNan << Steps{{"a", 2, 1}} << false << 1;
        QTest::newRow("NaN") << 1.0 << Steps{{"a", 2, kNan}, {"b", 2, 1}} << false << 1;
        QTest::newRow("infinite") << 1.0 << Steps{{"a", kInf, 1}, {"b", 2, 1}} << false << 1;
        QTest::newRow("infinite first bar") << kInf << Steps{{"b", 2, 1}} << false << 1;
        QTest::newRow("negative only") << -1.0 << Steps{{"a", -1, -2}, {"b", -2, -3}} << false << 2;
        QTest::newRow("negative on a log axis") << -1.0 << Steps{{"a", -1, -2}} << true << 0;
        QTest::newRow("through zero") << 1.0 << Steps{{"a", 1, -1}} << false << 1;
        QTest::newRow("zero on a log axis") << 1.0 << Steps{{"a", 1, 0}, {"b", 1, 0.5}} << true << 1;
        QTest::newRow("no change") << 1.0 << Steps{{"a", 1, 1}} << false << 0;
        QTest::newRow("zeros") << 0.0 << Steps{{"a", 0, 0}} << false << 0;
    }
    void values()
    {
        QFETCH(double, first);
        QFETCH(QList<WaterfallStep>, steps);
        QFETCH(bool, log);
        QFETCH(int, bars);
        Shown s(steps, first, log);
        const QImage image = s.image();
        int seen = 0;
        const bool hasFirst = std::isfinite(first) && (!log || first > 0);
        const int columns = int(steps.size()) + (hasFirst ? 1 : 0);
        for (int c = 0; c < columns; ++c)
            seen += columnInk(image, Theme::lightTheme().measured, c, columns).height() > 3 ? 1 : 0;
        QCOMPARE(seen, bars);
        QCOMPARE(columns > 0 && hasFirst && first != 0,
                 boundsOf(image, Theme::lightTheme().reference).height() > 3);
        s.plot.setEmptyText({});
        QCOMPARE(difference(image, s.image()).isNull(), columns > 0); // the text is there instead
        QVERIFY2(layoutFaults(s.plot.textRects(kSize), kSize).isEmpty(),
                 qPrintable(layoutFaults(s.plot.textRects(kSize), kSize)));
    }

    void axisBreaksWhereZeroIsFar()
    {
        QList<WaterfallStep> steps = example();
        for (WaterfallStep& step : steps) {
            step.before += 10;
            step.after += 10;
        }
        Shown s(steps, 11);
        const QRect rounding = columnInk(s.image(), Theme::lightTheme().measured, 3, 5);
        QVERIFY2(rounding.height() > 60, qPrintable(QString::number(rounding.height()))); // not flattened by eleven
        const QRect first = columnInk(s.image(), Theme::lightTheme().reference, 0, 5);
        const auto whole = [](const QImage& image, const QRect& bar) { // no line of ground within the bar
            const QColor color = Theme::lightTheme().reference;
            for (int y = bar.top(); y <= bar.bottom(); ++y)
                if (pixelsOf(image, color, QRect(bar.left(), y, bar.width(), 1)) < bar.width() - 2)
                    return false;
            return true;
        };
        QVERIFY(!whole(s.image(), first));
        Shown near(example());
        QVERIFY(whole(near.image(), columnInk(near.image(), Theme::lightTheme().reference, 0, 5)));
    }

    void layout_data()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<QSize>("size");
        for (const int steps : {1, 4, 9, 24, 160})
            for (const QSize size : {QSize(260, 170), QSize(480, 300), QSize(900, 400)})
                QTest::addRow("%d steps, %dx%d", steps, size.width(), size.height()) << steps << size;
    }
    void layout()
    {
        QFETCH(int, steps);
        QFETCH(QSize, size);
        QList<WaterfallStep> given;
        for (int i = 0; i < steps; ++i) {
            given << example()[i % 4];
            given.last().label += QString(" of stage %1, with hold-out images").arg(i);
        }
        for (const bool log : {false, true}) {
            Shown s(given, 1, log);
            const QList<QRectF> texts = s.plot.textRects(size);
            QVERIFY(texts.size() >= 4); // the axis' title, a number, labels
            QVERIFY2(layoutFaults(texts, size).isEmpty(), qPrintable(layoutFaults(texts, size)));
        }
    }

    void notesStandAboveBars()
    {
        Shown s(example());
        const qsizetype with = s.plot.textRects(kSize).size();
        QList<WaterfallStep> steps = example();
        for (WaterfallStep& step : steps)
            step.note.clear();
        s.plot.setSteps("nearest", 1, steps);
        QCOMPARE(s.plot.textRects(kSize).size(), with - 4);
    }

    void vectors()
    {
        Shown s(example());
        QTemporaryDir folder;
        QVERIFY(s.plot.saveSvg(folder.filePath("a.svg"), kSize));
        QFile file(folder.filePath("a.svg"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray svg = file.readAll();
        QVERIFY(svg.contains("held-out loss (nats)") && svg.contains("84 s") && !svg.contains("<image"));
    }
};

MPRDO_TEST(TstWaterfallPlot)
#include "tst_waterfall_plot.moc"

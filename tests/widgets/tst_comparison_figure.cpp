// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "tests/widgets/rd_example.h"
#include "widgets/comparison_figure.h"
#include <QTemporaryDir>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

ComparisonFigureData example(int layers = 22)
{
    ComparisonFigureData data;
    data.title = "ResNet-20 on CIFAR-10, 4.19 bits";
    data.layers = residualLayers(layers);
    data.widths = {2, 3, 4, 5, 6, 8};
    for (int layer = 0; layer < layers; ++layer) {
        data.bits.append(data.widths[(layer * 5 + 2) % 6]);
        data.weights.append(432 + 1800 * layer);
        QList<double> row;
        for (const int bits : data.widths)
            row.append(0.3 * (1 + layer % 4) * std::pow(3.5, -bits));
        data.sensitivity.append(row);
    }
    data.metricLabel = "KL divergence";
    data.metricUnit = "nats";
    data.rdXLabel = "stored size";
    data.rdYLabel = "accuracy drop";
    data.rdYUnit = "points";
    data.front = frontExample();
    data.uniform = uniformExample();
    data.current = RdPoint{470'000, 0.15, -0.1, 0.4, "MPRDO-PTQ", {}, false, false};
    data.targetX = 480'000;
    data.noiseBand = std::pair(-0.25, 0.25);
    const QString note = "4.19 b, 0.15 MB";
    data.methods = {{"FP32", 91.73, 91.1, 92.2, "32.00 b, 1.09 MB", false, true},
                    {"Uniform 8-bit PTQ", 91.7, 91.1, 92.2, "8.00 b, 0.28 MB", false, false},
                    {"Naive 8-bit PTQ", 90.2, 89.6, 90.8, "8.00 b, 0.28 MB", false, false},
                    {"Uniform 4-bit PTQ", 88.1, 87.4, 88.7, "4.00 b, 0.15 MB", false, false},
                    {"Uniform 2-bit PTQ", 10.0, 9.4, 10.6, "2.00 b, 0.08 MB", false, false},
                    {"MPRDO-PTQ", 91.6, 91.0, 92.1, note, true, false}};
    return data;
}

/// A panel without its caption.
QRect chartOf(const QRect& panel, QSize size) { return panel.adjusted(0, 24 * size.width() / 960, 0, 0); }

/// Pixels that are not paper.
QRect inkOf(const QImage& image, const QRect& within)
{
    return boundsOf(image, within, [](const QColor& c) { return c != Qt::white; });
}

} // namespace

class TstComparisonFigure : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsCut_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<QSize>("size");
        for (const int layers : {8, 22, 62, 161})
            for (const QSize size : {QSize(960, 680), QSize(1200, 850), QSize(1600, 1400)})
                QTest::addRow("%d layers, %dx%d", layers, size.width(), size.height()) << layers << size;
        QTest::newRow("as written to the file") << 22 << QSize(2400, 1700);
    }
    void nothingIsCut()
    {
        QFETCH(int, layers);
        QFETCH(QSize, size);
        const QImage image = comparisonFigure(example(layers), size);
        QCOMPARE(image.size(), size);
        const QList<QRect> panels = comparisonFigurePanels(size);
        QCOMPARE(panels.size(), 3);
        // Ink that touches the edge of its panel would have been cut there.
        QRegion outside(image.rect());
        for (const QRect& panel : panels) {
            QVERIFY(image.rect().contains(panel));
            QVERIFY(!inkOf(image, panel).isNull());
            const QRect chart = chartOf(panel, size);
            for (const QRect& edge : {QRect(chart.left(), chart.top(), 1, chart.height()),
                                      QRect(chart.right(), chart.top(), 1, chart.height()),
                                      QRect(chart.left(), chart.bottom(), chart.width(), 1)}) {
                const QRect ink = inkOf(image, edge);
                QVERIFY2(ink.isNull(), qPrintable(QString("%1,%2").arg(ink.x()).arg(ink.y())));
            }
            outside -= panel;
        }
        for (qsizetype i = 0; i < 3; ++i)
            for (qsizetype j = i + 1; j < 3; ++j)
                QVERIFY(!panels[i].intersects(panels[j]));
        // Between the panels stands the title alone.
        for (const QRect& part : outside)
            QVERIFY(part.top() < panels[0].top() || inkOf(image, part).isNull());
        // Each panel is filled: little paper left at its sides.
        for (const QRect& panel : panels) {
            const QRect ink = inkOf(image, panel);
            QVERIFY(ink.width() > 0.9 * panel.width() && ink.height() > 0.93 * panel.height());
        }
    }

    void panelsHoldWhatTheyShould()
    {
        const QSize size(1200, 850);
        const ComparisonFigureData data = example();
        const QImage image = comparisonFigure(data, size);
        const QList<QRect> panels = comparisonFigurePanels(size);
        const Theme t = Theme::lightTheme();
        for (const int bits : data.widths)
            QVERIFY2(pixelsOf(image, t.widthColor(bits), panels[0]) > 100, qPrintable(QString::number(bits)));
        QVERIFY(pixelsOf(image, t.predicted, panels[1]) > 50);
        QVERIFY(pixelsOf(image, t.reference, panels[1]) > 50);
        QVERIFY(pixelsOf(image, t.target, panels[1]) > 30);
        QVERIFY(pixelsOf(image, t.accent, panels[1]) > 30);
        QVERIFY(pixelsOf(image, t.measured, panels[2]) > 100);
        QVERIFY(pixelsOf(image, t.accent, panels[2]) > 30);
        // A tall bar shows that sensitivities are drawn, not only the map: another metric value, another picture.
        ComparisonFigureData other = data;
        other.sensitivity[3][2] *= 30;
        const QRect changed = difference(image, comparisonFigure(other, size));
        QVERIFY(!changed.isNull() && panels[0].contains(changed));
    }

    void sameDataSamePicture()
    {
        const QImage first = comparisonFigure(example(), {1200, 850});
        const QFont font = QApplication::font();
        QFont other = font;
        other.setPixelSize(25);
        QApplication::setFont(other);
        const QPalette palette = QApplication::palette();
        QApplication::setPalette(QPalette(Qt::black));
        const QImage second = comparisonFigure(example(), {1200, 850});
        QApplication::setFont(font);
        QApplication::setPalette(palette);
        QVERIFY(difference(first, second).isNull()); // neither the user's font nor colours
        QVERIFY(!difference(first, comparisonFigure(example(20), {1200, 850})).isNull());
    }

    void whatIsMissingLeavesRoom_data()
    {
        QTest::addColumn<QString>("without");
        for (const char* part : {"everything", "title", "sensitivity", "curve", "methods", "weights"})
            QTest::newRow(part) << QString(part);
    }
    void whatIsMissingLeavesRoom()
    {
        QFETCH(QString, without);
        ComparisonFigureData data = example();
        const QSize size(960, 680);
        const QImage whole = comparisonFigure(data, size);
        if (without == "everything")
            data = {};
        if (without == "title")
            data.title.clear();
        if (without == "sensitivity")
            data.sensitivity.clear();
        if (without == "curve") {
            data.front.clear();
            data.uniform.clear();
            data.current.reset();
            data.targetX.reset();
        }
        if (without == "methods")
            data.methods.clear();
        if (without == "weights")
            data.weights.clear();
        const QImage image = comparisonFigure(data, size);
        QCOMPARE(image.size(), size);
        QVERIFY(!difference(whole, image).isNull());
        for (const QRect& panel : comparisonFigurePanels(size))
            QVERIFY(!inkOf(image, panel.adjusted(60, 60, -60, -60)).isNull()); // says why rather than stay blank
    }

    void longNamesAreElided()
    {
        ComparisonFigureData data = example();
        data.title = QString("a very long title ").repeated(20);
        for (AccuracyRow& row : data.methods)
            row.name += " with a name that is far too long for its column";
        const QSize size(960, 680);
        const QImage image = comparisonFigure(data, size);
        QVERIFY(inkOf(image, QRect(size.width() - 12, 0, 12, size.height())).isNull());
        const QRect panel = comparisonFigurePanels(size)[2];
        const QRect chart = chartOf(panel, size);
        QVERIFY(inkOf(image, QRect(chart.left(), chart.top(), 1, chart.height())).isNull());
        QVERIFY(pixelsOf(image, Theme::lightTheme().measured, panel) > 40); // dots keep their room
    }

    void sizes_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("too narrow") << QSize(599, 500);
        QTest::newRow("too flat") << QSize(900, 399);
        QTest::newRow("empty") << QSize();
        QTest::newRow("without bound") << QSize(30000, 800);
    }
    void sizes()
    {
        QFETCH(QSize, size);
        QVERIFY(comparisonFigure(example(), size).isNull());
        QTemporaryDir folder;
        QString error;
        QVERIFY(!drawComparisonFigure(example(), folder.filePath("a.png"), &error, size));
        QVERIFY2(error.contains("a.png") && error.endsWith("cannot be drawn."), qPrintable(error));
        QVERIFY(!QFile::exists(folder.filePath("a.png")));
    }

    void file()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath("comparison.png");
        QString error;
        QVERIFY2(drawComparisonFigure(example(), path, &error, {1200, 850}), qPrintable(error));
        const QImage read(path);
        QCOMPARE(read.size(), QSize(1200, 850));
        QVERIFY(std::abs(read.dotsPerMeterX() * 0.0254 - 300) < 1);
        QVERIFY(
            difference(read.convertToFormat(QImage::Format_RGB32), comparisonFigure(example(), {1200, 850})).isNull());
        QVERIFY(!drawComparisonFigure(example(), folder.filePath("no/such/folder.png"), &error, {1200, 850}));
        QVERIFY2(error.contains("folder.png: "), qPrintable(error));
        QVERIFY(!drawComparisonFigure(example(), "/proc/no.png", nullptr, {1200, 850}));
    }
};

MPRDO_TEST(TstComparisonFigure)
#include "tst_comparison_figure.moc"

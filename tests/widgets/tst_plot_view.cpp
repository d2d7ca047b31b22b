// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts share: files, the clipboard, themes, replots.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "tests/widgets/rd_example.h"
#include "widgets/accuracy_plot.h"
#include "widgets/sensitivity_plot.h"
#include <QClipboard>
#include <QMimeData>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{400, 260};

/// "sensitivity", "rate-distortion" or "accuracy", filled.
struct Chart {
    LayerAxis axis;
    std::unique_ptr<PlotView> view;

    explicit Chart(const QString& kind)
    {
        axis.setLayers(residualLayers(12));
        if (kind == "sensitivity") {
            auto plot = std::make_unique<SensitivityPlot>(&axis);
            plot->setWidths({2, 4});
            plot->setValues(QList<QList<double>>(12, {0.5, 0.1}));
            view = std::move(plot);
        } else if (kind == "accuracy") {
            auto plot = std::make_unique<AccuracyPlot>();
            plot->setRows(
                {{"FP32", 91, 90, 92, "32.00 b", false, true}, {"MPRDO-PTQ", 90.5, 89, 91, "4.19 b", true, false}});
            view = std::move(plot);
        } else {
            auto plot = std::make_unique<RdPlot>();
            plot->setFront(frontExample());
            plot->setUniform(uniformExample());
            plot->setPoints(pointsExample());
            plot->setTargetX(500'000);
            view = std::move(plot);
        }
        view->resize(kSize);
    }
};

void addKinds()
{
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"sensitivity", "rate-distortion", "accuracy"})
        QTest::newRow(kind) << QString(kind);
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QPalette paletteOf(const QColor& ground, const QColor& ink)
{
    QPalette out;
    out.setColor(QPalette::Window, ground);
    out.setColor(QPalette::WindowText, ink);
    return out;
}

} // namespace

class TstPlotView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void files_data() { addKinds(); }
    void files()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        QCOMPARE(chart.view->dataName(), kind);
        QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(name); };

        QVERIFY(chart.view->savePng(path("a.png"), kSize, 2));
        QCOMPARE(QImage(path("a.png")).size(), kSize * 2);

        QVERIFY(chart.view->saveSvg(path("a.svg"), kSize));
        const QByteArray svg = contents(path("a.svg"));
        QVERIFY(svg.contains("<svg") && svg.contains("</svg>") && svg.contains("<text"));
        QVERIFY(!svg.contains("<image")); // vectors only

        QVERIFY(chart.view->savePdf(path("a.pdf"), kSize));
        const QByteArray pdf = contents(path("a.pdf"));
        QVERIFY(pdf.startsWith("%PDF") && pdf.contains("%%EOF"));
        QVERIFY(pdf.contains("/MediaBox [0 0 300 195]")
                || pdf.contains("/MediaBox [0 0 300.")); // 400x260 pixels of 1/96"
        QVERIFY(!pdf.contains("/Subtype /Image"));

        QVERIFY(chart.view->saveCsv(path("a.csv")));
        QCOMPARE(QString::fromUtf8(contents(path("a.csv"))), chart.view->csv());
        const auto lines = chart.view->csv().split('\n', Qt::SkipEmptyParts);
        for (const QString& line : lines)
            QCOMPARE(line.count(','), lines[0].count(','));
    }

    void unwritableFiles_data() { addKinds(); }
    void unwritableFiles()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        const QString path = "/proc/none/a";
        QVERIFY(!chart.view->savePng(path, kSize));
        QVERIFY(!chart.view->saveSvg(path, kSize));
        QVERIFY(!chart.view->savePdf(path, kSize));
        QVERIFY(!chart.view->saveCsv(path));
        QTemporaryDir folder;
        QVERIFY(!chart.view->savePng(folder.filePath("b"), {0, 10}));
        QVERIFY(!chart.view->savePng(folder.filePath("b"), {30'000, 10}));
        QVERIFY(!chart.view->saveSvg(folder.filePath("b"), {}));
        QVERIFY(!QFile::exists(folder.filePath("b")));
    }

    void picturesAreLightAndRepeatable_data() { addKinds(); }
    void picturesAreLightAndRepeatable()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        const QImage light = chart.view->image(kSize, 2);
        chart.view->setTheme(Theme::darkTheme());
        QVERIFY(difference(light, chart.view->image(kSize, 2)).isNull());
        QCOMPARE(chart.view->theme(), Theme::darkTheme()); // as before
        QVERIFY(boundsOf(light, QRect(), [](const QColor& c) { return c != Qt::white; }).width() > 0.8 * light.width());
    }

    void followsThePalette_data() { addKinds(); }
    void followsThePalette()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        chart.view->setPalette(paletteOf(Qt::white, Qt::black));
        chart.view->show();
        QTRY_VERIFY(chart.view->replotCount() > 0);
        QCOMPARE(chart.view->grab().toImage().pixelColor(3, 3), Theme::lightTheme().surface);
        int before = chart.view->replotCount();
        chart.view->setPalette(paletteOf(QColor(0x202020), Qt::white));
        QTRY_VERIFY(chart.view->replotCount() > before);
        QCOMPARE(chart.view->grab().toImage().pixelColor(3, 3), Theme::darkTheme().surface);
        before = chart.view->replotCount();
        chart.view->setTheme(Theme::lightTheme());
        QTRY_VERIFY(chart.view->replotCount() > before);
        QCOMPARE(chart.view->grab().toImage().pixelColor(3, 3), Theme::lightTheme().surface);
    }

    void hiddenChartsDrawNothing_data() { addKinds(); }
    void hiddenChartsDrawNothing()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        QCoreApplication::processEvents(); // QCustomPlot asks for one replot itself when it is made
        const int made = chart.view->replotCount();
        chart.view->setEmptyText("a");
        QCoreApplication::processEvents();
        QCOMPARE(chart.view->replotCount(), made);
        chart.view->show();
        QTRY_VERIFY(chart.view->replotCount() > made);
        chart.view->hide();
        QCoreApplication::processEvents();
        const int before = chart.view->replotCount();
        chart.view->setEmptyText("b");
        QCoreApplication::processEvents();
        QCOMPARE(chart.view->replotCount(), before);
        chart.view->show();
        QTRY_VERIFY(chart.view->replotCount() > before); // what was missed
    }

    void clipboard_data() { addKinds(); }
    void clipboard()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        chart.view->copyData();
        QCOMPARE(QApplication::clipboard()->text(), chart.view->csv());
        QCOMPARE(QApplication::clipboard()->mimeData()->data("text/csv"), chart.view->csv().toUtf8());
        chart.view->copyImage();
        QCOMPARE(QApplication::clipboard()->image().size(), kSize * 2);
    }

    void keyboardReachesTheChart_data() { addKinds(); }
    void keyboardReachesTheChart()
    {
        QFETCH(QString, kind);
        Chart chart(kind);
        QVERIFY(chart.view->focusPolicy() & Qt::TabFocus);
        QVERIFY(chart.view->focusProxy());
    }
};

MPRDO_TEST(TstPlotView)
#include "tst_plot_view.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/weight_summary.h"
#include "widgets/series_plot.h"
#include "widgets/weight_histogram.h"
#include <QLabel>
#include <QSpinBox>
#include <QTabWidget>
#include <QtTest>
#include <cmath>
#include <numeric>
#include <random>

using namespace mprdo;
using mprdo::test::finishedWindow;

namespace {

LayerWeights of(std::vector<float> values, std::int64_t channels)
{
    const auto kept = std::make_shared<const std::vector<float>>(std::move(values));
    return {std::int64_t(kept->size()), channels, {kept, kept->data()}};
}

} // namespace

class TstInspector : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void summaryCountsEveryWeightOnce()
    {
        std::mt19937 random(3);
        std::normal_distribution<float> normal(0.2F, 0.5F);
        std::vector<float> values(4000);
        for (float& v : values)
            v = normal(random);
        const WeightSummary all = summarize(of(values, 8), -1, 50);
        QCOMPARE(std::accumulate(all.counts.begin(), all.counts.end(), std::int64_t(0)), std::int64_t(4000));
        QCOMPARE(all.low, double(*std::min_element(values.begin(), values.end())));
        std::int64_t inBin = 0;
        const double width = (all.high - all.low) / 50;
        for (const float v : values)
            inBin += v >= all.low + 20 * width && v < all.low + 21 * width;
        QVERIFY(std::abs(all.counts[20] - inBin) <= 1); // a weight on the edge itself
        const WeightSummary third = summarize(of(values, 8), 2, 50);
        QCOMPARE(std::accumulate(third.counts.begin(), third.counts.end(), std::int64_t(0)), std::int64_t(500));
        QCOMPARE(third.high, double(*std::max_element(values.begin() + 1000, values.begin() + 1500)));
        QVERIFY(std::abs(all.mean - 0.2) < 0.05 && std::abs(all.deviation - 0.5) < 0.05);
    }

    void summaryOfOddInput_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("channel");
        QTest::addColumn<int>("expected");
        QTest::newRow("no weights") << 0 << -1 << 0;
        QTest::newRow("one weight") << 1 << -1 << 1;
        QTest::newRow("all the same") << 12 << -1 << 12;
        QTest::newRow("no such channel") << 12 << 9 << 0;
    }
    void summaryOfOddInput()
    {
        QFETCH(int, count);
        QFETCH(int, channel);
        QFETCH(int, expected);
        const WeightSummary s = summarize(of(std::vector<float>(std::size_t(count), 0.5F), 1), channel);
        QCOMPARE(std::accumulate(s.counts.begin(), s.counts.end(), std::int64_t(0)), std::int64_t(expected));
    }

    void levelsOfAGrid()
    {
        LayerRecord layer;
        layer.bits = 2;
        layer.symmetric = true;
        layer.scales = {0.5F, 0.25F};
        layer.zeroPoints = {0, 0};
        QCOMPARE(gridLevels(layer, 1), (std::vector<double>{-0.5, -0.25, 0, 0.25}));
        QVERIFY(gridLevels(layer, -1).empty()); // two scales: no common grid
        QVERIFY(gridLevels(layer, 2).empty());
        layer.symmetric = false;
        layer.zeroPoints = {1, 3};
        QCOMPARE(gridLevels(layer, 1), (std::vector<double>{-0.75, -0.5, -0.25, 0}));
        layer.scales = {0.5F};
        layer.zeroPoints = {1};
        QCOMPARE(gridLevels(layer, -1), (std::vector<double>{-0.5, 0, 0.5, 1}));
        layer.bits = kKeepFp32;
        QVERIFY(gridLevels(layer, -1).empty());
    }

    void followsTheSelection()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.inspector")); // what is hidden is not filled
        auto* facts = f->find<QLabel>("inspector.facts");
        auto* channel = f->find<QSpinBox>("inspector.channel");
        auto* weights = f->find<widgets::WeightHistogram>("inspector.weights");
        QCOMPARE(facts->text(), QString("No layer is selected."));
        QVERIFY(!channel->isEnabled());
        f->window.document().setSelection({2});
        QVERIFY2(facts->text().contains("layer1.0.conv2") && facts->text().contains("16 x 16 x 3 x 3")
                     && facts->text().contains("2,304"),
                 qPrintable(facts->text()));
        QCOMPARE(channel->maximum(), 15);
        const QString all = weights->csv();
        channel->setValue(3);
        QVERIFY(weights->csv() != all);
        QVERIFY(f->find<widgets::SeriesPlot>("inspector.scales")->csv().count('\n') >= 16);
        QVERIFY(f->find<widgets::SeriesPlot>("inspector.distortion")->csv().count('\n') >= 3);
        const QString before = facts->text();
        f->window.document().paint({2}, f->window.document().cell(2).bits == 6 ? 8 : 6); // no run has it so: no grid to show
        QVERIFY(facts->text() != before);
        f->window.document().setSelection({});
        QCOMPARE(facts->text(), QString("No layer is selected."));
    }
};

MPRDO_TEST(TstInspector)
#include "tst_inspector.moc"

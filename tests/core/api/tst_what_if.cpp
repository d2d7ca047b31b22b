// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/what_if.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>

using namespace mprdo;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)}); }

/// Isotonic regression by its min-max formula, bounded by 0 from below; at the given (ascending) points.
std::vector<double> minMaxIsotonic(const std::vector<double>& y)
{
    std::vector<double> out;
    for (std::size_t i = 0; i < y.size(); ++i) {
        double highest = -INFINITY;
        for (std::size_t a = 0; a <= i; ++a) {
            double lowest = INFINITY;
            for (std::size_t b = i; b < y.size(); ++b) {
                double sum = 0;
                for (std::size_t k = a; k <= b; ++k)
                    sum += y[k];
                lowest = std::min(lowest, sum / double(b - a + 1));
            }
            highest = std::max(highest, lowest);
        }
        out.push_back(std::max(0.0, highest));
    }
    return out;
}

/// Two layers of 100 and 300 weights (100 of them dead) at 4 and 8 bits.
WhatIf twoLayers()
{
    auto table = std::make_shared<SensitivityTable>();
    table->layers = {"conv", "linear"};
    table->widths = {4, 8};
    table->distortion[Metric::Kl] = {{0.5, 0.125}, {2.0, NAN}};
    WhatIf out;
    out.layers.resize(2);
    out.layers[0].weights = 100;
    out.layers[1].weights = 300;
    out.layers[1].deadWeights = 100;
    out.sensitivity = table;
    out.layerBytes = {{60, 110}, {160, 310}};
    out.layerBytesFp32 = {400, 1200};
    out.otherBytes = 7;
    return out;
}

} // namespace

class TstWhatIf : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void entropyCodedBitsAreWhatTheCodesTake()
    {
        WhatIf w = twoLayers();
        auto table = std::make_shared<SensitivityTable>(*w.sensitivity);
        const double fixed = w.estimate({{4, 4}}).averageBits;
        for (std::size_t l = 0; l < 2; ++l) {
            table->codedBits.emplace_back();
            for (std::size_t i = 0; i < table->widths.size(); ++i)
                table->codedBits[l].push_back(100 * double(l + 1) + 10 * double(i));
        }
        w.sensitivity = table;
        QCOMPARE(w.estimate({{4, 4}}).averageBits, fixed); // the rate is what decides
        w.rate = RateKind::Entropy;
        const auto at = std::size_t(std::find(table->widths.begin(), table->widths.end(), 4) - table->widths.begin());
        const double weights = double(w.layers[0].weights + w.layers[1].weights);
        QVERIFY(close(w.estimate({{4, 4}}).averageBits, (300 + 20 * double(at)) / weights));
        QVERIFY(close(w.averageBits({{4, 4}}), (300 + 20 * double(at)) / weights));
        // FP32 is not coded; a width that was not scored counts as of fixed length.
        QVERIFY(close(w.averageBits({{kKeepFp32, 4}}), (32 * double(w.layers[0].weights) + 200 + 10 * double(at)) / weights));
        QVERIFY(close(w.layerBits(0, 7), 7 * double(w.layers[0].weights)));
    }

    void fewerThanThreePairsSayNothing_data()
    {
        QTest::addColumn<QList<double>>("distortions");
        QTest::newRow("none") << QList<double>{};
        QTest::newRow("two") << QList<double>{0.1, 0.2};
        QTest::newRow("two and FP32 itself") << QList<double>{0.0, 0.1, 0.2};
        QTest::newRow("two and a NaN") << QList<double>{0.1, double(NAN), 0.2};
        QTest::newRow("two and infinity") << QList<double>{0.1, double(INFINITY), 0.2};
        QTest::newRow("two and a negative one") << QList<double>{0.1, -1.0, 0.2};
    }
    void fewerThanThreePairsSayNothing()
    {
        QFETCH(QList<double>, distortions);
        std::vector<DropFit::Pair> pairs;
        for (const double d : distortions)
            pairs.push_back({d, 1.0});
        const DropFit fit(pairs);
        QVERIFY(!fit.known());
        WhatIf w = twoLayers();
        w.fit = fit;
        QVERIFY(!w.estimate({{4, 4}}).drop);
    }

    void monotoneDataIsInterpolated()
    {
        const DropFit fit({{0.1, 4}, {0.001, 1}, {0.01, 2}}); // any order
        QVERIFY(fit.known());
        QVERIFY(close(fit.drop(0.001), 1));
        QVERIFY(close(fit.drop(0.01), 2));
        QVERIFY(close(fit.drop(std::sqrt(0.001 * 0.01)), 1.5)); // half way in log distortion
        QVERIFY(close(fit.drop(0.0005), 0.5));                  // straight from the origin
        QCOMPARE(fit.drop(0), 0.0);
        QVERIFY(close(fit.drop(10), 4));
        QVERIFY(fit.extrapolates(10) && fit.extrapolates(0.0001) && !fit.extrapolates(0.01) && !fit.extrapolates(0.1));
    }

    void poolsEqualTheMinMaxFormula()
    {
        std::mt19937 random(3);
        for (int repeat = 0; repeat < 50; ++repeat) {
            std::vector<DropFit::Pair> pairs;
            std::vector<double> drops;
            const int n = 3 + int(random() % 10);
            for (int i = 0; i < n; ++i) {
                drops.push_back(double(random() % 100) / 25 - 1 + 0.2 * i); // noisy, rising, some below zero
                pairs.push_back({std::exp(double(i)), drops.back()});
            }
            const DropFit fit(pairs);
            const std::vector<double> expected = minMaxIsotonic(drops);
            double before = 0;
            for (int i = 0; i < n;) { // a pool is a run of equal values; the curve meets it at the run's centre
                int end = i;
                while (end < n && close(expected[std::size_t(end)], expected[std::size_t(i)]))
                    ++end;
                if (expected[std::size_t(i)] > 0)
                    QVERIFY(close(fit.drop(std::exp((i + end - 1) / 2.0)), expected[std::size_t(i)]));
                i = end;
            }
            for (double d = 0; d < std::exp(n); d += std::exp(n) / 200) {
                QVERIFY(fit.drop(d) >= before);
                before = fit.drop(d);
            }
        }
    }

    void equalDistortionsAreAveraged()
    {
        const DropFit fit({{0.5, 1}, {0.5, 3}, {2, 5}, {2, 4}});
        QVERIFY(close(fit.drop(0.5), 2));
        QVERIFY(close(fit.drop(2), 4.5));
    }

    void leaveOneOut()
    {
        // Without the first the line from the origin says 2 * 1/10; without the second the two others meet half way;
        // without the last the second one's drop is held.
        const DropFit fit({{1, 1}, {10, 2}, {100, 5}});
        QVERIFY(close(fit.leaveOneOutError(1), 1 - 0.2));
        QVERIFY(close(fit.leaveOneOutError(10), 3 - 2));
        QVERIFY(close(fit.leaveOneOutError(100), 5 - 2));
        QVERIFY(close(fit.leaveOneOutError(std::sqrt(1000.0)), 2)); // half way between 10 and 100
        QVERIFY(close(fit.leaveOneOutError(0.1), 1 - 0.2));         // outside: the nearest measured
        QVERIFY(close(fit.leaveOneOutError(1e6), 5 - 2));
        QCOMPARE(DropFit().leaveOneOutError(1), 0.0);
    }

    void leaveOneOutOfACrowd()
    {
        // Left out, 10 and 15 miss by 1 and 2 or so; 15 stands for both, being within a factor of two, and 100 for itself.
        const DropFit fit({{1, 1}, {10, 2}, {15, 5}, {100, 5}});
        const double of15 = fit.leaveOneOutError(15), between = 2 + (5 - 2) * std::log(1.5) / std::log(10);
        QVERIFY(close(of15, 5 - between));
        QCOMPARE(fit.leaveOneOutError(10), of15);
        QVERIFY(close(fit.leaveOneOutError(100), 0));
    }

    void estimateSumsUp()
    {
        WhatIf w = twoLayers();
        w.fit = DropFit({{0.1, 1}, {1, 2}, {10, 3}});
        const Estimate both = w.estimate({{8, 4}});
        QVERIFY(close(both.averageBits, (100 * 8 + 300 * 4) / 400.0));
        QVERIFY(close(both.averageLiveBits, (100 * 8 + 200 * 4) / 300.0));
        QCOMPARE(both.storedBytes, std::int64_t(7 + 110 + 160));
        QVERIFY(close(both.distortion, 2.125));
        QCOMPARE(both.missing, 0);
        QVERIFY(close(both.drop.value(), w.fit.drop(2.125)));
        QVERIFY(!both.extrapolated);
        QVERIFY(close(both.dropError, w.fit.leaveOneOutError(2.125)));
    }

    void estimateWithGaps_data()
    {
        QTest::addColumn<QList<int>>("bits");
        QTest::addColumn<double>("distortion");
        QTest::addColumn<int>("missing");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("not scored yet") << QList<int>{4, 8} << 0.5 << 1 << qint64(7 + 60 + 310);
        QTest::newRow("left in FP32") << QList<int>{4, 32} << 0.5 << 0 << qint64(7 + 60 + 1200);
        QTest::newRow("width outside the set") << QList<int>{3, 4} << 2.0 << 1 << qint64(7 + 160);
        QTest::newRow("too short") << QList<int>{4} << 0.5 << 0 << qint64(7 + 60 + 1200);
    }
    void estimateWithGaps()
    {
        QFETCH(QList<int>, bits);
        const Estimate e = twoLayers().estimate({{bits.begin(), bits.end()}});
        QTEST(e.distortion, "distortion");
        QTEST(e.missing, "missing");
        QTEST(qint64(e.storedBytes), "bytes");
    }

    void withoutSensitivityAllIsMissing()
    {
        WhatIf w = twoLayers();
        w.sensitivity = nullptr;
        QCOMPARE(w.estimate({{4, 8}}).missing, 2);
        QCOMPARE(w.estimate({{4, 8}}).distortion, 0.0);
    }

    void pointAtRate()
    {
        WhatIf w = twoLayers();
        QVERIFY(!w.pointAtRate(1000));
        w.front = std::make_shared<const Front>(Front{{{100, 3, {0}}, {200, 2, {1}}, {300, 1, {2}}}, 0});
        QVERIFY(!w.pointAtRate(99));
        QCOMPARE(w.pointAtRate(100).value(), std::size_t(0));
        QCOMPARE(w.pointAtRate(299).value(), std::size_t(1));
        QCOMPARE(w.pointAtRate(1 << 30).value(), std::size_t(2));
    }
};

MPRDO_TEST(TstWhatIf)
#include "tst_what_if.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/statistics.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

class TstStatistics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// The ends of the interval are where the score test is just rejected: |p - p0| = z sqrt(p0 (1 - p0) / n).
    void wilsonEndsSolveTheScoreTest()
    {
        for (const auto& [k, n] : {std::pair{9173, 10000}, {1, 10}, {50, 100}, {1999, 2000}}) {
            const auto [low, high] = wilsonInterval(k, n);
            const double p = double(k) / n;
            for (const double p0 : {low / 100, high / 100})
                QVERIFY(std::abs(std::abs(p - p0) - 1.959963984540054 * std::sqrt(p0 * (1 - p0) / n)) < 1e-9);
        }
        QVERIFY(std::abs(wilsonInterval(0, 10).first) < 1e-9);
        QVERIFY(std::abs(wilsonInterval(10, 10).second - 100) < 1e-9);
    }

    void mcnemar_data()
    {
        QTest::addColumn<int>("b");
        QTest::addColumn<int>("c");
        QTest::addColumn<double>("p");
        QTest::newRow("none") << 0 << 0 << 1.0;
        QTest::newRow("equal") << 5 << 5 << 1.0;
        QTest::newRow("one sided") << 0 << 5 << 2.0 / 32;
        QTest::newRow("1 of 6") << 1 << 5 << 2.0 * (1 + 6) / 64;
        QTest::newRow("symmetric") << 5 << 1 << 2.0 * (1 + 6) / 64;
    }

    void mcnemar()
    {
        QFETCH(int, b);
        QFETCH(int, c);
        QFETCH(double, p);
        QVERIFY(std::abs(mcnemarExact(b, c) - p) < 1e-12);
    }

    void rankCorrelation()
    {
        QCOMPARE(spearman({1, 2, 3, 4}, {10, 20, 30, 1000}), 1.0);
        QCOMPARE(spearman({1, 2, 3, 4}, {9, 5, 2, 1}), -1.0);
        QVERIFY(std::abs(spearman({1, 2, 3, 4, 5}, {2, 1, 4, 3, 5}) - 0.8) < 1e-12); // 1 - 6 * 4 / (5 * 24)
        QVERIFY(std::abs(spearman({1, 1, 2}, {1, 2, 3}) - std::sqrt(3.0) / 2) < 1e-12); // tie: ranks 1.5, 1.5, 3
        QVERIFY(std::isnan(spearman({1, 1}, {1, 2})));
        QVERIFY(std::isnan(spearman({1}, {1})));
        const double none = std::numeric_limits<double>::quiet_NaN(); // not measured
        QVERIFY(std::isnan(spearman({none, none, none}, {1, 2, 3})));
        QCOMPARE(spearman({1, none, 2, 3}, {10, 0, 20, 30}), 1.0);
        QVERIFY(std::isnan(spearman({1, 2}, {1, 2, 3})));
    }
};

MPRDO_TEST(TstStatistics)
#include "tst_statistics.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/statistics.h"
#include "core/sensitivity/suffix_runs.h"
#include "tests/core/sensitivity/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;

class TstSuffixRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void suffixFromAnyLayerEqualsTheWhole_data()
    {
        QTest::addColumn<qint64>("limit");
        QTest::newRow("all kept") << (qint64(1) << 30);
        QTest::newRow("some kept") << qint64(9000);
        QTest::newRow("none kept") << qint64(0);
    }
    void suffixFromAnyLayerEqualsTheWhole()
    {
        QFETCH(qint64, limit);
        const auto graph = smallNetwork();
        const ImageSet set = randomImages(7).set;
        const auto suffixes = layerSuffixes(*graph);
        PrefixCache prefix(*graph, set, suffixes, 3, limit);
        QCOMPARE(prefix.batches(), std::int64_t(3));
        for (const std::size_t layer : {0, 1, 2, 3, 5, 4, 0, 5}) // forward, and back again
            for (std::int64_t b = 0; b < prefix.batches(); ++b) {
                const at::Tensor whole = forward(*graph, set.batch(prefix.begin(b), prefix.end(b)));
                const ValueId output = graph->outputs[0];
                QVERIFY(at::equal(execute(*graph, prefix.feeds(b, layer), {output}).at(output), whole));
            }
    }

    void suffixCostsItsDependentNodes()
    {
        const auto graph = smallNetwork();
        const auto suffixes = layerSuffixes(*graph);
        const auto layers = graph->layers();
        const std::int64_t tied = 8 * 8 * 9 * 36, shortcut = 8 * 8 * 36, down = 8 * 8 * 9 * 9, linear = kClasses * 8;
        const std::int64_t grouped = 8 * 4 * 9 * 36, conv1 = 8 * 3 * 9 * 36;
        const std::map<std::string, std::int64_t> expected{
            {"conv1", conv1 + grouped + 2 * tied + shortcut + down + linear},
            {"grouped", grouped + 2 * tied + down + linear}, // the shortcut does not depend on it
            {"tied", 2 * tied + down + linear},
            {"shortcut", shortcut + down + linear},
            {"down", down + linear},
            {"linear", linear}};
        QCOMPARE(layers.size(), expected.size());
        for (std::size_t l = 0; l < layers.size(); ++l)
            QCOMPARE(suffixes[l].macs, expected.at(layers[l].name));
    }

    void spearmanByHand_data()
    {
        QTest::addColumn<QList<double>>("a");
        QTest::addColumn<QList<double>>("b");
        QTest::addColumn<double>("expected");
        const double nan = double(NAN);
        QTest::newRow("same order") << QList<double>{1, 2, 30} << QList<double>{-5, 0, 0.1} << 1.0;
        QTest::newRow("reversed") << QList<double>{1, 2, 3, 4} << QList<double>{4, 3, 2, 1} << -1.0;
        QTest::newRow("one swap") << QList<double>{1, 2, 3} << QList<double>{1, 3, 2} << 0.5; // 1 - 6 * 2 / (3 * 8)
        QTest::newRow("a tie") << QList<double>{1, 1, 2} << QList<double>{1, 2, 3} << std::sqrt(3.0) / 2;
        QTest::newRow("a NaN is left out") << QList<double>{1, nan, 2} << QList<double>{1, 7, 3} << 1.0;
        QTest::newRow("constant") << QList<double>{1, 1, 1} << QList<double>{1, 2, 3} << nan;
        QTest::newRow("empty") << QList<double>{} << QList<double>{} << nan;
    }
    void spearmanByHand()
    {
        QFETCH(QList<double>, a);
        QFETCH(QList<double>, b);
        QFETCH(double, expected);
        const double r = spearman({a.begin(), a.end()}, {b.begin(), b.end()});
        QVERIFY(std::isnan(expected) ? std::isnan(r) : std::abs(r - expected) < 1e-12);
    }
};

MPRDO_TEST(TstSuffixRuns)
#include "tst_suffix_runs.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/run_comparison.h"
#include "core/api/statistics.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>
#include <random>

using namespace mprdo;

namespace {

Evaluation answers(std::vector<std::int32_t> predictions)
{
    Evaluation out;
    out.total = static_cast<std::int64_t>(predictions.size());
    out.predictions = std::make_shared<const std::vector<std::int32_t>>(std::move(predictions));
    return out;
}

} // namespace

class TstRunComparison : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsByHand();
    void turnsAroundWhenSwapped();
    void intervalCoversTheTruth();
    void intervalAtItsEnds();
    void saysNothing_data();
    void saysNothing();
};

void TstRunComparison::countsByHand()
{
    //                                   won  lost  both  same wrong  other wrong
    const std::vector<std::int32_t> labels{0, 1, 2, 0, 1};
    const auto c = compareRuns(answers({1, 1, 2, 2, 0}), answers({0, 0, 2, 2, 2}), labels, 3);
    QVERIFY(c.has_value());
    QCOMPARE(c->images, 5);
    QCOMPARE(c->correctA, 2);
    QCOMPARE(c->correctB, 2);
    QCOMPARE(c->agree, 2);
    QCOMPARE(c->won, (std::vector<Flip>{{0, 0, 1, 0}}));
    QCOMPARE(c->lost, (std::vector<Flip>{{1, 1, 1, 0}}));
    QCOMPARE(c->otherwise, (std::vector<Flip>{{4, 1, 0, 2}}));
    QCOMPARE(c->differencePoints, 0.0);
    QCOMPARE(c->mcnemarP, 1.0);
    QCOMPARE(c->classes[0].images, 2);
    QCOMPARE(c->classes[0].won, 1);
    QCOMPARE(c->classes[1].lost, 1);
    QCOMPARE(c->classes[2].correctB, 1);
}

void TstRunComparison::turnsAroundWhenSwapped()
{
    std::mt19937 random(7);
    std::vector<std::int32_t> labels(1000), a(1000), b(1000);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        labels[i] = std::int32_t(random() % 4);
        a[i] = random() % 5 ? labels[i] : std::int32_t(random() % 4);
        b[i] = random() % 3 ? labels[i] : std::int32_t(random() % 4);
    }
    const auto forth = compareRuns(answers(a), answers(b), labels, 4), back = compareRuns(answers(b), answers(a), labels, 4);
    QCOMPARE(forth->won.size(), back->lost.size());
    QCOMPARE(forth->differencePoints, -back->differencePoints);
    QCOMPARE(forth->low, -back->high);
    QCOMPARE(forth->mcnemarP, back->mcnemarP);
    QCOMPARE(forth->differencePoints, 100.0 * double(forth->correctB - forth->correctA) / 1000);
    std::int64_t images = 0, won = 0;
    for (const ClassChange& c : forth->classes) {
        images += c.images;
        won += c.won;
    }
    QCOMPARE(images, 1000);
    QCOMPARE(won, std::int64_t(forth->won.size()));
}

void TstRunComparison::intervalCoversTheTruth()
{
    // 4,000 draws of 500 pairs with P(won) = 0.03, P(lost) = 0.05: the true difference is -2 points.
    std::mt19937 random(11);
    std::uniform_real_distribution<double> uniform(0, 1);
    int covered = 0;
    constexpr int draws = 4000, pairs = 500;
    for (int d = 0; d < draws; ++d) {
        std::int64_t won = 0, lost = 0;
        for (int i = 0; i < pairs; ++i) {
            const double u = uniform(random);
            won += u < 0.03;
            lost += u >= 0.03 && u < 0.08;
        }
        const auto [low, high] = pairedInterval(won, lost, pairs);
        covered += low <= -2 && -2 <= high;
    }
    QVERIFY2(covered > draws * 0.935 && covered < draws * 0.97, qPrintable(QString::number(double(covered) / draws)));
}

void TstRunComparison::intervalAtItsEnds()
{
    QCOMPARE(pairedInterval(0, 0, 0), (std::pair<double, double>(-100, 100)));
    const auto [low, high] = pairedInterval(0, 0, 1000);
    QVERIFY(low < 0 && high > 0 && high < 0.5); // no flip seen is no proof of none
    QCOMPARE(low, -high);
    QVERIFY(pairedInterval(10, 0, 10).second <= 100);
}

void TstRunComparison::saysNothing_data()
{
    QTest::addColumn<int>("inA");
    QTest::addColumn<int>("inB");
    QTest::addColumn<int>("labels");
    QTest::newRow("no predictions in A") << -1 << 3 << 3;
    QTest::newRow("no predictions in B") << 3 << -1 << 3;
    QTest::newRow("different lengths") << 3 << 4 << 4;
    QTest::newRow("too few labels") << 3 << 3 << 2;
    QTest::newRow("no images") << 0 << 0 << 0;
}

void TstRunComparison::saysNothing()
{
    QFETCH(int, inA);
    QFETCH(int, inB);
    QFETCH(int, labels);
    const auto of = [](int n) { return n < 0 ? Evaluation() : answers(std::vector<std::int32_t>(std::size_t(n), 0)); };
    QVERIFY(!compareRuns(of(inA), of(inB), std::vector<std::int32_t>(std::size_t(labels), 0), 1));
}

MPRDO_TEST(TstRunComparison)
#include "tst_run_comparison.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/base/error.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <functional>
#include <random>

using namespace mprdo;

namespace {

/// kind: "convex" falls like 4^-b; "ragged" is random, not even falling; "equal slopes" ties every step; "locked" has
/// single-choice layers; "coarse" has equal rates and distortions from a handful of integers.
AllocationProblem problem(const QString& kind, unsigned seed, int layers)
{
    std::mt19937 random(seed);
    const auto uniform = [&] { return double(random() % 100000) / 100000; };
    AllocationProblem out;
    for (int l = 0; l < layers; ++l) {
        const std::int64_t weights = 50 + std::int64_t(random() % 1000);
        const double scale = uniform() * double(weights);
        std::vector<Choice> choices;
        for (const Bits bits : {2, 3, 4, 6, 8}) {
            double d = scale * std::pow(4.0, -bits);
            std::int64_t rate = weights * bits + 16;
            if (kind == "ragged")
                d = uniform();
            else if (kind == "equal slopes")
                d = double(weights * (8 - bits)) / 1024;
            else if (kind == "coarse") {
                d = double(random() % 4);
                rate = std::int64_t(random() % 6);
            }
            choices.push_back({bits, rate, d});
        }
        std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) { return a.rate < b.rate; });
        if (kind == "locked" && l % 2 == 1)
            choices = {choices[random() % choices.size()]};
        out.layers.push_back(choices);
    }
    return out;
}

double bruteForce(const AllocationProblem& p, std::int64_t budget)
{
    double best = INFINITY;
    const std::function<void(std::size_t, std::int64_t, double)> walk = [&](std::size_t l, std::int64_t rate, double d) {
        if (rate > budget)
            return;
        if (l == p.layers.size()) {
            best = std::min(best, d);
            return;
        }
        for (const Choice& c : p.layers[l])
            walk(l + 1, rate + c.rate, d + c.distortion);
    };
    walk(0, 0, 0);
    return best;
}

std::int64_t highestRate(const AllocationProblem& p)
{
    std::int64_t out = 0;
    for (const auto& choices : p.layers)
        out += choices.back().rate;
    return out;
}

/// Plain dynamic programme over every integer rate: the least distortion within each budget.
std::vector<double> everyBudget(const AllocationProblem& p, std::int64_t highest)
{
    std::vector<double> best(static_cast<std::size_t>(highest) + 1, 0);
    for (const auto& choices : p.layers) {
        std::vector<double> next(best.size(), INFINITY);
        for (const Choice& c : choices)
            for (auto r = std::size_t(c.rate); r < best.size(); ++r)
                next[r] = std::min(next[r], best[r - std::size_t(c.rate)] + c.distortion);
        best = std::move(next);
    }
    return best;
}

double answerOf(const Front& front, std::int64_t budget)
{
    double out = INFINITY;
    for (const FrontPoint& p : front.points)
        if (p.rate <= budget)
            out = p.distortion;
    return out;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 + 1e-9 * std::max(std::abs(a), std::abs(b)); }

/// Ascending in rate, falling in distortion, and each point is what its choices cost.
void checkPoints(const AllocationProblem& p, const Front& front)
{
    for (std::size_t k = 0; k < front.points.size(); ++k) {
        const FrontPoint& point = front.points[k];
        QVERIFY(k == 0 || (front.points[k - 1].rate < point.rate && front.points[k - 1].distortion > point.distortion));
        QCOMPARE(point.choice.size(), p.layers.size());
        std::int64_t rate = 0;
        double distortion = 0;
        for (std::size_t l = 0; l < p.layers.size(); ++l) {
            rate += p.layers[l].at(point.choice[l]).rate;
            distortion += p.layers[l][point.choice[l]].distortion;
        }
        QCOMPARE(point.rate, rate);
        QVERIFY(close(point.distortion, distortion));
    }
}

} // namespace

class TstAllocator : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void exact_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"convex", "ragged", "equal slopes", "locked", "coarse"})
            QTest::newRow(kind) << kind;
    }

    void exact()
    {
        QFETCH(QString, kind);
        for (unsigned seed = 0; seed < 60; ++seed) {
            const AllocationProblem p = problem(kind, seed, 1 + int(seed % 5));
            const std::int64_t low = lowestRate(p), high = highestRate(p);
            for (int i = 0; i <= 8; ++i) {
                const std::int64_t budget = low + (high - low) * i / 8;
                const AllocationAnswer a = allocate(p, budget);
                QVERIFY(a.rate <= budget);
                QVERIFY2(close(a.distortion, bruteForce(p, budget)), qPrintable(QString("seed %1").arg(seed)));
                const AllocationAnswer quick = lagrangian(p, budget);
                QVERIFY(quick.rate <= budget);
                QVERIFY(quick.distortion >= a.distortion - 1e-9);
            }
        }
    }

    void largeEqualsPlainProgramme_data() { exact_data(); }
    void largeEqualsPlainProgramme()
    {
        QFETCH(QString, kind);
        for (unsigned seed = 100; seed < 103; ++seed) {
            const AllocationProblem p = problem(kind, seed, 14);
            const std::int64_t budget = (lowestRate(p) + highestRate(p)) / 2;
            QVERIFY(close(allocate(p, budget).distortion, everyBudget(p, budget).back()));
        }
    }

    /// Slopes that are equal but for rounding: a layer's steps must be taken in their own order.
    void equalSlopesARoundingApart()
    {
        for (unsigned seed = 0; seed < 40; ++seed) {
            std::mt19937 random(seed);
            AllocationProblem p;
            for (int l = 0; l < 5; ++l) {
                const std::int64_t weights = 7 + std::int64_t(random() % 90);
                std::vector<Choice> choices;
                for (const Bits bits : {2, 3, 5, 8})
                    choices.push_back({bits, weights * bits, 0.1 * double(weights) * (8 - bits) / 3});
                p.layers.push_back(choices);
            }
            for (int i = 1; i < 8; ++i) {
                const std::int64_t budget = lowestRate(p) + (highestRate(p) - lowestRate(p)) * i / 8;
                const AllocationAnswer a = allocate(p, budget);
                QVERIFY(a.rate <= budget);
                QVERIFY(close(a.distortion, bruteForce(p, budget)));
            }
        }
    }

    void frontIsExact_data() { exact_data(); }
    void frontIsExact()
    {
        QFETCH(QString, kind);
        for (unsigned seed = 0; seed < 20; ++seed) {
            const AllocationProblem p = problem(kind, seed, 4);
            const Front front = paretoFront(p, 100000);
            QCOMPARE(front.relativeGap, 0.0);
            checkPoints(p, front);
            const std::int64_t low = lowestRate(p), high = highestRate(p);
            for (int i = 0; i <= 40; ++i) {
                const std::int64_t budget = low + (high - low) * i / 40;
                QVERIFY(close(answerOf(front, budget), bruteForce(p, budget)));
            }
        }
    }

    void largeFrontIsExactAtEvenBudgets_data() { exact_data(); }
    void largeFrontIsExactAtEvenBudgets()
    {
        QFETCH(QString, kind);
        const AllocationProblem p = problem(kind, 7, 20);
        const Front front = paretoFront(p);
        QVERIFY(front.points.size() <= 400);
        checkPoints(p, front);
        const std::int64_t low = front.points.front().rate, high = front.points.back().rate;
        QCOMPARE(low, lowestRate(p));
        const std::vector<double> exact = everyBudget(p, high);
        for (std::int64_t i = 0; i < 256; ++i) { // where the curve promises to be exact
            const auto budget = std::size_t(low + (high - low) * i / 255);
            QVERIFY(close(answerOf(front, std::int64_t(budget)), exact[budget]));
        }
        for (std::size_t budget = std::size_t(low); budget <= std::size_t(high); ++budget) // and what it promises elsewhere
            QVERIFY(answerOf(front, std::int64_t(budget)) <= exact[budget] * (1 + front.relativeGap) + 1e-9);
    }

    void thinnedFrontStatesItsGap()
    {
        const AllocationProblem p = problem("ragged", 3, 6);
        const Front whole = paretoFront(p, 100000), thinned = paretoFront(p, 12);
        QVERIFY(whole.points.size() > 12);
        QVERIFY(thinned.points.size() <= 12);
        QCOMPARE(thinned.points.front().rate, whole.points.front().rate);
        QCOMPARE(thinned.points.back().rate, whole.points.back().rate);
        double gap = 0;
        for (const FrontPoint& point : whole.points)
            gap = std::max(gap, answerOf(thinned, point.rate) / point.distortion - 1);
        QVERIFY(close(thinned.relativeGap, gap));
    }

    void frontOfLockedLayersIsOnePoint()
    {
        const Front front = paretoFront({{{{8, 800, 0.5}}, {{4, 80, 0.25}}}});
        QCOMPARE(front.points.size(), std::size_t(1));
        QCOMPARE(front.points[0].rate, std::int64_t(880));
        QCOMPARE(front.points[0].distortion, 0.75);
    }

    void budgetUnderTheLowest()
    {
        const AllocationProblem p{{{{4, 400, 1.0}, {8, 800, 0.1}}, {{8, 80, 0.0}}}};
        QCOMPARE(lowestRate(p), std::int64_t(480));
        try {
            allocate(p, 479);
            QFAIL("no error");
        } catch (const Error& e) {
            QVERIFY(e.code() == ErrorCode::BudgetInfeasible);
            QCOMPARE(QString(e.what()), QString("a budget of 479 bits is below the lowest possible, 480 bits"));
        }
        QCOMPARE(allocate(p, 480).choice, (std::vector<std::size_t>{0, 0}));
        QCOMPARE(allocate(p, 1 << 20).choice, (std::vector<std::size_t>{1, 0}));
    }

    void badProblems_data()
    {
        QTest::addColumn<double>("distortion");
        QTest::addColumn<qint64>("rate");
        QTest::newRow("negative distortion") << -1.0 << qint64(4);
        QTest::newRow("not a number") << double(NAN) << qint64(4);
        QTest::newRow("infinite") << double(INFINITY) << qint64(4);
        QTest::newRow("negative rate") << 1.0 << qint64(-4);
    }

    void badProblems()
    {
        QFETCH(double, distortion);
        QFETCH(qint64, rate);
        QVERIFY_EXCEPTION_THROWN(allocate({{{{4, rate, distortion}}}}, 100), Error);
        QVERIFY_EXCEPTION_THROWN(allocate({{{}}}, 100), Error);
    }
};

MPRDO_TEST(TstAllocator)
#include "tst_allocator.moc"

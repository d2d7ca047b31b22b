// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/allocate/interactions.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>
#include <functional>
#include <random>

using namespace mprdo;

namespace {

/// Layers of vectors: choice i of layer l has an error vector e, D = |e|^2 / 2 and cross = e . e', as the KL has them.
struct Case {
    AllocationProblem problem;
    CrossTerms cross;
    std::int64_t budget = 0;
};

Case random(unsigned seed, int layers, double strength, bool locked)
{
    std::mt19937 engine(seed);
    std::normal_distribution<double> normal;
    std::vector<std::vector<std::vector<double>>> errors;
    AllocationProblem problem;
    std::int64_t low = 0, high = 0;
    for (int l = 0; l < layers; ++l) {
        const std::int64_t weights = 50 + std::int64_t(engine() % 400);
        problem.layers.emplace_back();
        errors.emplace_back();
        const double shared = normal(engine);
        for (const Bits bits : {2, 3, 4, 6}) {
            if (locked && l % 3 == 1 && bits != 3)
                continue;
            std::vector<double> e;
            double d = 0;
            for (int k = 0; k < 4; ++k) {
                e.push_back(std::pow(2.0, -bits) * (shared + 0.5 * normal(engine)));
                d += 0.5 * e.back() * e.back();
            }
            errors.back().push_back(e);
            problem.layers.back().push_back({bits, weights * bits, d});
        }
        low += problem.layers.back().front().rate;
        high += problem.layers.back().back().rate;
    }
    CrossTerms cross(problem);
    for (std::size_t l = 0; l < errors.size(); ++l)
        for (std::size_t m = 0; m < l; ++m)
            for (std::size_t i = 0; i < errors[l].size(); ++i)
                for (std::size_t j = 0; j < errors[m].size(); ++j) {
                    double dot = 0;
                    for (std::size_t k = 0; k < 4; ++k)
                        dot += errors[l][i][k] * errors[m][j][k];
                    cross.set(l, i, m, j, strength * dot);
                }
    return {problem, cross, low + (high - low) * std::int64_t(20 + engine() % 60) / 100};
}

std::int64_t rateOf(const AllocationProblem& p, const std::vector<std::size_t>& choice)
{
    std::int64_t out = 0;
    for (std::size_t l = 0; l < choice.size(); ++l)
        out += p.layers[l][choice[l]].rate;
    return out;
}

/// Sums over all pairs, in the open.
double plainDistortion(const Case& c, const std::vector<std::size_t>& choice)
{
    double out = 0;
    for (std::size_t l = 0; l < choice.size(); ++l)
        for (std::size_t m = 0; m < choice.size(); ++m)
            out += l == m ? c.problem.layers[l][choice[l]].distortion : 0.5 * c.cross(l, choice[l], m, choice[m]);
    return out;
}

/// Least prediction among allocations within the budget that differ from the start in at most so many layers.
double bruteForce(const Case& c, const std::vector<std::size_t>& start, std::size_t differing)
{
    double best = INFINITY;
    std::vector<std::size_t> choice = start;
    const std::function<void(std::size_t, std::size_t)> walk = [&](std::size_t l, std::size_t left) {
        if (l == choice.size()) {
            if (rateOf(c.problem, choice) <= c.budget)
                best = std::min(best, plainDistortion(c, choice));
            return;
        }
        for (std::size_t i = 0; i < c.problem.layers[l].size(); ++i)
            if (i == start[l] || left > 0) {
                choice[l] = i;
                walk(l + 1, left - (i != start[l]));
            }
        choice[l] = start[l];
    };
    walk(0, differing);
    return best;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 + 1e-9 * std::max(std::abs(a), std::abs(b)); }

} // namespace

class TstInteractions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refinedIsALocalOptimum_data()
    {
        QTest::addColumn<double>("strength");
        QTest::addColumn<bool>("locked");
        QTest::newRow("as they are") << 1.0 << false;
        QTest::newRow("weak") << 0.1 << false;
        QTest::newRow("they cancel") << -0.5 << false;
        QTest::newRow("locks") << 1.0 << true;
    }
    void refinedIsALocalOptimum()
    {
        QFETCH(double, strength);
        QFETCH(bool, locked);
        int better = 0, global = 0;
        for (unsigned seed = 1; seed <= 30; ++seed) {
            const Case c = random(seed, 6, strength, locked);
            const AllocationAnswer start = allocate(c.problem, c.budget);
            const AllocationAnswer answer = refined(c.problem, c.cross, start, c.budget);
            const double before = plainDistortion(c, start.choice), after = plainDistortion(c, answer.choice);
            QVERIFY(close(answer.distortion, after));
            QVERIFY(close(distortionWith(c.problem, c.cross, start.choice), before));
            QCOMPARE(answer.rate, rateOf(c.problem, answer.choice));
            QVERIFY(answer.rate <= c.budget);
            QCOMPARE(answer.slope, start.slope);
            QVERIFY(after <= before);
            QVERIFY(close(after, bruteForce(c, answer.choice, 2)));
            better += after < before * (1 - 1e-9);
            global += close(after, bruteForce(c, answer.choice, 6));
        }
        QVERIFY2(better > 0, "no start was made better");
        QVERIFY2(global >= 20, qPrintable(QString("the optimum in %1 of 30").arg(global)));
    }

    void withoutCrossTermsTheExactAnswerStays()
    {
        for (unsigned seed = 1; seed <= 30; ++seed) {
            const Case c = random(seed, 8, 0, seed % 2 == 0);
            const AllocationAnswer start = allocate(c.problem, c.budget);
            const AllocationAnswer answer = refined(c.problem, c.cross, start, c.budget);
            QCOMPARE(answer.choice, start.choice);
            QVERIFY(close(answer.distortion, start.distortion));
        }
    }

    void movesAreRankedByWhatTheyGain()
    {
        for (unsigned seed = 1; seed <= 10; ++seed) {
            const Case c = random(seed, 6, 1, true);
            // Not the best start: the cheapest choice of every layer has many moves.
            const std::vector<std::size_t> start(6, 0);
            const auto moves = rankedMoves(c.problem, c.cross, start, c.budget, 0, 1000);
            QVERIFY(moves.size() > 5);
            const double before = plainDistortion(c, start);
            for (std::size_t k = 0; k < moves.size(); ++k) {
                std::vector<std::size_t> choice = start;
                moves[k].apply(choice);
                QVERIFY(close(moves[k].gain, before - plainDistortion(c, choice)));
                QCOMPARE(moves[k].rate, rateOf(c.problem, choice));
                QVERIFY(moves[k].rate <= c.budget && moves[k].gain > 0);
                QVERIFY(k == 0 || moves[k - 1].gain >= moves[k].gain);
                QVERIFY(choice[1] == 0 && choice[4] == 0); // locked: one choice
            }
            QCOMPARE(rankedMoves(c.problem, c.cross, start, c.budget, 0, 3).size(), std::size_t(3));
            QVERIFY(close(before - moves[0].gain, bruteForce(c, start, 2)));
        }
    }

    void aToleranceAddsMovesThatCostALittle()
    {
        for (unsigned seed = 1; seed <= 10; ++seed) {
            const Case c = random(seed, 6, 1, false);
            const AllocationAnswer best = refined(c.problem, c.cross, allocate(c.problem, c.budget), c.budget);
            QVERIFY(rankedMoves(c.problem, c.cross, best.choice, c.budget, 0, 1000).empty());
            const double tolerance = 0.2 * best.distortion;
            const auto moves = rankedMoves(c.problem, c.cross, best.choice, c.budget, tolerance, 1000);
            for (const AllocationMove& move : moves) {
                std::vector<std::size_t> choice = best.choice;
                move.apply(choice);
                QVERIFY(move.gain >= -tolerance && move.rate <= c.budget);
                bool dearer = false;
                for (std::size_t l = 0; l < choice.size(); ++l)
                    dearer |= c.problem.layers[l][choice[l]].rate > c.problem.layers[l][best.choice[l]].rate;
                QVERIFY(dearer);
            }
        }
    }

    void nothingToDo()
    {
        const AllocationProblem none;
        QVERIFY(rankedMoves(none, CrossTerms(none), {}, 0, 0, 10).empty());
        QCOMPARE(refined(none, CrossTerms(none), {}, 0).distortion, 0.0);
        const AllocationProblem locked{{{{3, 30, 0.5}}, {{8, 80, 0.25}}}};
        CrossTerms cross(locked);
        cross.set(1, 0, 0, 0, 0.125);
        const AllocationAnswer answer = refined(locked, cross, allocate(locked, 200), 200);
        QCOMPARE(answer.choice, (std::vector<std::size_t>{0, 0}));
        QCOMPARE(answer.distortion, 0.875);
    }
};

MPRDO_TEST(TstInteractions)
#include "tst_interactions.moc"

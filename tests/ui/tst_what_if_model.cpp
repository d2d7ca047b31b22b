// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/statistics.h"
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "ui/quick_allocation.h"
#include <QSignalSpy>
#include <QtTest>
#include <cmath>

using namespace mprdo;
using mprdo::test::FakeSession;
using mprdo::test::FilledSession;

namespace {
double summed(const FilledSession& filled)
{
    double sum = 0;
    for (int layer = 0; layer < filled.document.layerCount(); ++layer)
        sum += FakeSession::distortion(filled.fake.model().layers[std::size_t(layer)], std::size_t(layer),
                                       filled.document.cell(layer).bits);
    return sum;
}
} // namespace

Q_DECLARE_METATYPE(mprdo::DropPrediction::Pair)

class TstWhatIfModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyEditIsAnsweredAtOnce()
    {
        FilledSession filled;
        QVERIFY(!filled.whatIf.known());
        filled.measure();
        QVERIFY(filled.whatIf.known());
        QSignalSpy changed(&filled.whatIf, &WhatIfModel::estimateChanged);
        for (const Bits bits : {4, 6, 8}) {
            filled.document.paint({2, 5, 7}, bits);
            const Estimate& e = filled.whatIf.estimate();
            QCOMPARE(e.missing, 0);
            QCOMPARE(e.storedBytes, filled.fake.storedBytes(filled.document.allocation()));
            QVERIFY(std::abs(e.distortion - summed(filled)) < 1e-12);
            QVERIFY(std::abs(e.averageBits
                             - averageBits(filled.fake.model().layers, filled.document.allocation()))
                    < 1e-12);
        }
        QVERIFY(changed.count() >= 2);
    }

    void partialSensitivityIsALowerBound()
    {
        FilledSession filled;
        const RunControl control([&](const Event& event) { filled.session.takeEvent(event); });
        filled.session.setSizes(filled.fake.whatIf(Metric::Kl));
        QCOMPARE(filled.whatIf.estimate().missing, filled.document.layerCount());
        filled.session.takeEvent(LayerScored{0, 8, {0.5, 0, 0, 0, 0}});
        filled.session.takeEvent(LayerScored{3, 8, {0.25, 0, 0, 0, 0}});
        filled.session.takeEvent(LayerScored{999, 8, {0.25}});
        filled.session.takeEvent(LayerScored{1, 7, {0.25}});
        QCOMPARE(filled.whatIf.estimate().missing, filled.document.layerCount() - 2);
        QCOMPARE(filled.whatIf.estimate().distortion, 0.75);
        QCOMPARE(filled.whatIf.distortion(3, 8), 0.25);
        QVERIFY(std::isnan(filled.whatIf.distortion(4, 8)));
        QVERIFY(!filled.whatIf.predictedAccuracy(filled.whatIf.estimate()));
    }

    void predictionNeedsThreePairsAndIsARange()
    {
        FilledSession filled; // widths 4, 6, 8: three uniform pairs
        filled.measure();
        const auto range = filled.whatIf.predictedAccuracy(filled.whatIf.estimate());
        QVERIFY(range.has_value());
        QVERIFY(range->low <= range->value && range->value <= range->high);
        QVERIFY(!filled.whatIf.fitIsOptimised());
        RunConfig two;
        two.bits = {4, 8};
        FilledSession less(two);
        less.measure();
        QVERIFY(!less.whatIf.predictedAccuracy(less.whatIf.estimate()));
    }

    void nearestAndOptimisedAreNeverMixed()
    {
        FilledSession filled;
        filled.measure();
        const RunControl control;
        Allocation bits = filled.document.allocation();
        const double distortion = filled.whatIf.estimate(bits).distortion;
        const double nearest = *filled.whatIf.predictedDrop(distortion, Rounding::Nearest);
        for (const Bits last : {4, 6, 8}) {
            QVERIFY(!filled.whatIf.predictedDrop(distortion, Rounding::Optimised));
            QVERIFY(!filled.whatIf.fitIsOptimised());
            bits.bits[10] = last; // three distortions
            filled.session.addRun(filled.fake.optimise(bits, control));
        }
        QVERIFY(filled.whatIf.fitIsOptimised());
        QCOMPARE(*filled.whatIf.predictedDrop(distortion, Rounding::Nearest), nearest);
        QVERIFY(*filled.whatIf.predictedDrop(distortion, Rounding::Optimised) < 0.6 * nearest); // 0.3 in the fake
        QCOMPARE(filled.whatIf.predictedDrop(distortion), filled.whatIf.predictedDrop(distortion, Rounding::Optimised));
        QCOMPARE(filled.whatIf.estimate(bits).drop, filled.whatIf.predictedDrop(filled.whatIf.estimate(bits).distortion));
        // Closed-form rounding is neither.
        auto other = std::make_shared<RunRecord>(*filled.session.lastRun());
        other->id = 99;
        other->rounding = Rounding::ClosedForm;
        other->row.dropPoints = 50;
        filled.session.addRun(other);
        QCOMPARE(*filled.whatIf.predictedDrop(distortion, Rounding::Nearest), nearest);
    }

    void theRangeIsTheLargerError_data()
    {
        using Pair = DropPrediction::Pair;
        QTest::addColumn<std::vector<Pair>>("pairs");
        QTest::addColumn<double>("at");
        QTest::addColumn<double>("expected");
        const auto half = [](std::int64_t won, std::int64_t lost) {
            const auto [low, high] = pairedInterval(won, lost, 1000);
            return (high - low) / 2;
        };
        // On one line in log distortion: each is predicted by its neighbours exactly, the ends miss by a step.
        const std::vector<Pair> straight{{0.01, 1, 21}, {0.1, 2, 30}, {1, 3, 40}};
        QTest::newRow("few images") << straight << 0.1 << half(5, 25); // 30 flips, 20 of them for the drop
        // Below the least distortion no fewer flips, 21, and straight to no drop: 5 of them.
        QTest::newRow("below") << straight << 0.005
                               << std::max(half(8, 13), DropFit({{0.01, 1}, {0.1, 2}, {1, 3}}).leaveOneOutError(0.005));
        const std::vector<Pair> jagged{{0.01, 1, 2}, {0.1, 9, 2}, {1, 10, 2}};
        QTest::newRow("a bad fit") << jagged << 0.1 << DropFit({{0.01, 1}, {0.1, 9}, {1, 10}}).leaveOneOutError(0.1);
        QTest::newRow("answers not kept") << std::vector<Pair>{{0.01, 1, {}}, {0.1, 2, {}}, {1, 3, {}}} << 0.1 << half(0, 20);
        QTest::newRow("too few") << std::vector<Pair>{{0.01, 1, 20}, {0.1, 2, 30}} << 0.1 << 0.0;
        QTest::newRow("the same twice") << std::vector<Pair>{{0.01, 1, 20}, {0.1, 2, 30}, {0.1, 2, 30}} << 0.1 << 0.0;
    }
    void theRangeIsTheLargerError()
    {
        QFETCH(std::vector<DropPrediction::Pair>, pairs);
        QFETCH(double, at);
        QFETCH(double, expected);
        const DropPrediction prediction(pairs, 1000);
        QVERIFY2(std::abs(prediction.error(at) - expected) < 1e-9, qPrintable(QString::number(prediction.error(at))));
        QCOMPARE(DropPrediction(pairs, 0).samplingError(at), 0.0);
    }

    void aRunOutOfDateHasNoSay()
    {
        FilledSession filled;
        filled.measure();
        filled.session.setContext(filled.fake.contextHash(), filled.fake.context());
        const Estimate before = filled.whatIf.estimate();
        auto run = std::make_shared<RunRecord>(*filled.fake.measure(filled.document.allocation(), Rounding::Nearest, RunControl()));
        run->contextHash = "another";
        run->row.dropPoints = 40;
        filled.session.addRun(run);
        QCOMPARE(filled.whatIf.estimate().drop, before.drop);
        QCOMPARE(filled.whatIf.estimate().dropError, before.dropError);
        filled.session.setContext("another", {});
        QVERIFY(filled.whatIf.estimate().drop > before.drop);
    }

    void budgetSolvesAutomaticLayers()
    {
        FilledSession filled;
        filled.measure();
        filled.solveFront();
        filled.document.paint({4}, 8);
        filled.solveFront();
        QSignalSpy settings(&filled.whatIf, &WhatIfModel::settingsChanged);
        for (const double target : {4.5, 5.0, 6.5}) {
            filled.whatIf.setTarget(target);
            QCOMPARE(filled.document.cell(4), (LayerCell{8, LayerState::Manual}));
            QVERIFY(filled.whatIf.estimate().averageBits <= target + 1e-9);
            QVERIFY(filled.whatIf.estimate().averageBits > target - 0.8);
            QVERIFY(filled.document.undoStack()->undoText().startsWith("Budget of"));
        }
        QCOMPARE(settings.count(), 3);
        // Under what the manual layer allows the lowest possible answer comes.
        filled.whatIf.setTarget(1);
        QVERIFY(std::abs(filled.whatIf.estimate().averageBits - filled.whatIf.lowestTarget()) < 1e-9);
    }

    void aQuickAnswerComesBeforeTheExactOne()
    {
        RunConfig config;
        config.bits = {2, 3, 4, 5, 6, 8};
        FilledSession filled(config);
        filled.measure();
        filled.solveFront();
        QSignalSpy wanted(&filled.whatIf, &WhatIfModel::frontWanted);
        const int steps = filled.document.undoStack()->count();
        filled.whatIf.setSet({4, 8});
        QCOMPARE(wanted.count(), 1);
        QVERIFY(filled.whatIf.refining());
        for (int layer = 0; layer < filled.document.layerCount(); ++layer)
            QVERIFY(filled.document.cell(layer).bits == 4 || filled.document.cell(layer).bits == 8);
        const double quick = filled.whatIf.estimate().distortion;
        filled.solveFront();
        QVERIFY(!filled.whatIf.refining());
        QVERIFY(filled.whatIf.estimate().distortion <= quick + 1e-12);
        QCOMPARE(filled.document.undoStack()->count(), steps + 1); // both answers are one step
        QCOMPARE(filled.document.undoStack()->undoText(), QString("Widths 4, 8"));
    }

    void locksAskForAnotherFront()
    {
        FilledSession filled;
        filled.measure();
        QSignalSpy wanted(&filled.whatIf, &WhatIfModel::frontWanted);
        filled.document.setLocked({1}, true);
        QCOMPARE(wanted.count(), 1);
        filled.solveFront();
        filled.document.setSelection({2});
        QCOMPARE(wanted.count(), 1);
        for (std::size_t point = 0; point < filled.whatIf.front()->front->points.size(); ++point)
            QCOMPARE(filled.whatIf.front()->allocation(point).bits[1], filled.document.cell(1).bits);
    }

    void metricsAreNotMixed()
    {
        FilledSession filled;
        filled.measure();
        const double kl = filled.whatIf.estimate().distortion;
        filled.whatIf.setMetric(Metric::Loss); // twice as much in the fake
        filled.document.load(filled.document.allocation(), "same");
        QVERIFY(filled.whatIf.estimate().distortion > kl * 1.5);
    }

    void quickAllocationKeepsBudgetAndLocks_data()
    {
        QTest::addColumn<double>("target");
        for (const double target : {2.0, 2.5, 4.19, 7.9, 8.0, 20.0})
            QTest::addRow("%.2f bits", target) << target;
    }
    void quickAllocationKeepsBudgetAndLocks()
    {
        QFETCH(double, target);
        RunConfig config;
        config.bits = {2, 3, 4, 5, 6, 8};
        FilledSession filled(config);
        filled.measure();
        WhatIf w = filled.fake.whatIf(Metric::Kl);
        std::vector<Bits> fixed(w.layers.size(), 0);
        const Allocation free = quickAllocation(w, config.bits, fixed, target);
        QVERIFY(averageBits(w.layers, free) <= target + 1e-9);
        fixed[0] = 8; // 432 of 270,896 weights
        const Allocation locked = quickAllocation(w, config.bits, fixed, target + 0.1);
        QCOMPARE(locked.bits[0], 8);
        QVERIFY(averageBits(w.layers, locked) <= target + 0.1 + 1e-9);
        // Lagrangian answers lie on the convex front: no point of the front within the same rate is better.
        const FrontPtr front = filled.fake.front(filled.fake.problem(config.bits, Metric::Kl, {}));
        const double distortion = w.estimate(free).distortion;
        std::int64_t rate = 0;
        for (std::size_t l = 0; l < w.layers.size(); ++l)
            for (std::size_t i = 0; i < w.sensitivity->widths.size(); ++i)
                if (w.sensitivity->widths[i] == free.bits[l])
                    rate += 8 * w.layerBytes[l][i];
        for (const FrontPoint& point : front->points)
            if (point.rate <= rate)
                QVERIFY(point.distortion >= distortion * (1 - 1e-3));
    }

    void stage3FollowsSettingsThatChangedMeanwhile()
    {
        FilledSession filled;
        filled.whatIf.setTarget(6);
        filled.measure(); // allocate() answers for 4.19
        QVERIFY(filled.whatIf.estimate().averageBits > 5);
        QCOMPARE(filled.whatIf.target(), 6.0);
    }
};

MPRDO_TEST(TstWhatIfModel)
#include "tst_what_if_model.moc"

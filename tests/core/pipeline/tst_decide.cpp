// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/base/error.h"
#include "core/evaluate/evaluator.h"
#include "core/finetune/fine_tune.h"
#include "core/pipeline/coded_rates.h"
#include "core/pipeline/decide.h"
#include "core/pipeline/diagnose.h"
#include "core/pipeline/input_check.h"
#include "core/pipeline/naive_baseline.h"
#include "core/reconstruct/layer_fit.h"
#include "core/sensitivity/curvature.h"
#include "core/sensitivity/sensitivity.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

// No test image chooses anything: what decides cannot be handed the evaluation set, nor the test images as another set.

template <class To>
constexpr bool fromEvaluation = std::is_convertible_v<EvaluationSet, To> || std::is_constructible_v<To, EvaluationSet>;
static_assert(fromEvaluation<EvaluationSet>);
static_assert(!fromEvaluation<CalibrationSet> && !fromEvaluation<HoldOutSet> && !fromEvaluation<ImageSet>);
static_assert(!std::is_convertible_v<CalibrationSet, HoldOutSet> && !std::is_convertible_v<HoldOutSet, CalibrationSet>);
static_assert(!std::is_convertible_v<ImageSet, CalibrationSet> && !std::is_convertible_v<ImageSet, HoldOutSet>);

/// None of a function's parameters takes an evaluation set.
template <class R, class... A>
constexpr bool refuses(R (*)(A...))
{
    return !(std::is_convertible_v<EvaluationSet&, A> || ...);
}
using Judge = Evaluation(const Graph&, const Overlay&, const EvaluationSet&, const RunControl&, const std::string&);
static_assert(!refuses<Evaluation>(static_cast<Judge*>(evaluate))); // it can tell
static_assert(refuses(fineTune) && refuses(measureSensitivity) && refuses(gaussNewtonTraces)
              && refuses(fisherDiagonals));
static_assert(refuses(codedRates) && refuses(problemFrom) && refuses(::mprdo::allocate) && refuses(lagrangian)
              && refuses(paretoFront) && refuses(decideByBits) && refuses(decideByBytes) && refuses(decideByDrop));
static_assert(refuses(optimiseScales) && refuses(refineHessian) && refuses(adaptRounding) && refuses(walkBlocks)
              && refuses(outputFisher) && refuses(layerMoments) && refuses(quantizeNearest));
static_assert(refuses(naiveEightBits) && refuses(examine));

template <class Set>
constexpr bool measures = std::is_invocable_v<decltype(measureSensitivity), std::shared_ptr<const Graph>, Set,
                                              SensitivityOptions, ArtefactCache&, RunControl>;
static_assert(measures<CalibrationSet> && !measures<EvaluationSet>);
template <class Set>
constexpr bool ranges
    = std::is_invocable_v<decltype(naiveEightBits), std::shared_ptr<const Graph>, Set, RunControl, NaiveChoice>;
static_assert(ranges<CalibrationSet> && !ranges<EvaluationSet>);
template <class Training, class Validation>
constexpr bool tunes = std::is_invocable_v<decltype(fineTune), Graph, Training, Validation, FineTuneOptions,
                                           ArtefactCache&, RunControl>;
static_assert(tunes<ImageSet, HoldOutSet> && !tunes<EvaluationSet, HoldOutSet> && !tunes<ImageSet, EvaluationSet>);
template <class Drop>
constexpr bool judges = std::is_invocable_v<decltype(decideByDrop), AllocationProblem, Front, double, Drop, RunControl>;
static_assert(judges<double (*)(const Allocation&)> && !judges<EvaluationSet>);
template <class Calibration, class HoldOut>
concept Examined = requires(std::shared_ptr<const Graph> graph, Calibration calibration, HoldOut holdOut) {
    DoctorInput{graph, calibration, holdOut};
};
static_assert(Examined<CalibrationSet, HoldOutSet> && !Examined<EvaluationSet, HoldOutSet>
              && !Examined<CalibrationSet, EvaluationSet>);

const std::vector<Bits> kSet{2, 4, 8};

struct Numbers {
    std::vector<LayerInfo> layers;
    SensitivityTable table;
    AllocationProblem problem;

    explicit Numbers(std::vector<Bits> fixed = {0, 0, 0, 0})
    {
        table.widths = kSet;
        for (int l = 0; l < 4; ++l) {
            LayerInfo info;
            info.name = "layer" + std::to_string(l);
            info.weights = 100 * (l + 1);
            info.deadWeights = l == 3 ? 200 : 0;
            layers.push_back(info);
            const double s = 1.0 / (1 + l * l);
            table.distortion[Metric::Kl].push_back({s, s / 16, s / 4096});
        }
        problem = problemFrom(layers, table, kSet, Metric::Kl, fixed);
    }
};

/// 1 KB of head and one byte for every 8 bits of codes.
std::int64_t fileOf(const std::vector<LayerInfo>& layers, const Allocation& allocation)
{
    std::int64_t bits = 0;
    for (std::size_t l = 0; l < layers.size(); ++l)
        bits += layers[l].weights * allocation.bits[l];
    return 1000 + (bits + 7) / 8;
}

} // namespace

class TstDecide : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void averagesAreWeighted()
    {
        const Numbers n;
        const Allocation a{{8, 4, 2, 2}};
        QCOMPARE(averageBits(n.layers, a), (800 + 800 + 600 + 800) / 1000.0);
        QCOMPARE(averageLiveBits(n.layers, a), (800 + 800 + 600 + 400) / 800.0);
    }

    void unmeasuredWidthsAreSixDecibelsABit()
    {
        const Numbers n;
        const AllocationProblem p = problemFrom(n.layers, n.table, {3, 7}, Metric::Kl, {5, 32, 0, 0});
        QCOMPARE(p.layers[0].size(), std::size_t(1));
        QVERIFY(std::abs(p.layers[0][0].distortion - 1.0 / 64) < 1e-12); // a quarter of what 4 bits measured
        QCOMPARE(p.layers[1][0].distortion, 0.0);
        QCOMPARE(p.layers[1][0].rate, std::int64_t(200 * 32));
        QVERIFY(p.layers[2][0].distortion > p.layers[2][1].distortion);
        QVERIFY_EXCEPTION_THROWN(problemFrom(n.layers, n.table, kSet, Metric::Loss, {0, 0, 0, 0}), Error);
        QVERIFY_EXCEPTION_THROWN(problemFrom(n.layers, n.table, kSet, Metric::Kl, {0}), Error);
        QVERIFY_EXCEPTION_THROWN(problemFrom(n.layers, n.table, {}, Metric::Kl, {0, 0, 0, 0}), Error);
    }

    void entropyCodedRatesAreTheAllocators()
    {
        Numbers n;
        const AllocationProblem fixed = problemFrom(n.layers, n.table, kSet, Metric::Kl, {0, 0, 0, 32});
        for (std::size_t l = 0; l < 4; ++l) {
            n.table.codedBits.emplace_back();
            for (std::size_t i = 0; i < n.table.widths.size(); ++i)
                n.table.codedBits[l].push_back(50.25 * double(l + 1) + 100 * double(i));
        }
        const AllocationProblem coded = problemFrom(n.layers, n.table, kSet, Metric::Kl, {0, 0, 0, 32});
        for (std::size_t l = 0; l < 3; ++l)
            for (std::size_t i = 0; i < kSet.size(); ++i) {
                const auto at = std::size_t(std::find(n.table.widths.begin(), n.table.widths.end(), kSet[i]) - n.table.widths.begin());
                QCOMPARE(coded.layers[l][i].rate, std::int64_t(std::ceil(n.table.codedBits[l][at])));
                QCOMPARE(coded.layers[l][i].distortion, fixed.layers[l][i].distortion);
            }
        QCOMPARE(coded.layers[3][0].rate, fixed.layers[3][0].rate); // FP32 is not coded
        const Allocation lowest{{kSet[0], kSet[0], kSet[0], 32}};
        double rate = 0;
        for (std::size_t l = 0; l < 4; ++l)
            rate += double(coded.layers[l][0].rate);
        double weights = 0;
        for (const LayerInfo& layer : n.layers)
            weights += double(layer.weights);
        QVERIFY(std::abs(ratePerWeight(coded, lowest, n.layers) - rate / weights) < 1e-12);
    }

    void bitsTargetIsMet_data()
    {
        QTest::addColumn<double>("target");
        for (const double target : {2.0, 2.2, 4.19, 6.4, 8.0})
            QTest::addRow("%g", target) << target;
    }
    void bitsTargetIsMet()
    {
        QFETCH(double, target);
        const Numbers n;
        const Decision d = decideByBits(n.problem, n.layers, target);
        QVERIFY(averageBits(n.layers, d.allocation) <= target + 1e-12);
        double best = INFINITY; // brute force
        for (int code = 0; code < 81; ++code) {
            double distortion = 0, bits = 0;
            for (int l = 0, rest = code; l < 4; ++l, rest /= 3) {
                distortion += n.problem.layers[std::size_t(l)][std::size_t(rest % 3)].distortion;
                bits += double(n.problem.layers[std::size_t(l)][std::size_t(rest % 3)].rate);
            }
            if (bits <= target * 1000 + 1e-9)
                best = std::min(best, distortion);
        }
        QVERIFY(std::abs(d.distortion - best) < 1e-12);
    }

    void bytesTargetIsMet_data()
    {
        QTest::addColumn<int>("target");
        for (const int target : {1250, 1251, 1400, 1600, 1999, 2000, 5000})
            QTest::addRow("%d", target) << target;
    }
    void bytesTargetIsMet()
    {
        QFETCH(int, target);
        const Numbers n;
        const auto bytes = [&](const Allocation& a) { return fileOf(n.layers, a); };
        const Decision d = decideByBytes(n.problem, target, bytes, RunControl());
        QVERIFY(bytes(d.allocation) <= target);
        double best = INFINITY;
        for (const Bits a : kSet)
            for (const Bits b : kSet)
                for (const Bits c : kSet)
                    for (const Bits e : kSet)
                        if (bytes({{a, b, c, e}}) <= target)
                            best = std::min(best, 1.0 * std::pow(4, 2 - a) + 0.5 * std::pow(4, 2 - b) + 0.2 * std::pow(4, 2 - c)
                                                      + 0.1 * std::pow(4, 2 - e));
        QVERIFY2(std::abs(d.distortion - best) < 1e-12, qPrintable(QString("%1 %2").arg(d.distortion).arg(best)));
    }

    void tooFewBytesSayTheLowest()
    {
        const Numbers n;
        const auto outcome = runGuarded([&] {
            return decideByBytes(n.problem, 1249, [&](const Allocation& a) { return fileOf(n.layers, a); }, RunControl());
        });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr && failure->code == ErrorCode::BudgetInfeasible);
        QVERIFY2(failure->message.find("1250") != std::string::npos, failure->message.c_str());
    }

    void dropTargetTakesTheSmallest_data()
    {
        QTest::addColumn<double>("points");
        for (const double points : {0.0, 0.004, 0.1, 1.0, 50.0})
            QTest::addRow("%g", points) << points;
    }
    void dropTargetTakesTheSmallest()
    {
        QFETCH(double, points);
        const Numbers n;
        const Front front = paretoFront(n.problem);
        const auto dropOf = [&](const Allocation& a) {
            double sum = 0;
            for (int l = 0; l < 4; ++l)
                sum += 10.0 / (1 + l * l) * std::pow(4, 2 - a.bits[std::size_t(l)]);
            return sum;
        };
        int judged = 0;
        const Decision d = decideByDrop(
            n.problem, front, points,
            [&](const Allocation& a) {
                ++judged;
                return dropOf(a);
            },
            RunControl());
        std::size_t expected = front.points.size() - 1; // linear scan
        bool any = false;
        for (std::size_t i = 0; i < front.points.size() && !any; ++i)
            if (dropOf(allocationOf(n.problem, front.points[i].choice)) <= points) {
                expected = i;
                any = true;
            }
        QVERIFY(d.allocation == allocationOf(n.problem, front.points[expected].choice));
        QCOMPARE(d.note.empty(), any);
        QVERIFY(judged <= int(std::log2(double(front.points.size()))) + 2);
    }

    void patternsLock()
    {
        const Numbers n;
        QCOMPARE(lockedWidths(n.layers, {{"layer*", 4}, {"layer?", 8}, {"*2", 2}}), (std::vector<Bits>{8, 8, 2, 8}));
        QCOMPARE(lockedWidths(n.layers, {{"l*y*r1", 32}}), (std::vector<Bits>{0, 32, 0, 0}));
        QCOMPARE(lockedWidths(n.layers, {{"*", 4}, {"layer3", 32}}), (std::vector<Bits>{4, 4, 4, 32}));
        QVERIFY_EXCEPTION_THROWN(lockedWidths(n.layers, {{"layer", 4}}), Error);
        QCOMPARE(extremeAllocation(kSet, {0, 32, 4, 0}, true).bits, (std::vector<Bits>{8, 32, 4, 8}));
        QCOMPARE(extremeAllocation(kSet, {0, 32, 4, 0}, false).bits, (std::vector<Bits>{2, 32, 4, 2}));
    }
};

MPRDO_TEST(TstDecide)
#include "tst_decide.moc"

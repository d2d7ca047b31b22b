// SPDX-License-Identifier: GPL-3.0-or-later
// Rounded activations: their calibration, and stages that see them.
#include "core/base/error.h"
#include "core/evaluate/evaluator.h"
#include "core/quant/activation_grid.h"
#include "core/reconstruct/calibrate_activations.h"
#include "core/reconstruct/reconstruct.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

const CalibrationSet& calibration()
{
    static const CalibrationSet set{test::randomImages(96, 2)};
    return set;
}

const HoldOutSet& holdOut()
{
    static const HoldOutSet set{test::randomImages(96, 3)};
    return set;
}

double klOf(const Graph& graph, const QuantizedModel& model)
{
    const RunControl run;
    return meanKl(logits(graph, {}, holdOut().set, run), logits(graph, model.overlay(), holdOut().set, run));
}

} // namespace

class TstActivations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void autoTakesTheRuleOfLeastHarm_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {2, 4, 8})
            QTest::addRow("%d bits", bits) << bits;
    }
    void autoTakesTheRuleOfLeastHarm()
    {
        QFETCH(int, bits);
        const auto graph = test::smallNetwork();
        const auto made = [&](RangeRule rule) {
            return calibrateActivations(*graph, calibration(), holdOut(), bits, rule, RunControl());
        };
        std::map<RangeRule, double> kl;
        for (const RangeRule rule : {RangeRule::MinMax, RangeRule::Percentile, RangeRule::Mse}) {
            const ActivationGrids grids = made(rule);
            QCOMPARE(grids.rule, rule);
            QuantizedModel model{graph, {}, {}, grids.grids};
            QCOMPARE(klOf(*graph, model), grids.holdOutKl);
            kl[rule] = grids.holdOutKl;
        }
        const ActivationGrids best = made(RangeRule::Auto);
        for (const auto& [rule, value] : kl)
            QVERIFY(best.holdOutKl <= value);
        QCOMPARE(best.holdOutKl, kl.at(best.rule));
        QCOMPARE(hashOf(best.grids), hashOf(made(best.rule).grids)); // the same again
    }

    /// The range is that of the FP32 values, of all images; ends keep 8 bits.
    void rangesAndWidths()
    {
        const auto graph = test::smallNetwork();
        const ActivationGrids made = calibrateActivations(*graph, calibration(), holdOut(), 4, RangeRule::MinMax, RunControl());
        const std::vector<ValueId> values = activationsOfLayers(*graph);
        QCOMPARE(made.grids.size(), values.size());
        const ValueMap seen = execute(*graph, {{graph->inputs[0], calibration().set.batch(0, 96)}}, values);
        for (const ValueId value : values) {
            const Grid& grid = made.grids.at(value);
            QCOMPARE(grid.bits, value == values.front() || value == values.back() ? 8 : 4);
            const ActivationSample all{seen.at(value), seen.at(value).min().item<double>(), seen.at(value).max().item<double>()};
            QVERIFY(at::equal(grid.scale, activationGrid(all, grid.bits, RangeRule::MinMax).scale));
            QVERIFY(at::equal(grid.zeroPoint, activationGrid(all, grid.bits, RangeRule::MinMax).zeroPoint));
        }
    }

    void cancelled()
    {
        RunControl control;
        control.cancel();
        QVERIFY_EXCEPTION_THROWN(
            calibrateActivations(*test::smallNetwork(), calibration(), holdOut(), 8, RangeRule::Auto, control), Cancelled);
    }

    /// Weights are fitted to what they will meet: fitted with activations rounded they do better there than fitted without.
    void stagesSeeRoundedInputs_data()
    {
        QTest::addColumn<int>("stage");
        QTest::newRow("scales") << 4;
        QTest::newRow("hessian") << 5;
        QTest::newRow("rounding") << 6;
    }
    void stagesSeeRoundedInputs()
    {
        QFETCH(int, stage);
        const auto graph = test::smallNetwork();
        ReconstructInput in{graph, findBlocks(*graph), calibration(), holdOut(), "test"};
        ReconstructOptions options;
        options.effort = Effort::Fast;
        NoCache cache;
        Allocation a{std::vector<Bits>(graph->layers().size(), 4)};
        const QuantizedModel plain = quantizeNearest(graph, a, GridMode::Auto);
        QuantizedModel rounded = plain;
        rounded.activations
            = calibrateActivations(*graph, calibration(), holdOut(), 2, RangeRule::Mse, RunControl()).grids;
        const auto worked = [&](const QuantizedModel& start) {
            const auto f = stage == 4 ? optimiseScales : stage == 5 ? refineHessian : adaptRounding;
            return f(in, start, options, cache, RunControl()).model;
        };
        const QuantizedModel fitted = worked(rounded);
        QCOMPARE(hashOf(fitted.activations), hashOf(rounded.activations));
        QuantizedModel unaware = worked(plain);
        unaware.activations = rounded.activations;
        const double before = klOf(*graph, rounded), after = klOf(*graph, fitted), without = klOf(*graph, unaware);
        QVERIFY2(after < before && after < without,
                 qPrintable(QString("%1 -> %2, unaware %3").arg(before).arg(after).arg(without)));
    }

    /// A block of one model is not taken for that of another whose activations differ.
    void blocksAreKeptUnderTheirActivations()
    {
        struct Cache final : ArtefactCache {
            std::set<std::string> keys;
            std::optional<std::string> find(const std::string&, const std::string&) override { return std::nullopt; }
            void keep(const std::string& kind, const std::string& key, const std::string&) override { keys.insert(kind + key); }
        } cache;
        const auto graph = test::smallNetwork();
        ReconstructInput in{graph, findBlocks(*graph), calibration(), holdOut(), "test"};
        ReconstructOptions options;
        options.effort = Effort::Fast;
        QuantizedModel model = quantizeNearest(graph, {std::vector<Bits>(graph->layers().size(), 4)}, GridMode::Auto);
        optimiseScales(in, model, options, cache, RunControl());
        const std::size_t once = cache.keys.size();
        QVERIFY(once > 0);
        model.activations = calibrateActivations(*graph, calibration(), holdOut(), 8, RangeRule::MinMax, RunControl()).grids;
        optimiseScales(in, model, options, cache, RunControl());
        QCOMPARE(cache.keys.size(), 2 * once);
    }
};

MPRDO_TEST(TstActivations)
#include "tst_activations.moc"

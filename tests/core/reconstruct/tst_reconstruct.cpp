// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 4 to 6 on a small network: each lowers the held-out error, keeps what it must, and can be repeated.
#include "core/base/error.h"
#include "core/evaluate/evaluator.h"
#include "core/quant/code_rate.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/reconstruct.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

// Stages 4 to 6 take what ReconstructInput holds, and that takes no evaluation set.
template <class Calibration, class HoldOut>
concept Reconstructed = requires(std::shared_ptr<const Graph> graph, std::vector<Block> blocks, Calibration calibration,
                                 HoldOut holdOut) {
    ReconstructInput{graph, blocks, calibration, holdOut, "context"};
};
static_assert(Reconstructed<CalibrationSet, HoldOutSet> && !Reconstructed<HoldOutSet, CalibrationSet>);
static_assert(!Reconstructed<EvaluationSet, HoldOutSet> && !Reconstructed<CalibrationSet, EvaluationSet>);

template <class Stage, class In>
constexpr bool works
    = std::is_invocable_v<Stage, In, QuantizedModel, ReconstructOptions, ArtefactCache&, RunControl>;
static_assert(works<decltype(optimiseScales), ReconstructInput> && !works<decltype(optimiseScales), EvaluationSet>);
static_assert(works<decltype(refineHessian), ReconstructInput> && !works<decltype(refineHessian), EvaluationSet>);
static_assert(works<decltype(adaptRounding), ReconstructInput> && !works<decltype(adaptRounding), EvaluationSet>);

using StageFunction = ReconstructResult (*)(const ReconstructInput&, const QuantizedModel&, const ReconstructOptions&,
                                            ArtefactCache&, const RunControl&);

class CountingCache final : public ArtefactCache {
public:
    std::map<std::string, std::string> items;
    int found = 0, kept = 0;
    std::optional<std::string> find(const std::string& kind, const std::string& key) override
    {
        const auto it = items.find(kind + key);
        found += it != items.end();
        return it == items.end() ? std::nullopt : std::optional(it->second);
    }
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override
    {
        ++kept;
        items[kind + key] = bytes;
    }
};

struct Fixture {
    std::shared_ptr<const Graph> graph = test::smallNetwork();
    ReconstructInput in;
    ReconstructOptions options;
    CountingCache cache;

    Fixture()
    {
        in.graph = graph;
        in.blocks = findBlocks(*graph);
        in.calibration.set = test::randomImages(96, 2);
        in.holdOut.set = test::randomImages(96, 3);
        in.contextHash = "test";
        options.effort = Effort::Fast;
    }
    QuantizedModel start(Bits bits) const
    {
        Allocation a;
        a.bits.assign(graph->layers().size(), bits);
        return quantizeNearest(graph, a, GridMode::Auto);
    }
};

std::string integersOf(const QuantizedModel& model)
{
    std::string out;
    const auto layers = model.graph->layers();
    for (const Block& block : findBlocks(*model.graph))
        out += encodeBlock(block, layers, model);
    return out;
}

double summed(const StageRecord& record, bool after)
{
    double sum = 0;
    for (const auto& b : record.blocks)
        sum += after && b.accepted ? b.after : b.before;
    return sum;
}

bool onGrid(const QuantizedModel& model)
{
    for (const auto& [name, q] : model.weights) {
        const bool whole = at::equal(q.codes, q.codes.round());
        const bool inside = (q.codes >= double(q.grid.qMin())).all().item<bool>()
                            && (q.codes <= double(q.grid.qMax())).all().item<bool>();
        const bool storable = at::equal(q.grid.scale, storableScale(q.grid.scale));
        const bool zeros = at::equal(q.grid.zeroPoint, q.grid.zeroPoint.round())
                           && (q.grid.zeroPoint >= 0).all().item<bool>()
                           && (q.grid.zeroPoint <= double(q.grid.qMax())).all().item<bool>();
        if (!whole || !inside || !storable || !zeros)
            return false;
    }
    return true;
}

} // namespace

class TstReconstruct : public QObject {
    Q_OBJECT
private:
    static void stageRows()
    {
        QTest::addColumn<int>("stage");
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("gain");
        QTest::addRow("scales, 3 bits") << 4 << 3 << 0.05;
        QTest::addRow("scales, 2 bits") << 4 << 2 << 0.05;
        QTest::addRow("hessian, 3 bits") << 5 << 3 << 0.5;
        QTest::addRow("hessian, 2 bits") << 5 << 2 << 0.4;
        QTest::addRow("rounding, 3 bits") << 6 << 3 << 0.2;
        QTest::addRow("rounding, 2 bits") << 6 << 2 << 0.2;
    }
    static StageFunction function(int stage)
    {
        return stage == 4 ? optimiseScales : stage == 5 ? refineHessian : adaptRounding;
    }

private Q_SLOTS:
    void lowersTheHeldOutError_data() { stageRows(); }
    void lowersTheHeldOutError()
    {
        QFETCH(int, stage);
        QFETCH(int, bits);
        QFETCH(double, gain);
        Fixture f;
        const QuantizedModel start = f.start(bits);
        const ReconstructResult r = function(stage)(f.in, start, f.options, f.cache, RunControl());
        const double before = summed(r.record, false), after = summed(r.record, true);
        QVERIFY2(after <= (1 - gain) * before, qPrintable(QStringLiteral("%1 -> %2").arg(before).arg(after)));
        for (const auto& block : r.record.blocks)
            QVERIFY(block.accepted == (block.after < block.before));
        QVERIFY(onGrid(r.model));
        QCOMPARE(r.model.allocation().bits, start.allocation().bits);
        // the whole network agrees with what the blocks say
        const at::Tensor reference = logits(*f.graph, {}, f.in.holdOut.set, RunControl());
        const auto kl = [&](const QuantizedModel& m) {
            return meanKl(reference, logits(*f.graph, m.overlay(), f.in.holdOut.set, RunControl()));
        };
        QVERIFY2(kl(r.model) < kl(start), qPrintable(QStringLiteral("KL %1 -> %2").arg(kl(start)).arg(kl(r.model))));
    }

    void repeatsAndResumes_data() { stageRows(); }
    void repeatsAndResumes()
    {
        QFETCH(int, stage);
        QFETCH(int, bits);
        Fixture f;
        const QuantizedModel start = f.start(bits);
        const std::string first = integersOf(function(stage)(f.in, start, f.options, f.cache, RunControl()).model);
        CountingCache other;
        QVERIFY(integersOf(function(stage)(f.in, start, f.options, other, RunControl()).model) == first);
        const int blocks = f.cache.kept;
        QVERIFY(blocks > 0 && f.cache.found == 0);
        QVERIFY(integersOf(function(stage)(f.in, start, f.options, f.cache, RunControl()).model) == first);
        QCOMPARE(f.cache.kept, blocks);
        QCOMPARE(f.cache.found, blocks);
        // cancelled after its first block, then resumed
        CountingCache partial;
        const RunControl stopped = RunControl([&, n = 0](const Event& e) mutable {
            if (std::holds_alternative<BlockOptimised>(e) && ++n == 1)
                stoppedHandle.cancel();
        });
        stoppedHandle = stopped;
        QVERIFY_EXCEPTION_THROWN(function(stage)(f.in, start, f.options, partial, stopped), Cancelled);
        QVERIFY(partial.kept >= 1 && partial.kept < blocks);
        QVERIFY(integersOf(function(stage)(f.in, start, f.options, partial, RunControl()).model) == first);
        QVERIFY(partial.found >= 1);
    }

    void narrowLayersAreRefinedOnceMore()
    {
        Fixture f;
        f.options.effort = Effort::Normal;
        CountingCache other;
        const ReconstructResult r = refineHessian(f.in, f.start(2), f.options, other, RunControl());
        QVERIFY(onGrid(r.model));
        QVERIFY(summed(r.record, true) <= 0.6 * summed(r.record, false));
        for (const auto& block : r.record.blocks)
            QVERIFY(block.accepted == (block.after < block.before));
        QVERIFY(integersOf(refineHessian(f.in, f.start(2), f.options, f.cache, RunControl()).model) == integersOf(r.model));
        f.cache = {};
        // an edit that takes the last narrow layer away changes what every block was fitted on: nothing is reused
        Allocation edited = f.start(3).allocation();
        edited.bits.back() = 2;
        refineHessian(f.in, quantizeNearest(f.graph, edited, GridMode::Auto), f.options, f.cache, RunControl());
        const int kept = f.cache.kept;
        refineHessian(f.in, f.start(3), f.options, f.cache, RunControl());
        QCOMPARE(f.cache.found, 0);
        QCOMPARE(f.cache.kept, 2 * kept);
    }

    void anEditReusesTheBlocksBeforeIt()
    {
        Fixture f;
        refineHessian(f.in, f.start(3), f.options, f.cache, RunControl());
        const int blocks = f.cache.kept;
        Allocation edited = f.start(3).allocation();
        edited.bits.back() = 4; // the last layer alone
        refineHessian(f.in, quantizeNearest(f.graph, edited, GridMode::Auto), f.options, f.cache, RunControl());
        QCOMPARE(f.cache.found, blocks - 1);
        QCOMPARE(f.cache.kept, blocks + 1);
    }

    void layersLeftInFp32Stay()
    {
        Fixture f;
        Allocation mixed = f.start(3).allocation();
        mixed.bits[1] = kKeepFp32;
        const QuantizedModel start = quantizeNearest(f.graph, mixed, GridMode::Auto);
        for (const StageFunction stage : {optimiseScales, refineHessian, adaptRounding}) {
            const QuantizedModel model = stage(f.in, start, f.options, f.cache, RunControl()).model;
            QCOMPARE(model.allocation().bits, mixed.bits);
            QVERIFY(model.weights.count(f.graph->layers()[1].parameter) == 0);
        }
    }

    void tradesWidthsWithinTheBudget()
    {
        Fixture f;
        f.options.set = {2, 3, 4, 6};
        f.options.slope = 0;
        const QuantizedModel start = f.start(3);
        const ReconstructResult r = optimiseScales(f.in, start, f.options, f.cache, RunControl());
        const auto layers = f.graph->layers();
        const auto rate = [&](const QuantizedModel& m, const Block& block) {
            double bits = 0;
            for (const auto l : block.layers)
                bits += double(f.graph->parameter(layers[l].parameter).numel()) * m.allocation().bits[l];
            return bits;
        };
        for (const Block& block : f.in.blocks)
            QVERIFY(rate(r.model, block) <= rate(start, block));
        f.options.fixedWidth.assign(layers.size(), true);
        CountingCache fresh;
        QCOMPARE(optimiseScales(f.in, start, f.options, fresh, RunControl()).model.allocation().bits, start.allocation().bits);
    }

    void sweepsFallAndEndEarly()
    {
        Fixture f;
        const auto sweeps = optimiseScales(f.in, f.start(3), f.options, f.cache, RunControl()).record.sweeps;
        QVERIFY(!sweeps.empty());
        for (std::size_t i = 1; i < sweeps.size(); ++i)
            if (sweeps[i].block == sweeps[i - 1].block) {
                QVERIFY(sweeps[i].error < sweeps[i - 1].error);
                QCOMPARE(sweeps[i].sweep, sweeps[i - 1].sweep + 1);
                QVERIFY(sweeps[i].sweep <= 8);
                QVERIFY(sweeps[i].rateBits > 0);
            }
    }

    void noLayerIsSensitiveEnough()
    {
        Fixture f;
        f.options.sensitiveThreshold = 1e9;
        const QuantizedModel start = f.start(2);
        QVERIFY(integersOf(adaptRounding(f.in, start, f.options, f.cache, RunControl()).model) == integersOf(start));
    }

private:
    RunControl stoppedHandle;

    void bitsAreTradedForError_data()
    {
        QTest::addColumn<int>("stage");
        QTest::newRow("hessian") << 5;
        QTest::newRow("rounding") << 6;
    }
    void bitsAreTradedForError()
    {
        QFETCH(int, stage);
        Fixture f;
        const QuantizedModel start = f.start(4);
        const auto bitsOf = [](const QuantizedModel& model) {
            double bits = 0;
            for (const auto& [name, q] : model.weights)
                bits += codeInformation(q);
            return bits;
        };
        double bits = bitsOf(function(stage)(f.in, start, f.options, f.cache, RunControl()).model);
        double weights = 0;
        for (const auto& [name, q] : start.weights)
            weights += double(q.codes.numel());
        for (const double lambda : {0.5, 2.0, 8.0}) { // the more a bit is worth, the fewer there are
            f.options.lambda = lambda;
            const ReconstructResult result = function(stage)(f.in, start, f.options, f.cache, RunControl());
            QVERIFY(onGrid(result.model));
            const double now = bitsOf(result.model);
            QVERIFY2(now < bits, qPrintable(QStringLiteral("lambda %1: %2 bits a weight after %3").arg(lambda).arg(now / weights).arg(bits / weights)));
            bits = now;
            for (const auto& block : result.record.blocks)
                QVERIFY(std::isfinite(block.after));
        }
        QVERIFY(bits < 0.8 * bitsOf(start));
    }
};

MPRDO_TEST(TstReconstruct)
#include "tst_reconstruct.moc"

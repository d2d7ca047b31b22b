// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 2 and 4 to 6 on a network of all kinds of layers.
#include "core/evaluate/evaluator.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/calibrate_activations.h"
#include "core/reconstruct/reconstruct.h"
#include "core/sensitivity/sensitivity.h"
#include "tests/support/every_kind_network.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

class NoCache final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string&, const std::string&) override { return {}; }
    void keep(const std::string&, const std::string&, const std::string&) override {}
};

struct Case {
    std::shared_ptr<const Graph> graph = test::everyKindNetwork();
    ReconstructInput in{graph, findBlocks(*graph), {test::randomImages(128, 2)}, {test::randomImages(128, 3)}, "test"};
    ReconstructOptions options;
    NoCache cache;

    QuantizedModel start(Bits bits) const
    {
        return quantizeNearest(graph, {std::vector<Bits>(graph->layers().size(), bits)}, GridMode::Auto);
    }
    /// On hold-out images.
    double kl(const QuantizedModel& model) const
    {
        const RunControl run;
        return meanKl(logits(*graph, {}, in.holdOut.set, run), logits(*graph, model.overlay(), in.holdOut.set, run));
    }
};

} // namespace

class TstEveryKind : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sharedWeightsAreOneLayer()
    {
        const Case c;
        const std::vector<Layer> layers = c.graph->layers();
        QCOMPARE(layers.size(), std::size_t(12));
        const auto shared = std::find_if(layers.begin(), layers.end(), [](const Layer& l) { return l.name == "shared"; });
        QVERIFY(shared != layers.end());
        QCOMPARE(shared->nodes.size(), std::size_t(2));
        QCOMPARE(*correctedBias(*c.graph, *shared), std::string("shared.bias"));
        std::size_t inBlocks = 0;
        for (const Block& block : c.in.blocks)
            inBlocks += block.layers.size();
        QCOMPARE(inBlocks, layers.size());
    }

    void biasesOfTheirOwnAreNotCorrected()
    {
        auto g = generator(1, "shared");
        GraphBuilder b;
        for (const char* name : {"w", "bias1", "bias2"})
            b.parameter(name, at::randn(std::string(name) == "w" ? std::vector<std::int64_t>{4, 4} : std::vector<std::int64_t>{4}, g));
        const ValueId x = b.add(Op::Linear, "first", {b.input("x", {4})}, {{"weight", "w"}, {"bias", "bias1"}});
        const Graph graph = b.finish(b.add(Op::Linear, "second", {b.relu("relu", x)}, {{"weight", "w"}, {"bias", "bias2"}}), "test");
        QVERIFY(!correctedBias(graph, graph.layers()[0]));
    }

    void sensitivityFallsWithTheWidth()
    {
        Case c;
        SensitivityOptions options;
        options.widths = {2, 4, 8};
        options.contextHash = "test";
        options.probes = 4;
        const SensitivityPtr table = measureSensitivity(c.graph, c.in.calibration, options, c.cache, RunControl());
        for (const Metric metric : {Metric::Kl, Metric::Sqnr, Metric::Hessian, Metric::Fisher})
            for (std::size_t l = 0; l < 12; ++l) {
                const double two = table->distortion.at(metric)[l][0], eight = table->distortion.at(metric)[l][2];
                QVERIFY2(two > 0 && eight >= 0 && two > 4 * eight, qPrintable(QString("layer %1, metric %2: %3, %4").arg(l).arg(int(metric)).arg(two).arg(eight)));
            }
    }

    void stagesLowerTheError_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("most"); // of the KL of nearest rounding
        QTest::newRow("2 bits") << 2 << 0.5;
        QTest::newRow("3 bits") << 3 << 0.5;
        QTest::newRow("4 bits") << 4 << 0.6;
    }
    void stagesLowerTheError()
    {
        QFETCH(int, bits);
        QFETCH(double, most);
        Case c;
        c.options.effort = Effort::Fast;
        const QuantizedModel nearest = c.start(Bits(bits));
        const ReconstructResult scales = optimiseScales(c.in, nearest, c.options, c.cache, RunControl());
        const ReconstructResult refined = refineHessian(c.in, scales.model, c.options, c.cache, RunControl());
        const ReconstructResult rounded = adaptRounding(c.in, refined.model, c.options, c.cache, RunControl());
        const double before = c.kl(nearest), after = c.kl(refined.model), end = c.kl(rounded.model);
        qInfo("KL: nearest %.5f, stage 4 %.5f, stage 5 %.5f, stage 6 %.5f", before, c.kl(scales.model), after, end);
        QVERIFY(after <= most * before);
        QVERIFY(end <= most * before);
        std::set<std::string> moved;
        for (const Layer& layer : c.graph->layers())
            if (!at::equal(nearest.weights.at(layer.parameter).codes, refined.model.weights.at(layer.parameter).codes))
                moved.insert(layer.name);
        QVERIFY2(moved.size() >= 10, qPrintable(QString::number(moved.size()))); // nearest rounding is rarely the best of any kind
        for (const Layer& layer : c.graph->layers())
            QCOMPARE(refined.model.weights.at(layer.parameter).grid.bits, Bits(bits));
    }
};

MPRDO_TEST(TstEveryKind)
#include "tst_every_kind.moc"

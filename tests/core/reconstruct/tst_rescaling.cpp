// SPDX-License-Identifier: GPL-3.0-or-later
// What is measured in other units is rounded to the same integers: a layer times a power of two and the next divided by it, or the input.
#include "core/evaluate/evaluator.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "core/import/importer.h"
#include "core/reconstruct/calibrate_activations.h"
#include "core/reconstruct/reconstruct.h"
#include "tests/support/rescaled.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include "tests/support/thin_network.h"
#include <QFileInfo>
#include <QtTest>

using namespace mprdo;

namespace {

const QString kResNet20 = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/models/resnet20-12fca82f.th");

class NoCache final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string&, const std::string&) override { return std::nullopt; }
    void keep(const std::string&, const std::string&, const std::string&) override {}
};

ImageSet images(std::int64_t count, std::int64_t side, std::uint64_t seed)
{
    ImageSet out = test::randomImages(count, seed, 6);
    if (side != out.images.size(2))
        out.images = out.images.repeat_interleave(side / 8, 2).repeat_interleave(side / 8, 3).contiguous();
    return out;
}

struct Rounded {
    QuantizedModel model;
    double kl = 0;
};

/// Nearest rounding, then stages 4 to 6, with rounded activations as well; integers everywhere.
Rounded rounded(const Graph& network, const ImageSet& calibration, const ImageSet& holdOut, Bits bits, double lambda, bool everyLayer = true)
{
    const auto graph = std::make_shared<const Graph>(network);
    ReconstructInput in;
    in.graph = graph;
    in.blocks = findBlocks(*graph);
    in.calibration.set = calibration;
    in.holdOut.set = holdOut;
    ReconstructOptions options;
    options.effort = Effort::Fast;
    options.lambda = lambda;
    if (everyLayer)
        options.sensitiveThreshold = 0;
    NoCache cache;
    Allocation allocation;
    allocation.bits.assign(graph->layers().size(), bits);
    Rounded out;
    out.model = quantizeNearest(graph, allocation, GridMode::Auto);
    out.model.activations = calibrateActivations(*graph, in.calibration, in.holdOut, 8, RangeRule::Mse, RunControl()).grids;
    for (const auto stage : {optimiseScales, refineHessian, adaptRounding})
        out.model = stage(in, out.model, options, cache, RunControl()).model;
    out.model = withIntegerBiases(out.model);
    out.kl = meanKl(logits(*graph, {}, holdOut, RunControl()), logits(*graph, out.model.overlay(), holdOut, RunControl()));
    return out;
}

void compareIntegers(const QuantizedModel& got, const QuantizedModel& wanted)
{
    QCOMPARE(got.weights.size(), wanted.weights.size());
    for (const auto& [name, tensor] : wanted.weights) {
        const QuantizedTensor& other = got.weights.at(name);
        QVERIFY2(at::equal(other.codes, tensor.codes), name.c_str());
        QVERIFY2(at::equal(other.grid.zeroPoint, tensor.grid.zeroPoint), name.c_str());
        QCOMPARE(other.grid.symmetric, tensor.grid.symmetric);
        const at::Tensor ratio = other.grid.scale / tensor.grid.scale;
        QVERIFY2(at::equal(ratio, ratio[0].expand_as(ratio)), name.c_str());
    }
    QCOMPARE(got.activations.size(), wanted.activations.size());
    for (const auto& [value, grid] : wanted.activations)
        QVERIFY(at::equal(got.activations.at(value).zeroPoint, grid.zeroPoint));
}

} // namespace

class TstRescaling : public QObject {
    Q_OBJECT
    struct Case {
        Graph graph;
        ImageSet calibration, holdOut;
    };
    static std::optional<Case> caseOf(const QString& name)
    {
        const std::int64_t side = name == "small" ? 8 : 32;
        const std::int64_t count = name == "small" ? 48 : 16;
        Case out{{}, images(count, side, 2), images(count, side, 3)};
        if (name == "small") {
            out.graph = *test::smallNetwork();
        } else if (name == "demo") {
            out.graph = foldBatchNorm(demoModel().graph);
        } else if (name == "ResNet-20") {
            if (!QFileInfo::exists(kResNet20))
                return std::nullopt;
            out.graph = foldBatchNorm(importModel(readCheckpoint(kResNet20.toStdString()), "", {3, 32, 32}).graph);
        } else {
            out.graph = foldBatchNorm(buildArchitecture("mobilenet-v2-cifar", test::thinStateDict("mobilenet-v2-cifar", 6), {3, 32, 32}));
        }
        return out;
    }

private Q_SLOTS:
    void powersOfTwoMoveNoInteger_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("lambda");
        QTest::addColumn<QList<int>>("powers"); // of each pair in turn; empty: of the input alone
        QTest::addColumn<int>("input");
        QTest::newRow("small, up") << "small" << 3 << 0.0 << QList<int>{26} << 0;
        QTest::newRow("small, down") << "small" << 3 << 0.0 << QList<int>{-26} << 0;
        QTest::newRow("small, coded") << "small" << 4 << 1.0 << QList<int>{13, -13} << 0;
        for (const int power : {-26, -9, 1, 26})
            QTest::addRow("small, input by 2^%d", power) << "small" << 8 << 0.0 << QList<int>{} << power;
        QTest::newRow("small, 2 bits") << "small" << 2 << 0.0 << QList<int>{-20, 7} << 26;
        QTest::newRow("demo") << "demo" << 3 << 0.0 << QList<int>{26, -26, -14, 9} << -26;
        QTest::newRow("ResNet-20") << "ResNet-20" << 3 << 0.0 << QList<int>{26, -26, 15, -15, 1} << 26;
        QTest::newRow("MobileNetV2") << "MobileNetV2" << 4 << 0.0 << QList<int>{-26, 26, 12} << -13;
    }
    void powersOfTwoMoveNoInteger()
    {
        QFETCH(QString, network);
        QFETCH(int, bits);
        QFETCH(double, lambda);
        QFETCH(QList<int>, powers);
        QFETCH(int, input);
        const std::optional<Case> known = caseOf(network);
        if (!known)
            QSKIP("there is no ../shared/models/resnet20-12fca82f.th");
        Graph graph = known->graph;
        const std::vector<test::NeighbourLayers> pairs = test::neighbourLayers(graph);
        QVERIFY(!pairs.empty());
        for (std::size_t p = 0; !powers.isEmpty() && p < pairs.size(); ++p)
            graph = test::rescaled(graph, pairs[p], std::exp2(powers[qsizetype(p) % powers.size()]));
        ImageSet calibration = known->calibration, holdOut = known->holdOut;
        const Layer first = graph.layers().at(0);
        graph.parameters[first.parameter] = graph.parameters.at(first.parameter) * std::exp2(-input);
        for (ImageSet* set : {&calibration, &holdOut})
            for (double& deviation : set->preprocessing.std)
                deviation *= std::exp2(-input);
        const Rounded plain = rounded(known->graph, known->calibration, known->holdOut, bits, lambda, network == "small");
        const Rounded other = rounded(graph, calibration, holdOut, bits, lambda, network == "small");
        compareIntegers(other.model, plain.model);
        QCOMPARE(other.kl, plain.kl);
    }

    void otherFactorsMoveLittle_data()
    {
        QTest::addColumn<double>("factor");
        for (const int power : {-7, -4, -1, 1, 4, 7})
            QTest::addRow("10^%d", power) << std::pow(10.0, power);
    }
    void otherFactorsMoveLittle()
    {
        QFETCH(double, factor);
        const std::optional<Case> known = caseOf("small");
        Graph graph = known->graph;
        for (const test::NeighbourLayers& pair : test::neighbourLayers(graph))
            graph = test::rescaled(graph, pair, factor);
        const double plain = rounded(known->graph, known->calibration, known->holdOut, 4, 0).kl;
        const double other = rounded(graph, known->calibration, known->holdOut, 4, 0).kl;
        // The grids lie elsewhere between the same weights: another rounding, as good as the first.
        QVERIFY2(other < 2 * plain && plain < 2 * other, qPrintable(QString("%1 %2").arg(plain).arg(other)));
    }
};
MPRDO_TEST(TstRescaling)
#include "tst_rescaling.moc"

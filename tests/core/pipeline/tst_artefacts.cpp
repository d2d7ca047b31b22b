// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/layer_errors.h"
#include "core/pipeline/naive_baseline.h"
#include "core/pipeline/process_memory.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <set>

using namespace mprdo;

namespace {

std::shared_ptr<const Graph> network()
{
    auto g = generator(1, "network");
    GraphBuilder b;
    b.parameter("conv.weight", at::randn({4, 3, 3, 3}, g));
    b.parameter("conv.bias", at::randn({4}, g));
    b.parameter("fc.weight", at::randn({5, 64}, g));
    const ValueId x = b.relu("relu", b.conv2d("conv", b.input("images", {3, 4, 4}), 1, 1));
    return std::make_shared<const Graph>(b.finish(b.linear("fc", b.add(Op::Flatten, "flatten", {x})), "test"));
}

ImageSet images(std::int64_t count)
{
    auto g = generator(2, "images");
    ImageSet out;
    out.images = at::randint(0, 256, {count, 3, 4, 4}, g, at::TensorOptions().dtype(at::kByte));
    out.labels = at::zeros({count}, at::kLong);
    return out;
}

} // namespace

class TstArtefacts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void modelsComeBackBitForBit_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("grid");
        for (const int bits : {2, 5, 8})
            for (const GridMode mode : {GridMode::Auto, GridMode::Symmetric, GridMode::Affine})
                QTest::addRow("%d bits, %s", bits, std::string(name(mode)).c_str()) << bits << int(mode);
    }
    void modelsComeBackBitForBit()
    {
        QFETCH(int, bits);
        QFETCH(int, grid);
        const auto graph = network();
        QuantizedModel model = quantizeNearest(graph, {{bits, kKeepFp32}}, GridMode(grid));
        model.biases["conv.bias"] = graph->parameter("conv.bias") + 0.125;
        const std::string bytes = encodeModel(model);
        const QuantizedModel back = decodeModel(bytes, graph);
        QCOMPARE(modelHash(back), modelHash(model));
        QVERIFY(at::equal(back.weights.at("conv.weight").values(), model.weights.at("conv.weight").values()));
        QCOMPARE(back.weights.size(), std::size_t(1));
        QVERIFY(at::equal(back.biases.at("conv.bias"), model.biases.at("conv.bias")));
        for (std::size_t size = 0; size < bytes.size(); size += 5)
            QVERIFY_EXCEPTION_THROWN(decodeModel(bytes.substr(0, size), graph), Error);
        auto other = std::make_shared<Graph>(*graph);
        other->parameters["conv.weight"] = at::zeros({4, 3, 1, 1});
        QVERIFY_EXCEPTION_THROWN(decodeModel(bytes, other), Error);
    }

    void activationsComeBack()
    {
        const auto graph = network();
        QuantizedModel model = quantizeNearest(graph, {{4, 4}}, GridMode::Auto);
        const std::string without = encodeModel(model), hash = modelHash(model);
        for (const ValueId value : activationsOfLayers(*graph))
            model.activations[value] = gridForRange(at::full({1}, -0.5), at::full({1}, 2.0), 8, false, 0);
        QVERIFY(modelHash(model) != hash);
        const QuantizedModel back = decodeModel(encodeModel(model), graph);
        QCOMPARE(modelHash(back), modelHash(model));
        QVERIFY(encodeModel(model).starts_with(without)); // models of before are read as ever
        QVERIFY(decodeModel(without, graph).activations.empty());
        model.activations[ValueId(graph->values.size())] = model.activations.begin()->second;
        QVERIFY_EXCEPTION_THROWN(decodeModel(encodeModel(model), graph), Error);
    }

    void oneCodeChangesTheHash()
    {
        const QuantizedModel a = quantizeNearest(network(), {{4, 4}}, GridMode::Auto);
        QuantizedModel b = a;
        b.weights["fc.weight"].codes = a.weights.at("fc.weight").codes.clone();
        b.weights["fc.weight"].codes[2][3] += 1;
        QVERIFY(modelHash(a) != modelHash(b));
    }

    void evaluationsAndRecordsComeBack()
    {
        Evaluation e;
        e.correct = 3;
        e.total = 7;
        e.correctTop5 = 6;
        e.loss = 0.1;
        e.classCorrect = {1, 2};
        e.classTotal = {3, 4};
        e.predictions = std::make_shared<const std::vector<std::int32_t>>(std::vector<std::int32_t>{1, 0, 1});
        const Evaluation back = decodeEvaluation(encodeEvaluation(e));
        QCOMPARE(back.correct, e.correct);
        QCOMPARE(back.correctTop5, e.correctTop5);
        QCOMPARE(back.loss, e.loss);
        QCOMPARE(back.classTotal, e.classTotal);
        QCOMPARE(*back.predictions, *e.predictions);

        StageRecord r;
        r.stage = Stage::Hessian;
        r.run = true;
        r.note = "note";
        r.sweeps = {{"block", 2, 0.5, 100}};
        r.blocks = {{"b", 2, 1, false, true}};
        const StageRecord again = decodeRecord(encodeRecord(r));
        QCOMPARE(encodeRecord(again), encodeRecord(r));
        QCOMPARE(again.sweeps.at(0).rateBits, 100.0);
        QCOMPARE(again.blocks.at(0).accepted, false);
        QCOMPARE(again.blocks.at(0).reused, true);
        QVERIFY_EXCEPTION_THROWN(decodeRecord(std::string(8, '\x7f')), Error);
    }

    void naiveRoundsEveryComputedValuePerTensor()
    {
        const auto graph = network();
        const NaiveBaseline naive = naiveEightBits(graph, {images(300)}, RunControl());
        QCOMPARE(naive.weights.weights.at("conv.weight").grid.scale.numel(), std::int64_t(1));
        const at::Tensor y = forward(*graph, images(300).batch(0, 300), naive.overlay);
        std::set<float> levels;
        for (std::int64_t i = 0; i < y.numel(); ++i)
            levels.insert(y.contiguous().data_ptr<float>()[i]);
        QVERIFY(levels.size() <= 256 && levels.size() > 50);
        const at::Tensor exact = forward(*graph, images(300).batch(0, 300));
        const double span = (exact.max() - exact.min()).item<double>();
        QVERIFY((y - exact).abs().max().item<double>() < 0.1 * span);
        QCOMPARE(naive.overlay.values.size(), std::size_t(3)); // conv, relu, fc; flattening only moves data
        RunControl cancelled;
        cancelled.cancel();
        QVERIFY_EXCEPTION_THROWN(naiveEightBits(graph, {images(10)}, cancelled), Cancelled);
    }

    void layerErrorsEqualTheSlowRatio()
    {
        const auto graph = network();
        const ImageSet set = images(8);
        const QuantizedModel model = quantizeNearest(graph, {{3, kKeepFp32}}, GridMode::Auto);
        const std::vector<double> errors = LayerErrors(graph, {set}).of(model);
        const at::Tensor x = set.batch(0, 8).to(at::kDouble), w = graph->parameter("conv.weight").to(at::kDouble);
        const at::Tensor wHat = model.weights.at("conv.weight").values().to(at::kDouble);
        const at::Tensor exact = at::conv2d(x, w, {}, 1, 1), got = at::conv2d(x, wHat, {}, 1, 1);
        const double expected = ((got - exact).pow(2).sum() / exact.pow(2).sum()).item<double>();
        QVERIFY(std::abs(errors.at(0) / expected - 1) < 1e-4);
        QCOMPARE(errors.at(1), 0.0);
    }

    void peakMemoryGrowsWithUse()
    {
        const std::int64_t before = peakResidentBytes();
        QVERIFY(before > 0);
        const std::int64_t megabytes = before / (1 << 20) + 64;
        const at::Tensor big = at::ones({megabytes, 1 << 20}, at::kByte);
        QVERIFY(peakResidentBytes() > before);
        QCOMPARE(big.size(0), megabytes);
    }
};

MPRDO_TEST(TstArtefacts)
#include "tst_artefacts.moc"

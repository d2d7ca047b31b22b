// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/exec/quantized_model.h"
#include "core/graph/dead_weights.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

/// 4 x 4 images, two convolutions of stride 2: the second sees 2 x 2 maps, and its first row and column only padding.
std::shared_ptr<const Graph> smallMaps(std::int64_t side)
{
    auto g = generator(1, "small maps");
    GraphBuilder b;
    for (const auto& [name, in] : {std::pair("conv1", 3), std::pair("conv2", 5)}) {
        b.parameter(std::string(name) + ".weight", at::randn({5, in, 3, 3}, g));
        b.parameter(std::string(name) + ".bias", at::randn({5}, g));
    }
    const ValueId x = b.relu("relu1", b.conv2d("conv1", b.input("images", {3, side, side}), 2, 1));
    return std::make_shared<const Graph>(b.finish(b.conv2d("conv2", x, 2, 1), "small maps"));
}

} // namespace

class TstQuantizedModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void deadAtZero_data()
    {
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("some"); ///< weights are dead
        for (const GridMode mode : {GridMode::Auto, GridMode::Symmetric, GridMode::Affine}) {
            QTest::addRow("4 x 4, %s", name(mode).data()) << 4 << int(mode) << true;
            QTest::addRow("16 x 16, %s", name(mode).data()) << 16 << int(mode) << false;
        }
    }
    void deadAtZero()
    {
        QFETCH(int, side);
        QFETCH(int, mode);
        QFETCH(bool, some);
        const auto graph = smallMaps(side);
        const QuantizedModel before = quantizeNearest(graph, {{4, 3}}, GridMode(mode));
        const QuantizedModel after = withDeadAtZero(before);
        std::int64_t changed = 0;
        for (const Layer& layer : graph->layers()) {
            const at::Tensor mask = liveMask(*graph, layer).expand_as(graph->parameter(layer.parameter));
            const at::Tensor a = before.weights.at(layer.parameter).codes, b = after.weights.at(layer.parameter).codes;
            QVERIFY(at::equal(a.masked_select(mask), b.masked_select(mask)));
            QVERIFY((after.weights.at(layer.parameter).values().masked_select(mask.logical_not()) == 0).all().item<bool>());
            changed += (a != b).sum().item<std::int64_t>();
        }
        QCOMPARE(changed > 0, some);
        // No output moves by as much as a bit.
        auto g = generator(2, "images");
        const at::Tensor x = at::randn({3, 3, side, side}, g);
        const ValueId out = graph->outputs.at(0);
        const auto of = [&](const QuantizedModel& m) { return execute(*graph, {{graph->inputs.at(0), x}}, {out}, m.overlay()).at(out); };
        QVERIFY(at::equal(of(before), of(after)));
    }

    /// What layers read, once each: the input, and through max pooling and flattening what was computed before.
    void activationsThatLayersRead()
    {
        auto g = generator(1, "read");
        GraphBuilder b;
        for (const auto& [name, shape] : std::vector<std::pair<std::string, std::vector<std::int64_t>>>{
                 {"a", {4, 3, 3, 3}}, {"b", {4, 4, 3, 3}}, {"c", {4, 4, 1, 1}}, {"fc", {5, 64}}}) {
            b.parameter(name + ".weight", at::randn(shape, g));
            b.parameter(name + ".bias", at::zeros({shape[0]}));
        }
        const ValueId in = b.input("images", {3, 8, 8});
        const ValueId relu = b.relu("relu", b.conv2d("a", in, 1, 1));
        const ValueId pooled = b.add(Op::MaxPool2d, "pool", {relu}, {}, {{"kernel", std::int64_t(2)}});
        const ValueId sum = b.add(Op::Add, "sum", {b.conv2d("b", pooled, 1, 1), b.conv2d("c", pooled, 1, 0)});
        const auto graph = std::make_shared<const Graph>(b.finish(b.linear("fc", b.add(Op::Flatten, "flatten", {sum})), "read"));
        QCOMPARE(activationsOfLayers(*graph), (std::vector<ValueId>{in, relu, sum}));

        // The overlay rounds each of them where it is made, and the input where it is fed.
        QuantizedModel model{graph, {}, {}, {}};
        for (const ValueId v : activationsOfLayers(*graph))
            model.activations[v] = gridForRange(at::full({1}, -2.0), at::full({1}, 2.0), 3, false, 0);
        model.activations[sum].bits = 4;
        QCOMPARE(model.activationBits(), 3);
        QCOMPARE((QuantizedModel{graph, {}, {}, {}}).activationBits(), kKeepFp32);
        const at::Tensor x = at::randn({2, 3, 8, 8}, g);
        const ValueMap got = execute(*graph, {{in, x}}, {in, relu, pooled, sum}, model.overlay());
        const Grid grid = model.activations.at(in);
        QVERIFY(at::equal(got.at(in), fakeQuantize(x, grid)));
        const ValueMap after = execute(*graph, {{in, fakeQuantize(x, grid)}}, {relu});
        QVERIFY(at::equal(got.at(relu), fakeQuantize(after.at(relu), grid)));
        QVERIFY(at::equal(fakeQuantize(got.at(pooled), grid), got.at(pooled)));
        // A value fed in the middle was rounded when it was made: it is taken as it is.
        QVERIFY(at::equal(execute(*graph, {{relu, x.repeat({1, 2, 1, 1}).slice(1, 0, 4)}}, {relu}, model.overlay()).at(relu),
                          x.repeat({1, 2, 1, 1}).slice(1, 0, 4)));
        // Another width or another scale, another identity.
        auto other = model.activations;
        other[sum].bits = 5;
        QVERIFY(hashOf(other) != hashOf(model.activations));
        other = model.activations;
        other[in].scale = other[in].scale * 2;
        QVERIFY(hashOf(other) != hashOf(model.activations));
    }

    void aMemoOfGridsChangesNothing()
    {
        const auto graph = smallMaps(8);
        GridMemo memo;
        for (const GridMode mode : {GridMode::Auto, GridMode::Symmetric, GridMode::Affine, GridMode::Auto})
            for (const auto& bits : std::vector<std::vector<Bits>>{{4, 3}, {4, 8}, {3, 3}, {kKeepFp32, 4}}) {
                const QuantizedModel a = quantizeNearest(graph, {bits}, mode), b = quantizeNearest(graph, {bits}, mode, &memo);
                QCOMPARE(a.weights.size(), b.weights.size());
                for (const auto& [name, w] : a.weights) {
                    QVERIFY(at::equal(w.codes, b.weights.at(name).codes));
                    QVERIFY(at::equal(w.values(), b.weights.at(name).values()));
                }
            }
    }

    void integerBiases_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("corrected");
        for (const GridMode mode : {GridMode::Symmetric, GridMode::Affine})
            for (const bool corrected : {false, true})
                QTest::addRow("%s, %s", name(mode).data(), corrected ? "corrected" : "as they are") << int(mode) << corrected;
    }
    /// The nearest whole number of steps, in a double-precision loop; once there, nothing moves.
    void integerBiases()
    {
        QFETCH(int, mode);
        QFETCH(bool, corrected);
        const auto graph = smallMaps(8);
        QuantizedModel model = quantizeNearest(graph, {{4, 5}}, GridMode(mode));
        QVERIFY(withIntegerBiases(model).biases.empty()); // activations in FP32: a float sum
        const std::vector<ValueId> read = activationsOfLayers(*graph);
        model.activations[read[0]] = gridForRange(at::full({1}, -2.0), at::full({1}, 2.0), 8, false, 0);
        model.activations[read[1]] = gridForRange(at::full({1}, 0.0), at::full({1}, 3.0), 8, false, 0);
        auto g = generator(7, "corrected");
        if (corrected)
            for (const char* name : {"conv1.bias", "conv2.bias"})
                model.biases[name] = at::randn({5}, g);
        const QuantizedModel after = withIntegerBiases(model);
        for (int l = 0; l < 2; ++l) {
            const std::string layer = l == 0 ? "conv1" : "conv2";
            const at::Tensor was = corrected ? model.biases.at(layer + ".bias") : graph->parameter(layer + ".bias");
            const at::Tensor got = after.biases.at(layer + ".bias"), scale = model.weights.at(layer + ".weight").grid.scale;
            QCOMPARE(got.scalar_type(), at::kFloat);
            for (int c = 0; c < 5; ++c) {
                const double step = double(scale[scale.numel() > 1 ? c : 0].item<float>() * model.activations.at(read[size_t(l)]).scale.item<float>());
                const double steps = std::nearbyint(double(was[c].item<float>()) / step);
                QCOMPARE(got[c].item<float>(), float(steps * step));
                QVERIFY(std::abs(double(got[c].item<float>() - was[c].item<float>())) <= 0.501 * step);
            }
        }
        const QuantizedModel again = withIntegerBiases(after);
        for (const auto& [name, b] : after.biases)
            QVERIFY2(at::equal(b, again.biases.at(name)), name.c_str());
    }

    void biasesThatNoIntegerHolds()
    {
        const auto graph = smallMaps(8);
        const std::vector<ValueId> read = activationsOfLayers(*graph);
        QuantizedModel model = quantizeNearest(graph, {{kKeepFp32, 4}}, GridMode::Symmetric);
        for (const ValueId v : read)
            model.activations[v] = gridForRange(at::full({1}, -2.0), at::full({1}, 2.0), 8, false, 0);
        model.biases["conv2.bias"] = at::tensor({1e9f, 1.0f, 0.0f, 1.0f, 1.0f});
        const QuantizedModel after = withIntegerBiases(model);
        QVERIFY(!after.biases.count("conv1.bias")); // FP32 weights
        QCOMPARE(after.biases.at("conv2.bias")[0].item<float>(), 1e9f);
        QCOMPARE(after.biases.at("conv2.bias")[2].item<float>(), 0.0f);
        QVERIFY(after.biases.at("conv2.bias")[1].item<float>() != 1.0f);
    }

    void fp32LayersAreLeftAlone()
    {
        const auto graph = smallMaps(4);
        const QuantizedModel model = withDeadAtZero(quantizeNearest(graph, {{4, kKeepFp32}}, GridMode::Auto));
        QCOMPARE(model.weights.size(), std::size_t(1));
    }
};

MPRDO_TEST(TstQuantizedModel)
#include "tst_quantized_model.moc"

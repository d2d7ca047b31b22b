// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/exec/quantized_model.h"
#include "core/graph/dead_weights.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>

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

    void fp32LayersAreLeftAlone()
    {
        const auto graph = smallMaps(4);
        const QuantizedModel model = withDeadAtZero(quantizeNearest(graph, {{4, kKeepFp32}}, GridMode::Auto));
        QCOMPARE(model.weights.size(), std::size_t(1));
    }
};

MPRDO_TEST(TstQuantizedModel)
#include "tst_quantized_model.moc"

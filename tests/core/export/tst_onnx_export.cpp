// SPDX-License-Identifier: GPL-3.0-or-later
// What is written as ONNX and read again is the same network: op by op, and whole networks with their integers.
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include "core/graph/op_table.h"
#include "core/import/onnx_import.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/single_ops.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using Ints = std::vector<std::int64_t>;

namespace {

using test::imagesFor, test::largestDifference;

ExportedModel modelOf(Graph graph)
{
    ExportedModel out;
    out.preprocessing = {{0.5, 0.25, 0.125}, {0.1, 0.2, 0.3}};
    out.classes = {"a", "\"b\"", "c"};
    out.model.graph = std::make_shared<const Graph>(std::move(graph));
    return out;
}

} // namespace

class TstOnnxExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyOpComesBack_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("opset");
        for (const int opset : {21, 13})
            for (std::size_t i = 0; i < test::singleOps().size(); ++i)
                QTest::addRow("%s, opset %d", test::singleOps()[i].name.c_str(), opset) << int(i) << opset;
    }
    void everyOpComesBack()
    {
        QFETCH(int, which);
        QFETCH(int, opset);
        const Graph graph = test::singleOps()[std::size_t(which)].graph();
        const OnnxFile file = toOnnx(modelOf(graph), {opset});
        const Graph back = importOnnx(file).graph;
        const at::Tensor x = imagesFor(graph, 3), y = forward(graph, x), again = forward(back, x);
        QCOMPARE(again.sizes(), y.sizes());
        QVERIFY2(largestDifference(y, again) <= 1e-5, qPrintable(QString::number(largestDifference(y, again))));
    }

    void everyOpIsAmongThem()
    {
        std::set<Op> tested{Op::Constant, Op::Sqrt}; // aJoinedConstantIsRepeated; the square root of what may be negative is none
        for (const test::SingleOp& op : test::singleOps())
            tested.insert(op.op);
        for (const test::LayerKind& kind : test::layerKinds())
            tested.insert(kind.op);
        for (const OpRow& row : opRows())
            QVERIFY2(tested.count(row.op), std::string(row.name).c_str());
    }

    void everyLayerComesBack_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("opset");
        for (std::size_t i = 0; i < test::layerKinds().size(); ++i)
            for (const int bits : {2, 3, 4, 5, 8, 32})
                for (const int opset : {21, 13})
                    QTest::addRow("%s, %d bits, opset %d", test::layerKinds()[i].name.c_str(), bits, opset)
                        << int(i) << bits << int(bits % 2 ? GridMode::Symmetric : GridMode::Affine) << opset;
    }
    void everyLayerComesBack()
    {
        QFETCH(int, kind);
        QFETCH(int, bits);
        QFETCH(int, mode);
        QFETCH(int, opset);
        const test::LayerKind& layer = test::layerKinds()[std::size_t(kind)];
        ExportedModel model = modelOf(layer.graph());
        model.model = quantizeNearest(model.model.graph, {{bits == 32 ? kKeepFp32 : Bits(bits)}}, GridMode(mode));
        const OnnxFile file = toOnnx(model, {opset});
        const ExportedModel back = fromOnnx(file);
        const at::Tensor x = layer.images(3);
        const at::Tensor y = forward(*model.model.graph, x, model.model.overlay()), again = forward(*back.model.graph, x, back.model.overlay());
        QVERIFY(largestDifference(y, again) <= 1e-5);
        if (bits == 32) {
            QVERIFY(back.model.weights.empty());
            QVERIFY(at::equal(back.model.graph->parameter("layer.weight"), model.model.graph->parameter("layer.weight")));
            return;
        }
        const std::string container = bits > 4 || opset == 13 ? "8" : "4";
        const auto dequantize = std::find_if(file.nodes.begin(), file.nodes.end(), [](const OnnxNode& n) { return n.op == "DequantizeLinear"; });
        QVERIFY(dequantize != file.nodes.end());
        const int type = file.initializers.at(dequantize->inputs[0]).elementType;
        const bool isNarrow = type == onnx_type::kInt4 || type == onnx_type::kUint4;
        QCOMPARE(isNarrow, container == "4");
        const QuantizedTensor &q = model.model.weights.at("layer.weight"), &p = back.model.weights.at("layer.weight");
        QVERIFY(at::equal(p.codes, q.codes));
        QVERIFY(at::equal(p.grid.scale, q.grid.scale));
        QVERIFY(at::equal(p.grid.zeroPoint, q.grid.zeroPoint));
        QCOMPARE(p.grid.bits, q.grid.bits);
        QCOMPARE(p.grid.symmetric, q.grid.symmetric);
        QCOMPARE(p.grid.axis, q.grid.axis);
    }

    void aNetworkComesBack_data()
    {
        QTest::addColumn<bool>("activations");
        QTest::newRow("weights alone") << false;
        QTest::newRow("activations rounded") << true;
    }
    void aNetworkComesBack()
    {
        QFETCH(bool, activations);
        ExportedModel model = test::exportedModel(test::residualNetwork(1, 8), {4, 2, 8, 3, 6, 5}, GridMode::Auto);
        if (activations) {
            model = test::withActivations(model);
            for (auto& [value, grid] : model.model.activations)
                grid.bits = 8; // narrower ones come back with the clipping that they need
        }
        const ExportedModel back = fromOnnx(toOnnx(model));
        QCOMPARE(back.model.graph->architecture, model.model.graph->architecture);
        QCOMPARE(back.classes, model.classes);
        QCOMPARE(back.preprocessing.mean, model.preprocessing.mean);
        QCOMPARE(back.preprocessing.std, model.preprocessing.std);
        QCOMPARE(back.inputShape, model.inputShape);
        QCOMPARE(back.model.weights.size(), model.model.weights.size());
        for (const auto& [name, q] : model.model.weights) {
            QCOMPARE(back.model.weights.count(name), std::size_t(1));
            QVERIFY(at::equal(back.model.weights.at(name).codes, q.codes));
            QCOMPARE(back.model.weights.at(name).grid.bits, q.grid.bits);
        }
        std::vector<std::string> names, namesBack;
        for (const Layer& l : model.model.graph->layers())
            names.push_back(l.name);
        for (const Layer& l : back.model.graph->layers())
            namesBack.push_back(l.name);
        QCOMPARE(namesBack, names);
        QCOMPARE(back.model.activations.size(), model.model.activations.size());
        for (const auto& [value, grid] : model.model.activations) {
            const std::string& name = model.model.graph->values[std::size_t(value)].name;
            bool found = false;
            for (const auto& [other, g] : back.model.activations)
                if (back.model.graph->values[std::size_t(other)].name == name) {
                    found = true;
                    QVERIFY(at::equal(g.scale, grid.scale) && at::equal(g.zeroPoint, grid.zeroPoint));
                }
            QVERIFY2(found, name.c_str());
        }
        const at::Tensor x = imagesFor(*model.model.graph, 4);
        const at::Tensor y = forward(*model.model.graph, x, model.model.overlay());
        QVERIFY(largestDifference(y, forward(*back.model.graph, x, back.model.overlay())) <= 1e-5);
    }

    void narrowActivationsAreClipped()
    {
        ExportedModel model = test::withActivations(test::exportedModel(test::residualNetwork(1, 8), {4, 8}, GridMode::Auto));
        const ExportedModel back = fromOnnx(toOnnx(model));
        const at::Tensor x = imagesFor(*model.model.graph, 4);
        const at::Tensor y = forward(*model.model.graph, x, model.model.overlay());
        QVERIFY(largestDifference(y, forward(*back.model.graph, x, back.model.overlay())) <= 1e-5);
    }

    void aJoinedConstantIsRepeated()
    {
        GraphBuilder b;
        b.parameter("token", at::arange(6, at::kFloat).reshape({1, 2, 3}));
        const ValueId token = b.add(Op::Constant, "token", {}, {{"value", "token"}});
        const Graph graph = b.finish(b.add(Op::Concat, "joined", {token, b.input("x", {4, 3})}, {}, {{"axis", std::int64_t(1)}}), "test");
        for (const int opset : {21, 13}) {
            const OnnxFile file = toOnnx(modelOf(graph), {opset});
            const Graph back = importOnnx(file).graph;
            const at::Tensor x = imagesFor(graph, 5), y = forward(graph, x);
            QCOMPARE(y.sizes(), (at::IntArrayRef{5, 6, 3}));
            QVERIFY(at::equal(forward(back, x), y));
        }
    }

    void sharedWeightsStayOne()
    {
        auto g = generator(5, "shared");
        GraphBuilder b;
        b.parameter("w", at::randn({4, 4}, g));
        const ValueId first = b.add(Op::Linear, "first", {b.input("x", {4})}, {{"weight", "w"}});
        const Graph graph = b.finish(b.add(Op::Linear, "second", {b.relu("relu", first)}, {{"weight", "w"}}), "test");
        ExportedModel model = modelOf(graph);
        model.model = quantizeNearest(model.model.graph, {{4}}, GridMode::Auto);
        const ExportedModel back = fromOnnx(toOnnx(model));
        QCOMPARE(back.model.graph->layers().size(), std::size_t(1));
        QCOMPARE(back.model.graph->layers()[0].nodes.size(), std::size_t(2));
        QVERIFY(at::equal(back.model.weights.begin()->second.codes, model.model.weights.begin()->second.codes));
    }

    void unknownOpsetIsRefused()
    {
        QVERIFY_EXCEPTION_THROWN(toOnnx(modelOf(test::singleOps()[3].graph()), {12}), Error);
    }
};

MPRDO_TEST(TstOnnxExport)
#include "tst_onnx_export.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// What is written as ONNX and read again is the same network: op by op, and whole networks with their integers.
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include "core/graph/op_table.h"
#include "core/import/onnx_import.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;

namespace {

/// A graph of one op on an input, and a second one where it takes two.
struct OneOp {
    std::string name;
    Op op;
    Ints input;
    std::map<std::string, Attribute> attributes;
    std::map<std::string, Ints> parameters; ///< role -> shape
    int operands = 1;

    Graph graph() const
    {
        auto g = generator(3, "one op");
        GraphBuilder b;
        std::map<std::string, std::string> roles;
        for (const auto& [role, shape] : parameters) {
            b.parameter("op." + role, at::rand(shape, g) + 0.5);
            roles[role] = "op." + role;
        }
        const ValueId x = b.input("x", input);
        std::vector<ValueId> inputs(std::size_t(operands), x);
        if (operands > 1)
            inputs[1] = b.add(Op::Sigmoid, "second", {x});
        return b.finish(b.add(op, "op", inputs, roles, attributes), "test");
    }
};

Attribute one(std::int64_t n) { return n; }

const std::vector<OneOp>& ops()
{
    static const std::vector<OneOp> all{
        {"batch norm", Op::BatchNorm, {4, 5, 5}, {{"epsilon", 1e-3}}, {{"weight", {4}}, {"bias", {4}}, {"mean", {4}}, {"variance", {4}}}},
        {"layer norm", Op::LayerNorm, {4, 6}, {{"axis", one(-1)}, {"epsilon", 1e-3}}, {{"weight", {6}}, {"bias", {6}}}},
        {"layer norm of two axes", Op::LayerNorm, {4, 6}, {{"axis", one(1)}}, {{"weight", {4, 6}}, {"bias", {4, 6}}}},
        {"relu", Op::Relu, {5}, {}, {}},
        {"leaky relu", Op::LeakyRelu, {5}, {{"alpha", 0.2}}, {}},
        {"prelu", Op::PRelu, {4, 5, 5}, {}, {{"slope", {4, 1, 1}}}},
        {"clamp", Op::Clamp, {5}, {{"min", -0.5}, {"max", 0.5}}, {}},
        {"clamp below", Op::Clamp, {5}, {{"min", 0.1}}, {}},
        {"clamp above", Op::Clamp, {5}, {{"max", 0.1}}, {}},
        {"sigmoid", Op::Sigmoid, {5}, {}, {}},
        {"hard sigmoid", Op::HardSigmoid, {5}, {{"alpha", 0.3}, {"beta", 0.4}}, {}},
        {"hard swish", Op::HardSwish, {5}, {}, {}},
        {"silu", Op::Silu, {5}, {}, {}},
        {"tanh", Op::Tanh, {5}, {}, {}},
        {"gelu", Op::Gelu, {5}, {}, {}},
        {"gelu by tanh", Op::Gelu, {5}, {{"approximate", std::string("tanh")}}, {}},
        {"erf", Op::Erf, {5}, {}, {}},
        {"softmax", Op::Softmax, {4, 5}, {{"axis", one(-1)}}, {}},
        {"softmax of the middle", Op::Softmax, {4, 5}, {{"axis", one(1)}}, {}},
        {"add", Op::Add, {4, 5}, {}, {}, 2},
        {"add a constant", Op::Add, {4, 5}, {}, {{"constant", {4, 1}}}},
        {"sub", Op::Sub, {4, 5}, {}, {}, 2},
        {"from a constant", Op::Sub, {4, 5}, {{"constant_first", one(1)}}, {{"constant", {5}}}},
        {"mul", Op::Mul, {4, 5}, {}, {}, 2},
        {"div", Op::Div, {4, 5}, {}, {}, 2},
        {"pow", Op::Pow, {4, 5}, {}, {{"constant", {1}}}},
        {"matmul", Op::MatMul, {4, 5, 5}, {}, {}, 2},
        {"matmul by a constant", Op::MatMul, {3, 4, 5}, {}, {{"constant", {3, 5, 2}}}},
        {"a constant by it", Op::MatMul, {3, 4, 5}, {{"constant_first", one(1)}}, {{"constant", {7, 4}}}},
        {"max pool", Op::MaxPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}}, {}},
        {"max pool, uneven", Op::MaxPool2d, {4, 7, 6}, {{"kernel", Ints{3, 2}}, {"stride", Ints{2, 1}}, {"padding", Ints{1, 0, 0, 1}}, {"ceil", one(1)}}, {}},
        {"max pool, dilated", Op::MaxPool2d, {4, 7, 8}, {{"kernel", one(2)}, {"stride", one(1)}, {"dilation", Ints{2, 3}}}, {}},
        {"max pool 1-D", Op::MaxPool1d, {4, 7}, {{"kernel", one(3)}, {"stride", one(2)}}, {}},
        {"average pool", Op::AvgPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}}, {}},
        {"average pool without padding", Op::AvgPool2d, {4, 7, 6}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", one(1)}, {"count_padding", one(0)}}, {}},
        {"average pool, uneven", Op::AvgPool2d, {4, 8, 7}, {{"kernel", one(3)}, {"stride", one(2)}, {"padding", Ints{1, 0, 2, 1}}, {"ceil", one(1)}, {"count_padding", one(0)}}, {}},
        {"average pool 1-D", Op::AvgPool1d, {4, 7}, {{"kernel", one(3)}, {"stride", one(2)}}, {}},
        {"global average", Op::AdaptiveAvgPool2d, {4, 7, 6}, {{"size", one(1)}}, {}},
        {"adaptive, even", Op::AdaptiveAvgPool2d, {4, 8, 6}, {{"size", Ints{4, 3}}}, {}},
        {"adaptive, overlapping", Op::AdaptiveAvgPool2d, {4, 7, 5}, {{"size", Ints{3, 7}}}, {}},
        {"mean", Op::Mean, {4, 7, 6}, {{"axes", Ints{2, 3}}}, {}},
        {"mean kept", Op::Mean, {4, 7, 6}, {{"axes", Ints{1}}, {"keep", one(1)}}, {}},
        {"concat", Op::Concat, {4, 5}, {{"axis", one(2)}}, {}, 2},
        {"slice", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{1, 2}}, {"ends", Ints{8, 7}}, {"steps", Ints{3, 1}}}, {}},
        {"slice backwards", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{7, 7}}, {"ends", Ints{-1, 2}}, {"steps", Ints{-2, -1}}}, {}},
        {"slice to the end", Op::Slice, {9, 8}, {{"axes", Ints{1, 2}}, {"starts", Ints{0, 1}}, {"steps", Ints{2, 2}}}, {}},
        {"gather", Op::Gather, {9, 8}, {{"axis", one(2)}, {"indices", Ints{7, 0, 0, 3}}}, {}},
        {"flatten", Op::Flatten, {4, 5, 6}, {{"axis", one(1)}}, {}},
        {"flatten the rest", Op::Flatten, {4, 5, 6}, {{"axis", one(2)}}, {}},
        {"reshape", Op::Reshape, {4, 6}, {{"shape", Ints{2, 2, 6}}}, {}},
        {"transpose", Op::Transpose, {4, 5, 6}, {{"axes", Ints{0, 3, 1, 2}}}, {}},
        {"pad", Op::Pad, {4, 5}, {{"before", Ints{0, 1, 0}}, {"after", Ints{0, 0, 2}}}, {}},
        {"pad with a number", Op::Pad, {4, 5}, {{"before", Ints{0, 1, 0}}, {"after", Ints{0, 0, 2}}, {"value", 0.5}}, {}},
        {"pad by reflection", Op::Pad, {4, 5}, {{"before", Ints{0, 3, 0}}, {"after", Ints{0, 0, 4}}, {"mode", std::string("reflect")}}, {}},
        {"pad by the edge", Op::Pad, {4, 5}, {{"before", Ints{0, 3, 0}}, {"after", Ints{0, 0, 7}}, {"mode", std::string("edge")}}, {}},
        {"resize, nearest", Op::Resize, {3, 4, 5}, {{"axes", Ints{2, 3}}, {"sizes", Ints{8, 10}}, {"scales", Doubles{2, 2}}, {"coordinates", std::string("asymmetric")}, {"nearest", std::string("floor")}}, {}},
        {"resize, linear", Op::Resize, {3, 4, 5}, {{"axes", Ints{2, 3}}, {"sizes", Ints{8, 2}}, {"scales", Doubles{2, 0.5}}, {"mode", std::string("linear")}}, {}},
        {"resize, cubic", Op::Resize, {3, 8, 8}, {{"axes", Ints{2, 3}}, {"sizes", Ints{4, 16}}, {"scales", Doubles{0.5, 2}}, {"mode", std::string("cubic")}, {"coordinates", std::string("align_corners")}}, {}},
        {"identity", Op::Identity, {5}, {}, {}},
    };
    return all;
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    const at::Tensor same = a.isnan() & b.isnan(); // a power of a negative number
    return (a.to(at::kDouble) - b.to(at::kDouble)).masked_fill(same, 0).abs().max().item<double>();
}

at::Tensor imagesFor(const Graph& graph, std::int64_t count)
{
    auto g = generator(4, "images");
    Ints shape = graph.values[std::size_t(graph.inputs[0])].shape;
    shape[0] = count;
    return at::randn(shape, g);
}

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
            for (std::size_t i = 0; i < ops().size(); ++i)
                QTest::addRow("%s, opset %d", ops()[i].name.c_str(), opset) << int(i) << opset;
    }
    void everyOpComesBack()
    {
        QFETCH(int, which);
        QFETCH(int, opset);
        const Graph graph = ops()[std::size_t(which)].graph();
        const OnnxFile file = toOnnx(modelOf(graph), {opset});
        const Graph back = importOnnx(file).graph;
        const at::Tensor x = imagesFor(graph, 3), y = forward(graph, x), again = forward(back, x);
        QCOMPARE(again.sizes(), y.sizes());
        QVERIFY2(largestDifference(y, again) <= 1e-5, qPrintable(QString::number(largestDifference(y, again))));
    }

    void everyOpIsAmongThem()
    {
        std::set<Op> tested{Op::Constant, Op::Sqrt}; // aJoinedConstantIsRepeated; the square root of what may be negative is none
        for (const OneOp& op : ops())
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
        const int type = file.initializers.at("layer.weight_quantized").elementType;
        const bool isNarrow = type == onnx_type::kInt4 || type == onnx_type::kUint4;
        QCOMPARE(isNarrow, container == "4");
        // between one group and depthwise, ONNX's order of the weight is only reached while the network runs
        if (layer.name == "transposed, grouped")
            return;
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
        const Graph graph = b.finish(b.add(Op::Concat, "joined", {token, b.input("x", {4, 3})}, {}, {{"axis", one(1)}}), "test");
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
        QVERIFY_EXCEPTION_THROWN(toOnnx(modelOf(ops()[3].graph()), {12}), Error);
    }
};

MPRDO_TEST(TstOnnxExport)
#include "tst_onnx_export.moc"

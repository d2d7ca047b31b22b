// SPDX-License-Identifier: GPL-3.0-or-later
// What is written as ONNX and read again is the same network: op by op, and whole networks with their integers.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/export/c_export.h"
#include "core/export/onnx_export.h"
#include "core/graph/op_table.h"
#include "core/import/onnx_import.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/onnx_model.h"
#include "tests/support/single_ops.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#ifdef MPRDO_ONNX_SCHEMAS
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#endif

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

    /// ONNX's own checker takes every file that is written, as of the opset that it names.
    void theCheckerTakesThem_data()
    {
        QTest::addColumn<int>("opset");
        QTest::newRow("opset 21") << 21;
        QTest::newRow("opset 13") << 13;
    }
    void theCheckerTakesThem()
    {
#ifndef MPRDO_ONNX_SCHEMAS
        QSKIP("ONNX's schemas (the library onnx) are not installed");
#else
        QFETCH(int, opset);
        if (const int newest = ::onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second; newest < opset)
            QSKIP(qPrintable(QString("the installed schemas end at opset %1").arg(newest)));
        QStringList failures;
        const auto take = [&](const std::string& name, const ExportedModel& exported) {
            ::onnx::ModelProto proto;
            QVERIFY(proto.ParseFromString(encodeOnnx(toOnnx(exported, {opset}))));
            try {
                ::onnx::checker::check_model(proto);
            } catch (const std::exception& e) {
                failures << QString::fromStdString(name + ": " + e.what());
            }
        };
        for (const test::SingleOp& op : test::singleOps())
            take(op.name, modelOf(op.graph()));
        for (const test::LayerKind& kind : test::layerKinds())
            for (const Bits bits : {Bits(4), Bits(8), kKeepFp32}) {
                ExportedModel model = modelOf(kind.graph());
                model.model = quantizeNearest(model.model.graph, {{bits}}, GridMode::Affine);
                take(text(kind.name, ", ", bits, " bits"), model);
            }
        take("a network", test::withActivations(test::exportedModel(test::residualNetwork(1, 8), {4, 2, 8, 3, 6, 5}, GridMode::Auto)));
        QVERIFY2(failures.isEmpty(), qPrintable(failures.join('\n')));
#endif
    }

    void whatAnOpsetLacksIsRefused_data()
    {
        QTest::addColumn<int>("opset");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("message"); // empty: written
        QTest::newRow("smoothed resize, 13") << 13 << 0 << "ONNX export: op: Resize of opset 13 has no antialias, which came with opset 18";
        QTest::newRow("smoothed resize, 21") << 21 << 0 << "";
        QTest::newRow("smoothed nearest, which is nearest, 13") << 13 << 1 << "";
        QTest::newRow("resize to sizes, 13") << 13 << 2 << "ONNX export: op: resizing to a size that its scales do not give needs opset 18";
        QTest::newRow("symmetric coordinates, 13") << 13 << 3 << "ONNX export: op: resizing by the coordinates half_pixel_symmetric needs opset 19";
        QTest::newRow("symmetric coordinates, 21") << 21 << 3 << "";
        QTest::newRow("TensorFlow's coordinates, 21") << 21 << 4 << "ONNX export: op: resizing by the coordinates tf_half_pixel_for_nn, which ONNX has up to opset 12";
        QTest::newRow("dilated average, 13") << 13 << 5 << "ONNX export: op: AveragePool of opset 13 has no dilations, which came with opset 19";
        QTest::newRow("dilated average, 21") << 21 << 5 << "";
        QTest::newRow("wrapped padding, 13") << 13 << 6 << "ONNX export: op: padding by wrapping needs opset 19";
        QTest::newRow("wrapped padding, 21") << 21 << 6 << "";
    }
    void whatAnOpsetLacksIsRefused()
    {
        QFETCH(int, opset);
        QFETCH(int, kind);
        QFETCH(QString, message);
        const auto resize = [](std::map<std::string, Attribute> attributes, const Ints& sizes = {4, 2}, const std::vector<double>& scales = {0.5, 0.5}) {
            attributes.insert({{"axes", Ints{2, 3}}, {"sizes", sizes}, {"scales", scales}});
            return test::SingleOp{"resize", Op::Resize, {3, 8, 4}, attributes, {}};
        };
        const std::string linear = "linear", nearest = "nearest";
        const std::int64_t one = 1;
        const std::vector<test::SingleOp> ops{
            resize({{"mode", linear}, {"antialias", one}}),
            resize({{"mode", nearest}, {"antialias", one}}),
            resize({{"mode", linear}}, {5, 3}, {0.6, 0.7}),
            resize({{"mode", linear}, {"coordinates", std::string("half_pixel_symmetric")}}),
            resize({{"mode", nearest}, {"coordinates", std::string("tf_half_pixel_for_nn")}}),
            {"average pool", Op::AvgPool2d, {4, 8, 8}, {{"kernel", one + 1}, {"dilation", one + 1}}, {}},
            {"pad", Op::Pad, {4, 5}, {{"before", Ints{0, 1, 0}}, {"after", Ints{0, 0, 2}}, {"mode", std::string("wrap")}}, {}},
        };
        const Graph graph = ops.at(std::size_t(kind)).graph();
        try {
            const OnnxFile file = toOnnx(modelOf(graph), {opset});
            QVERIFY2(message.isEmpty(), "written");
            const at::Tensor x = imagesFor(graph, 3);
            QVERIFY(largestDifference(forward(graph, x), forward(importOnnx(file).graph, x)) <= 1e-5);
        } catch (const Error& e) {
            QCOMPARE(QString(e.what()), message);
            QCOMPARE(int(e.code()), int(ErrorCode::Unsupported));
        }
    }

    /// The output keeps the name that the file had for it, in every file that has names, and so do layers, in whatever script.
    void namesAreKept_data()
    {
        QTest::addColumn<QString>("layer");
        QTest::addColumn<QString>("output");
        QTest::newRow("usual") << "conv1" << "logits";
        QTest::newRow("beyond ASCII") << QString::fromUtf8("\u5377\u7a4d\u5c64.\u0441\u043b\u043e\u0439 \u00e9\U0001f600") << QString::fromUtf8("\u51fa\u529b");
        QTest::newRow("a number") << "7" << "3";
        QTest::newRow("quotes and slashes") << "a\"b\\c'd?\?/e" << "out/\"put\"";
    }
    void namesAreKept()
    {
        QFETCH(QString, layer);
        QFETCH(QString, output);
        test::OnnxModel m({-1, 3, 8, 8});
        const std::string conv = layer.toStdString(), weight = conv + ".weight", out = output.toStdString();
        m.random(weight, {4, 3, 3, 3}).node("Conv", {"x", weight}, {"c"}, {}, conv).node("GlobalAveragePool", {"c"}, {"g"}).node("Flatten", {"g"}, {out}, {}, "flat");
        ExportedModel model = test::exportedModel(importOnnx(decodeOnnx("m.onnx", encodeOnnx(m.file))).graph, {4}, GridMode::Auto);
        model.classes.clear();
        QTemporaryDir folder;
        const auto written = [&](const char* name, const std::string& bytes) {
            const std::string path = folder.filePath(name).toStdString();
            writeFile(path, bytes);
            return path;
        };
        for (const ExportedModel& back :
             {readQuantExport(written("q.pt", encodeQuantExport(model))), readQuantExport(written("q.mprz", encodeCodedExport(model))),
              readQuantExport(written("q.safetensors", encodeSafetensorsExport(model))), fromOnnx(readOnnx(written("q.onnx", encodeOnnx(toOnnx(model)))))}) {
            const Graph& graph = *back.model.graph;
            QCOMPARE(QString::fromStdString(graph.layers().at(0).name), layer);
            QCOMPARE(QString::fromStdString(graph.values.at(std::size_t(graph.outputs.at(0))).name), output);
            QCOMPARE(toOnnx(back).outputs.at(0).name, out);
        }
        for (const std::string& source : {encodeC(model, "quant_export").source, encodeC(model, "quant_export").header})
            QVERIFY(std::all_of(source.begin(), source.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
        QVERIFY(QString::fromStdString(encodeQuantExportJson(model)).contains(layer.contains('"') ? "out/" : layer));
    }

    void unknownOpsetIsRefused()
    {
        QVERIFY_EXCEPTION_THROWN(toOnnx(modelOf(test::singleOps()[3].graph()), {12}), Error);
    }
};

MPRDO_TEST(TstOnnxExport)
#include "tst_onnx_export.moc"

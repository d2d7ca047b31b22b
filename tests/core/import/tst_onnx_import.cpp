// SPDX-License-Identifier: GPL-3.0-or-later
// From ONNX nodes to the graph: shapes that exporters compute, batches, names, and what is refused with which sentence.
#include "core/base/error.h"
#include "core/exec/executor.h"
#include "core/import/onnx_import.h"
#include "tests/support/onnx_model.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using Ints = std::vector<std::int64_t>;
using Attributes = std::map<std::string, OnnxAttribute>;

namespace {

using Model = test::OnnxModel;

at::Tensor images(const Ints& shape)
{
    auto g = generator(5, "images");
    return at::randn(shape, g);
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

/// A model and what it is to be refused with.
struct Refusal {
    const char* name;
    Model model;
    const char* says;
    ErrorCode code = ErrorCode::Unsupported;
};

const std::vector<Refusal>& refusals()
{
    const auto conv = [](const Attributes& attributes, const Ints& weight = {4, 3, 3, 3}) { return Model().random("w", weight).node("Conv", {"x", "w"}, {"y"}, attributes, "c"); };
    static const std::vector<Refusal> all{
        {"unknown op", Model().node("Foo", {"x"}, {"y"}, {}, "n"), "Foo n: the op is not supported"},
        {"another domain", [] { Model m; m.node("Relu", {"x"}, {"y"}); m.file.nodes[0].domain = "com.example"; return m; }(), "is an op of the domain com.example"},
        {"control flow", [] { Model m; m.node("If", {"x"}, {"y"}); m.file.nodes[0].hasSubgraph = true; return m; }(), "control flow is not supported"},
        {"two inputs", [] { Model m; m.node("Add", {"x", "z"}, {"y"}); m.file.inputs.push_back({"z", onnx_type::kFloat, true, {-1, 3, 8, 8}}); return m; }(), "the model has 2 inputs (x, z)"},
        {"an output of no input", [] { Model m; m.random("c", {1, 3}).node("Relu", {"c"}, {"y"}); return m; }(), "its output does not depend on any input"},
        {"input of integers", [] { Model m; m.node("Relu", {"x"}, {"y"}); m.file.inputs[0].elementType = onnx_type::kInt64; return m; }(), "the input x is not one of floating-point numbers"},
        {"no output", [] { Model m; m.node("Relu", {"x"}, {"y"}); m.file.outputs.clear(); return m; }(), "the model has no output", ErrorCode::BadFile},
        {"size left free", Model({-1, 3, -1, -1}).node("Relu", {"x"}, {"y"}), "the input x leaves dimensions free"},
        {"no batch dimension", Model({3}).node("Relu", {"x"}, {"y"}), "has no batch dimension"},
        {"stride 0", conv({{"strides", Ints{0, 1}}}), "with stride 0", ErrorCode::BadFile},
        {"negative pads", conv({{"pads", Ints{-1, 0, 0, 0}}}), "pads -1 and 0 is impossible", ErrorCode::BadFile},
        {"dilation 0", conv({{"dilations", Ints{1, 0}}}), "dilation 0", ErrorCode::BadFile},
        {"strides 2^40", conv({{"strides", Ints{std::int64_t(1) << 40, 1}}}), "out of bounds", ErrorCode::BadFile},
        {"pads of three", conv({{"pads", Ints{1, 1, 1}}}), "do not fit an input with 2 axes", ErrorCode::BadFile},
        {"another kernel_shape", conv({{"kernel_shape", Ints{5, 5}}}), "is not that of its weight", ErrorCode::BadFile},
        {"kernel_shape of text", conv({{"kernel_shape", std::string("3")}}), "attribute kernel_shape is not a list of integers", ErrorCode::BadFile},
        {"groups do not divide", conv({{"group", std::int64_t(2)}}), "in 2 groups does not fit", ErrorCode::ShapeMismatch},
        {"groups 0", conv({{"group", std::int64_t(0)}}), "in 0 groups does not fit", ErrorCode::ShapeMismatch},
        {"kernel larger than its input", conv({}, {4, 3, 9, 9}), "a kernel of 9 does not fit", ErrorCode::ShapeMismatch},
        {"unknown auto_pad", conv({{"auto_pad", std::string("SOME")}}), "auto_pad is SOME"},
        {"a word with a line break", Model({-1, 3, 8, 8}, 20).node("Gelu", {"x"}, {"y"}, {{"approximate", std::string("\none")}}, "g"), "approximate is ?one", ErrorCode::ShapeMismatch},
        {"three dimensions", Model({-1, 3, 8, 8, 8}).random("w", {4, 3, 3, 3, 3}).node("Conv", {"x", "w"}, {"y"}), "convolutions of one and two dimensions can be read"},
        {"weight that is computed", Model().node("Relu", {"x"}, {"r"}).node("Conv", {"x", "r"}, {"y"}), "its weight r is computed while the network runs"},
        {"weight of integers", [] { Model m; m.ints("w", {1}).node("Conv", {"x", "w"}, {"y"}); m.file.initializers["w"].value = at::zeros({4, 3, 3, 3}, at::kLong); return m; }(), "its weight is a tensor of integers"},
        {"weight that is not finite", Model().floats("w", at::full({4, 3, 3, 3}, INFINITY)).node("Conv", {"x", "w"}, {"y"}), "its weight holds a value that is not finite", ErrorCode::NonFinite},
        {"shape of 2^60 x 8", Model().ints("s", {0, (std::int64_t(1) << 60) + 16, 8}).node("Reshape", {"x", "s"}, {"y"}), "cannot be known before the network runs"},
        {"pieces of 2^62", Model().ints("s", {std::int64_t(1) << 62, std::int64_t(1) << 62, std::int64_t(1) << 62}).node("Split", {"x", "s"}, {"y", "z", "u"}, {{"axis", std::int64_t(2)}}), "do not make the 8 of dimension 2", ErrorCode::BadFile},
        {"resized by an endless region", Model().floats("r", at::tensor({0.f, 0.f, 0.f, 0.f, 1.f, 1.f, 1e30f, 1.f})).floats("f", at::tensor({1.f, 1.f, 2.f, 2.f}))
             .node("Resize", {"x", "r", "f"}, {"y"}, {{"coordinate_transformation_mode", std::string("tf_crop_and_resize")}}), "resizes the region from 0 to 1e+30 by a scale"},
        {"resized to 2^60", Model({-1, 3, 8, 8}, 18).ints("s", {std::int64_t(1) << 60, 8}).node("Resize", {"x", "", "", "s"}, {"y"}, {{"axes", Ints{2, 3}}}), "resizes to 1.15292e+18", ErrorCode::BadFile},
        {"images merged", Model().ints("s", {-1, 4}).node("Reshape", {"x", "s"}, {"y"}), "merges the batch dimension"},
        {"shape that does not fit", Model().ints("s", {0, 7, -1}).node("Reshape", {"x", "s"}, {"y"}), "cannot reshape", ErrorCode::BadFile},
        {"batch moved", Model().node("Transpose", {"x"}, {"y"}, {{"perm", Ints{1, 0, 2, 3}}}), "moves the batch dimension", ErrorCode::ShapeMismatch},
        {"mean over the batch", Model().node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{0}}}), "works along the batch dimension", ErrorCode::ShapeMismatch},
        {"an image picked", Model().scalar("i", 0).node("Gather", {"x", "i"}, {"y"}, {{"axis", std::int64_t(0)}}), "picks images out of the batch"},
        {"batch cut", Model().ints("a", {0}).ints("b", {1}).node("Slice", {"x", "a", "b", "a"}, {"y"}), "cuts the batch dimension"},
        {"training", Model().random("s", {3}).random("m", {3}).node("BatchNormalization", {"x", "s", "s", "m", "m"}, {"y"}, {{"training_mode", std::int64_t(1)}}), "training_mode is 1: it is in training form"},
        {"indices of a pooling", Model().node("MaxPool", {"x"}, {"p", "i"}, {{"kernel_shape", Ints{2, 2}}}).node("Relu", {"i"}, {"y"}), "its output i is used; only the first one can be"},
        {"pooling of padding", Model().node("MaxPool", {"x"}, {"y"}, {{"kernel_shape", Ints{2, 2}}, {"pads", Ints{2, 2, 2, 2}}}), "does not fit an input", ErrorCode::ShapeMismatch},
        {"codes read as numbers", Model().floats("s", at::scalar_tensor(0.1)).node("QuantizeLinear", {"x", "s"}, {"q"}).node("Relu", {"q"}, {"y"}), "integer arithmetic inside the network is not supported"},
        {"codes as the output", Model().floats("s", at::scalar_tensor(0.1)).node("QuantizeLinear", {"x", "s"}, {"y"}), "holds quantized values, which nothing dequantizes"},
        {"scale 0", Model().floats("s", at::scalar_tensor(0.0)).node("QuantizeLinear", {"x", "s"}, {"q"}).node("DequantizeLinear", {"q", "s"}, {"y"}), "is not positive throughout", ErrorCode::BadFile},
        {"a constant of 2^40 elements", Model().ints("s", {1 << 20, 1 << 20}).node("ConstantOfShape", {"s"}, {"c"}).node("Add", {"x", "c"}, {"y"}), "makes a constant of the shape"},
        {"mean over one axis twice", Model().node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{2, -2}}}), "axis 2 is named twice", ErrorCode::ShapeMismatch},
        {"slice along one axis twice", Model().ints("s", {0, 1}).ints("e", {4, 3}).ints("a", {3, -1}).node("Slice", {"x", "s", "e", "a"}, {"y"}), "axis 3 is named twice", ErrorCode::ShapeMismatch},
        {"resized along one axis twice", Model({-1, 3, 8, 8}, 18).ints("s", {4, 4}).node("Resize", {"x", "", "", "s"}, {"y"}, {{"axes", Ints{2, 2}}}), "axis 2 is named twice", ErrorCode::ShapeMismatch},
        {"padded along one axis twice", Model({-1, 3, 8, 8}, 18).ints("p", {1, 1, 1, 1}).ints("a", {2, -2}).node("Pad", {"x", "p", "", "a"}, {"y"}), "axis 2 is named twice", ErrorCode::BadFile},
        {"padded to 2^40 elements", Model().ints("p", {0, 0, 1 << 20, 1 << 20, 0, 0, 0, 0}).node("Pad", {"x", "p"}, {"y"}), "impossible shape", ErrorCode::BadFile},
        {"resized by 10^9", Model().floats("s", at::tensor({1.0, 1.0, 1e9, 1.0}, at::kDouble).to(at::kFloat)).node("Resize", {"x", "", "s"}, {"y"}), "a scale of", ErrorCode::BadFile},
        {"cast to integers", Model().node("Cast", {"x"}, {"y"}, {{"to", std::int64_t(onnx_type::kInt64)}}), "casts a value of the network"},
        {"split that does not add up", Model().ints("s", {1, 1}).node("Split", {"x", "s"}, {"y", "z"}, {{"axis", std::int64_t(1)}}), "do not make the 3 of dimension 1", ErrorCode::BadFile},
        {"index beyond", Model().scalar("i", 9).node("Gather", {"x", "i"}, {"y"}, {{"axis", std::int64_t(1)}}), "index 9 of 3", ErrorCode::BadFile},
        {"constants that do not fit", Model().random("a", {2, 3}).random("b", {4, 5}).node("Add", {"a", "b"}, {"c"}).node("Mul", {"x", "c"}, {"y"}), "cannot be computed", ErrorCode::BadFile},
    };
    return all;
}

} // namespace

class TstOnnxImport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refused_data()
    {
        QTest::addColumn<int>("which");
        for (std::size_t i = 0; i < refusals().size(); ++i)
            QTest::newRow(refusals()[i].name) << int(i);
    }
    void refused()
    {
        QFETCH(int, which);
        const Refusal& r = refusals()[std::size_t(which)];
        try {
            importOnnx(r.model.file);
            QFAIL("taken");
        } catch (const Error& e) {
            QVERIFY2(QByteArray(e.what()).startsWith("m.onnx: ") && QByteArray(e.what()).contains(r.says) && !QByteArray(e.what()).contains('\n'), e.what());
            QCOMPARE(int(e.code()), int(r.code));
        }
    }

    /// What PyTorch writes for x.view(x.size(0), -1): the batch is known only while the network runs.
    void computedShapes()
    {
        Model m;
        m.scalar("zero", 0).ints("axes", {0}).ints("rest", {-1});
        m.node("Shape", {"x"}, {"shape"}).node("Gather", {"shape", "zero"}, {"n"}).node("Unsqueeze", {"n", "axes"}, {"n1"});
        m.node("Concat", {"n1", "rest"}, {"target"}, {{"axis", std::int64_t(0)}}).node("Reshape", {"x", "target"}, {"y"});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.nodes.size(), std::size_t(1));
        QCOMPARE(forward(g, images({5, 3, 8, 8})).sizes(), (at::IntArrayRef{5, 192}));
    }

    /// Heads of attention: [N, T, C] to [N, T, H, C / H] with sizes taken from the value itself.
    void headsFromComputedShapes()
    {
        Model m({-1, 6, 8});
        m.scalar("0", 0).scalar("1", 1).scalar("2", 2).ints("axis", {0}).scalar("heads", 2);
        m.node("Shape", {"x"}, {"shape"});
        for (const char* i : {"0", "1", "2"})
            m.node("Gather", {"shape", i}, {std::string("d") + i});
        m.node("Div", {"d2", "heads"}, {"each"});
        for (const char* i : {"d0", "d1", "heads", "each"})
            m.node("Unsqueeze", {i, "axis"}, {std::string(i) + "u"});
        m.node("Concat", {"d0u", "d1u", "headsu", "eachu"}, {"target"}, {{"axis", std::int64_t(0)}}).node("Reshape", {"x", "target"}, {"split"});
        m.node("Transpose", {"split"}, {"y"}, {{"perm", Ints{0, 2, 1, 3}}});
        const Graph g = importOnnx(m.file).graph;
        const at::Tensor x = images({3, 6, 8});
        QVERIFY(at::equal(forward(g, x), x.reshape({3, 6, 2, 4}).permute({0, 2, 1, 3})));
    }

    void aFixedBatchIsFreed()
    {
        Model m({1, 3, 8, 8});
        m.ints("target", {1, 192}).node("Reshape", {"x", "target"}, {"y"});
        QCOMPARE(forward(importOnnx(m.file).graph, images({7, 3, 8, 8})).sizes(), (at::IntArrayRef{7, 192}));
    }

    void theSizeCanComeFromTheImages()
    {
        OnnxImportOptions options;
        options.inputShape = {3, 16, 12};
        Model m({-1, 3, -1, -1});
        m.node("GlobalAveragePool", {"x"}, {"y"});
        const Graph g = importOnnx(m.file, options).graph;
        QCOMPARE(g.values[std::size_t(g.inputs[0])].shape, (Ints{-1, 3, 16, 12}));
    }

    void weightsAreNamedLikeModules_data()
    {
        QTest::addColumn<QString>("initializer");
        QTest::addColumn<QString>("node");
        QTest::addColumn<QString>("layer");
        QTest::newRow("as the file names it") << "layer1.0.conv1.weight" << "/layer1/layer1.0/conv1/Conv" << "layer1.0.conv1";
        QTest::newRow("folded by the exporter") << "onnx::Conv_266" << "/layer1/layer1.0/conv1/Conv" << "layer1.0.conv1";
        QTest::newRow("numbered module") << "onnx::Conv_1" << "/features/features.3/Conv_1" << "features.3";
        QTest::newRow("a number") << "42" << "Conv_7" << "Conv_7";
        QTest::newRow("another name") << "W" << "first" << "first";
        QTest::newRow("no path") << "kernel:0" << "model/conv/Conv2D" << "model/conv/Conv2D";
    }
    void weightsAreNamedLikeModules()
    {
        QFETCH(QString, initializer);
        QFETCH(QString, node);
        QFETCH(QString, layer);
        Model m;
        m.random(initializer.toStdString(), {4, 3, 3, 3}).node("Conv", {"x", initializer.toStdString()}, {"y"}, {}, node.toStdString());
        QCOMPARE(QString::fromStdString(importOnnx(m.file).graph.layers().at(0).name), layer);
    }

    void aSharedWeightIsOneLayer()
    {
        Model m({-1, 4});
        m.random("w", {4, 4}).node("MatMul", {"x", "w"}, {"a"}).node("Relu", {"a"}, {"r"}).node("MatMul", {"r", "w"}, {"y"});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.layers().size(), std::size_t(1));
        QCOMPARE(g.layers()[0].nodes.size(), std::size_t(2));
        const at::Tensor x = images({3, 4}), w = m.file.initializers.at("w").value;
        QVERIFY(largestDifference(forward(g, x), x.matmul(w).relu().matmul(w)) < 1e-5);
    }

    void biasesAreFused()
    {
        Model m({-1, 7, 4});
        m.random("w", {4, 5}).random("b", {5}).random("k", {5}).node("MatMul", {"x", "w"}, {"a"}).node("Add", {"b", "a"}, {"s"}).node("Mul", {"s", "k"}, {"y"});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.nodes.size(), std::size_t(2));
        QCOMPARE(g.nodes[0].parameters.count("bias"), std::size_t(1));
        const at::Tensor x = images({3, 7, 4});
        const auto value = [&](const char* name) { return m.file.initializers.at(name).value; };
        QVERIFY(largestDifference(forward(g, x), (x.matmul(value("w")) + value("b")) * value("k")) < 1e-5);
    }

    void gemm_data()
    {
        QTest::addColumn<bool>("transB");
        QTest::addColumn<double>("alpha");
        QTest::addColumn<double>("beta");
        QTest::addColumn<int>("bias"); // dimensions; -1: none
        QTest::newRow("plain") << false << 1.0 << 1.0 << 1;
        QTest::newRow("transposed") << true << 1.0 << 1.0 << 1;
        QTest::newRow("scaled") << true << 0.5 << 2.0 << 1;
        QTest::newRow("no bias") << true << 0.5 << 1.0 << -1;
        QTest::newRow("one bias for all") << true << 1.0 << 3.0 << 0;
        QTest::newRow("a row") << false << 1.0 << 1.0 << 2;
    }
    void gemm()
    {
        QFETCH(bool, transB);
        QFETCH(double, alpha);
        QFETCH(double, beta);
        QFETCH(int, bias);
        Model m({-1, 4});
        m.random("w", transB ? Ints{5, 4} : Ints{4, 5});
        if (bias >= 0)
            m.random("b", bias == 0 ? Ints{} : bias == 1 ? Ints{5} : Ints{1, 5});
        m.node("Gemm", bias >= 0 ? std::vector<std::string>{"x", "w", "b"} : std::vector<std::string>{"x", "w"}, {"y"},
               {{"transB", std::int64_t(transB)}, {"alpha", alpha}, {"beta", beta}});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.layers().size(), std::size_t(1));
        const at::Tensor x = images({3, 4}), w = m.file.initializers.at("w").value;
        at::Tensor expected = alpha * x.matmul(transB ? w.t() : w);
        if (bias >= 0)
            expected = expected + beta * m.file.initializers.at("b").value;
        QVERIFY(largestDifference(forward(g, x), expected) < 1e-5);
    }

    /// TensorFlow's converters multiply rows: [N, T, C] is seen as [N * T, C] and taken apart again.
    void rowsOfAllImages()
    {
        Model m({-1, 6, 4});
        m.random("w", {5, 4}).random("b", {5}).ints("rows", {-1, 4}).ints("back", {-1, 6, 5});
        m.node("Reshape", {"x", "rows"}, {"r"}).node("Gemm", {"r", "w", "b"}, {"p"}, {{"transB", std::int64_t(1)}}).node("Reshape", {"p", "back"}, {"y"});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.nodes.size(), std::size_t(1));
        const at::Tensor x = images({3, 6, 4});
        QVERIFY(largestDifference(forward(g, x), at::linear(x, m.file.initializers.at("w").value, m.file.initializers.at("b").value)) < 1e-5);
    }

    /// The class token of a vision transformer: expanded to the batch, joined, picked again.
    void aTokenForEachImage()
    {
        Model m({-1, 6, 4});
        m.random("token", {1, 1, 4}).scalar("0", 0).ints("axis", {0}).ints("rest", {-1, -1});
        m.node("Shape", {"x"}, {"shape"}).node("Gather", {"shape", "0"}, {"n"}).node("Unsqueeze", {"n", "axis"}, {"n1"});
        m.ints("ones", {1, 4}).node("Concat", {"n1", "ones"}, {"target"}, {{"axis", std::int64_t(0)}});
        m.node("Expand", {"token", "target"}, {"tokens"}).node("Concat", {"tokens", "x"}, {"all"}, {{"axis", std::int64_t(1)}});
        m.node("Gather", {"all", "0"}, {"y"}, {{"axis", std::int64_t(1)}});
        const Graph g = importOnnx(m.file).graph;
        const at::Tensor y = forward(g, images({3, 6, 4}));
        QVERIFY(at::equal(y, m.file.initializers.at("token").value.reshape({1, 4}).expand({3, 4})));
    }

    void unusedInputsAreLeftOut()
    {
        Model m;
        m.node("Relu", {"x"}, {"y"});
        m.file.inputs.insert(m.file.inputs.begin(), {"step", onnx_type::kInt64, false, {}});
        QCOMPARE(importOnnx(m.file).graph.inputs.size(), std::size_t(1));
    }

    void unusedNodesAreDropped()
    {
        Model m;
        m.random("w", {4, 3, 3, 3}).node("Conv", {"x", "w"}, {"side"}).node("Relu", {"x"}, {"y"});
        const Graph g = importOnnx(m.file).graph;
        QCOMPARE(g.nodes.size(), std::size_t(1));
        QVERIFY(g.parameters.empty());
    }

    void signedCodesWithZeroPointsKeepTheirValues()
    {
        Model m;
        auto g = generator(3, "codes");
        const at::Tensor codes = at::randint(-128, 128, {4, 3, 3, 3}, g, at::kChar), scale = at::tensor({0.5, 0.25, 2.0, 1.0}, at::kDouble).to(at::kFloat),
                         zero = at::tensor({3, -7, 0, 127}, at::kInt).to(at::kChar);
        m.file.initializers["q"] = {codes, onnx_type::kInt8};
        m.file.initializers["z"] = {zero, onnx_type::kInt8};
        m.floats("s", scale).node("DequantizeLinear", {"q", "s", "z"}, {"w"}, {{"axis", std::int64_t(0)}}).node("Conv", {"x", "w"}, {"y"});
        const ImportedOnnx imported = importOnnx(m.file);
        const at::Tensor expected = (codes.to(at::kFloat) - zero.to(at::kFloat).reshape({4, 1, 1, 1})) * scale.reshape({4, 1, 1, 1});
        QCOMPARE(imported.weights.size(), std::size_t(1));
        QVERIFY(at::equal(imported.weights.begin()->second.values(), expected));
        QVERIFY(at::equal(imported.graph.parameter(imported.weights.begin()->first), expected));
        QVERIFY(!imported.weights.begin()->second.grid.symmetric);
    }

    void roundedActivations()
    {
        Model m;
        const at::Tensor scale = at::scalar_tensor(0.25);
        m.floats("s", scale);
        m.file.initializers["z"] = {at::scalar_tensor(10, at::kByte), onnx_type::kUint8};
        m.node("Relu", {"x"}, {"r"}).node("QuantizeLinear", {"r", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"d"}).node("Sigmoid", {"d"}, {"y"});
        const ImportedOnnx imported = importOnnx(m.file);
        QCOMPARE(imported.graph.nodes.size(), std::size_t(2));
        QCOMPARE(imported.activations.size(), std::size_t(1));
        QCOMPARE(imported.activations.begin()->first, imported.graph.nodes[0].outputs[0]);
        // another reader of the raw value: the rounded one is a value of its own
        m.node("Add", {"d", "r"}, {"y2"});
        const ImportedOnnx both = importOnnx(m.file);
        Overlay overlay;
        for (const auto& [value, grid] : both.activations)
            overlay.values[value] = [grid = grid](const at::Tensor& x) { return fakeQuantize(x, grid); };
        const at::Tensor x = images({2, 3, 8, 8}) * 20, r = x.relu(), q = (r / 0.25).round().add(10).clamp(0, 255).sub(10).mul(0.25);
        QVERIFY(largestDifference(forward(both.graph, x, overlay), q + r) < 1e-6);
    }
};

MPRDO_TEST(TstOnnxImport)
#include "tst_onnx_import.moc"

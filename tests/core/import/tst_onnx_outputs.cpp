// SPDX-License-Identifier: GPL-3.0-or-later
// Models of several outputs: nothing goes without a word.
#include "core/exec/executor.h"
#include "core/import/model_file.h"
#include "core/import/onnx_import.h"
#include "core/import/onnx_outputs.h"
#include "tests/core/import/reading.h"
#include "tests/support/onnx_model.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// A body and two heads: logits of the first, boxes of the second, which also has an unknown operator.
OnnxModel twoHeads()
{
    OnnxModel m({-1, 4});
    m.random("body", {6, 4}).random("first", {3, 6}).random("second", {5, 6}).random("bias", {5});
    m.node("Gemm", {"x", "body"}, {"b"}, {{"transB", std::int64_t(1)}}).node("Relu", {"b"}, {"r"});
    m.node("Gemm", {"r", "first"}, {"logits"}, {{"transB", std::int64_t(1)}});
    m.node("Gemm", {"r", "second", "bias"}, {"g"}, {{"transB", std::int64_t(1)}}).node("Unknown", {"g"}, {"boxes"});
    m.file.outputs = {{"logits", onnx_type::kFloat, true, {-1, 3}}, {"boxes", onnx_type::kFloat, true, {-1, -1, 4}}};
    return m;
}

} // namespace

class TstOnnxOutputs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void severalAreRefused()
    {
        const auto refused = refusal([] { importOnnx(twoHeads().file); });
        QCOMPARE(fault(refused, "m.onnx"), QString());
        QCOMPARE(refused->message, QString("m.onnx: has 2 outputs, logits [N, 3] and boxes [N, ?, 4]; one can be quantized: --output NAME takes it and "
                                           "leaves out what the others alone need"));
        QCOMPARE(int(*refused->code), int(ErrorCode::Unsupported));
        ModelFile file = twoHeads().file;
        QVERIFY(describe(file).architecture.empty());
        QVERIFY(QString::fromStdString(describe(file).whyUnknown).contains("logits [N, 3] and boxes"));
    }

    void oneIsTaken()
    {
        ModelFile file = twoHeads().file;
        selectOutput(file, "logits");
        const OnnxFile& left = std::get<OnnxFile>(file);
        QCOMPARE(left.nodes.size(), std::size_t(3));
        QCOMPARE(left.initializers.size(), std::size_t(2));
        const ModelSnapshot model = describe(file);
        QCOMPARE(model.architecture, std::string("onnx"));
        QCOMPARE(model.parameters, std::int64_t(6 * 4 + 3 * 6));
        QCOMPARE(model.layers.size(), std::size_t(2));
        QCOMPARE(left.notices, (std::vector<std::string>{"Of the outputs logits is taken; boxes [N, ?, 4] is left out, here and in exports, and with it "
                                                          "2 tensors of 35 numbers that it alone reads: bias and second."}));
        const Graph graph = importOnnx(left).graph;
        QCOMPARE(graph.values.at(std::size_t(graph.outputs.at(0))).name, std::string("logits"));
        const at::Tensor x = at::ones({2, 4});
        const auto value = [&](const char* name) { return left.initializers.at(name).value; };
        QVERIFY(at::allclose(forward(graph, x), x.matmul(value("body").t()).relu().matmul(value("first").t())));
    }

    void theOtherHasItsOwnReason()
    {
        ModelFile file = twoHeads().file;
        selectOutput(file, "boxes");
        QVERIFY(QString::fromStdString(describe(file).whyUnknown).contains("Unknown boxes: the op is not supported"));
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("message");
        QTest::newRow("none of that name") << "scores" << "m.onnx: has no output named scores, it has logits [N, 3] and boxes [N, ?, 4]";
        QTest::newRow("a value inside") << "r" << "m.onnx: has no output named r, it has logits [N, 3] and boxes [N, ?, 4]";
    }
    void names()
    {
        QFETCH(QString, name);
        QFETCH(QString, message);
        ModelFile file = twoHeads().file;
        const auto refused = refusal([&] { selectOutput(file, name.toStdString()); });
        QVERIFY(refused && *refused->code == ErrorCode::Usage);
        QCOMPARE(refused->message, message);
    }

    void theOnlyOneNeedsNoName()
    {
        OnnxModel m({-1, 4});
        m.node("Relu", {"x"}, {"y"});
        ModelFile file = m.file;
        selectOutput(file, "y");
        QVERIFY(std::get<OnnxFile>(file).notices.empty());
        ModelFile checkpoint = Checkpoint{};
        std::get<Checkpoint>(checkpoint).path = "c.pth";
        const auto refused = refusal([&] { selectOutput(checkpoint, "y"); });
        QCOMPARE(refused ? refused->message : "taken", QString("c.pth: has no output named y: it is a state dict, whose network has one output"));
    }

    void whatIsNoOutput_data()
    {
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("message");
        QTest::newRow("the input") << "x" << "m.onnx: the output x is the input itself";
        QTest::newRow("an initializer") << "w" << "m.onnx: the output w is a constant, whatever the input is";
    }
    void whatIsNoOutput()
    {
        QFETCH(QString, output);
        QFETCH(QString, message);
        OnnxModel m({-1, 4});
        m.random("w", {4}).node("Add", {"x", "w"}, {"y"});
        m.file.outputs = {{output.toStdString(), onnx_type::kFloat, false, {}}};
        const auto refused = refusal([&] { importOnnx(m.file); });
        QCOMPARE(refused ? refused->message : "taken", message);
    }

    /// An output of the file that is another one under a second name.
    void anAliasIsAnOutput()
    {
        OnnxModel m({-1, 4});
        m.random("w", {4}).node("Add", {"x", "w"}, {"y"}).node("Identity", {"y"}, {"same"});
        m.file.outputs = {{"y", onnx_type::kFloat, false, {}}, {"same", onnx_type::kFloat, false, {}}};
        QCOMPARE(refusal([&] { importOnnx(m.file); })->message.section(';', 0, 0), QString("m.onnx: has 2 outputs, y and same"));
        ModelFile file = m.file;
        selectOutput(file, "same");
        QCOMPARE(std::get<OnnxFile>(file).notices, (std::vector<std::string>{"Of the outputs same is taken; y is left out, here and in exports; no tensor belongs to it alone."}));
    }
};

MPRDO_TEST(TstOnnxOutputs)
#include "tst_onnx_outputs.moc"

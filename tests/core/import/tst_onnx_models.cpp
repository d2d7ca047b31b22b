// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX files that this project did not write: ONNX's own operator tests, and networks beside the checkout.
#include "core/import/onnx_file.h"
#include "tests/core/import/reading.h"
#include "tests/support/onnx_text.h"
#include "tests/support/onnx_vectors.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <filesystem>

using namespace mprdo;
using namespace mprdo::test;

namespace {

QString model(const QString& name) { return QStringLiteral(MPRDO_SOURCE_DIR "/../shared/models/") + name; }

/// Reads are whole, or refused as what is beyond us: anything else is a fault.
QString outcomeOf(const std::string& path)
{
    const auto refused = refusal([&] {
        const OnnxFile file = readOnnx(path);
        const bool writable = std::none_of(file.nodes.begin(), file.nodes.end(), [](const OnnxNode& n) { return n.hasSubgraph; });
        if (writable && onnxText(decodeOnnx(path, encodeOnnx(file))) != onnxText(file))
            throw std::runtime_error("written and read again it is another");
    });
    if (!refused)
        return "read";
    if (const QString bad = fault(refused, QString::fromStdString(path)); !bad.isEmpty())
        return "fault: " + bad;
    return *refused->code == ErrorCode::Unsupported || *refused->code == ErrorCode::BadFile ? "refused: " + refused->message
                                                                                            : "fault: " + refused->message;
}

} // namespace

class TstOnnxModels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void operatorTests_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("least"); ///< percent that are read
        QTest::newRow("node") << "node" << 75; // onnx 1.17 has 16 % of opset 22
        QTest::newRow("simple") << "simple" << 50;
        QTest::newRow("pytorch-converted") << "pytorch-converted" << 0; // of opset 6 and older
        QTest::newRow("pytorch-operator") << "pytorch-operator" << 0;
    }
    void operatorTests()
    {
        QFETCH(QString, kind);
        QFETCH(int, least);
        const auto folders = onnxVectorFolders(kind.toStdString());
        if (folders.empty())
            QSKIP("the package libonnx-testdata is not installed");
        int read = 0, vectors = 0;
        QMap<QString, int> why;
        for (const std::string& folder : folders) {
            const QString result = outcomeOf(folder + "/model.onnx");
            QVERIFY2(!result.startsWith("fault"), qPrintable(result));
            read += result == "read";
            if (result != "read") {
                ++why[result.section("model.onnx: ", 1)];
                continue;
            }
            const OnnxFile file = readOnnx(folder + "/model.onnx");
            const auto refused = refusal([&] {
                const auto inputs = onnxVectors(folder, "input"), outputs = onnxVectors(folder, "output");
                vectors += int(inputs.size() + outputs.size());
                for (std::size_t i = 0; i < std::min(outputs.size(), file.outputs.size()); ++i) {
                    const int said = file.outputs[i].elementType; // bfloat16's bits lie in the vectors as uint16
                    QCOMPARE(outputs[i].elementType, said == onnx_type::kBfloat16 ? int(onnx_type::kUint16) : said);
                }
            });
            QVERIFY2(!refused || *refused->code == ErrorCode::Unsupported, qPrintable(refused ? refused->message : ""));
        }
        qInfo("%s: %d of %d models read, with %d tensors beside them", qPrintable(kind), read, int(folders.size()), vectors);
        for (auto it = why.cbegin(); it != why.cend(); ++it)
            qInfo("  %d: %s", it.value(), qPrintable(it.key()));
        QVERIFY(100 * read >= least * int(folders.size()));
    }
    /// Vectors whose values are known: 0 to 34 as a picture of 7 by 5, convolved with ones.
    void knownVectors()
    {
        const std::string folder = kOnnxVectors + "/node/test_conv_with_strides_no_padding";
        if (!std::filesystem::exists(folder))
            QSKIP("the package libonnx-testdata is not installed");
        const auto inputs = onnxVectors(folder, "input"), outputs = onnxVectors(folder, "output");
        QCOMPARE(inputs.size(), std::size_t(2));
        QCOMPARE(outputs.size(), std::size_t(1));
        QVERIFY(inputs[0].value.equal(at::arange(35, at::kFloat).reshape({1, 1, 7, 5})));
        QVERIFY(inputs[1].value.equal(at::ones({1, 1, 3, 3})));
        QVERIFY(outputs[0].value.allclose(at::conv2d(inputs[0].value, inputs[1].value, {}, 2)));
    }

    void networks_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("opset");
        QTest::addColumn<QString>("ops"); ///< how many of each
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<int>("batch");
        // 269,722 parameters as PyTorch counts them, 688 channels with batch norm.
        QTest::newRow("ResNet-20, opset 13") << "resnet20_opset13.onnx"
            << 13
            << "9 Add, 1 AveragePool, 2 Cast, 3 Concat, 38 Constant, 2 ConstantOfShape, 19 Conv, 1 Gather, 1 Gemm, 3 Pad, 19 Relu, "
               "5 Reshape, 1 Shape, 6 Slice, 2 Transpose, 1 Unsqueeze"
            << qint64(269722 - 688) << -1; // a bias for scale and shift

        QTest::newRow("ResNet-20, opset 11, batch norm apart") << "resnet20_opset11_unfolded.onnx"
            << 11
            << "9 Add, 1 AveragePool, 19 BatchNormalization, 4 Cast, 3 Concat, 41 Constant, 2 ConstantOfShape, 19 Conv, 3 Gather, 1 Gemm, "
               "2 Mul, 3 Pad, 19 Relu, 5 Reshape, 3 Shape, 6 Slice, 2 Sub, 2 Transpose, 2 Unsqueeze"
            << qint64(269722 + 2 * 688) << 1; // means and variances

    }
    void networks()
    {
        QFETCH(QString, name);
        QFETCH(int, opset);
        QFETCH(QString, ops);
        QFETCH(qint64, parameters);
        QFETCH(int, batch);
        const QString path = model(name);
        if (!QFile::exists(path))
            QSKIP(qPrintable(path + " is not there"));
        const OnnxFile file = readOnnx(path.toStdString());
        QCOMPARE(file.opset, std::int64_t(opset));
        QCOMPARE(file.fileBytes, std::int64_t(QFileInfo(path).size()));
        QMap<QString, int> counts;
        for (const OnnxNode& node : file.nodes)
            ++counts[QString::fromStdString(node.op)];
        QStringList all;
        for (auto it = counts.cbegin(); it != counts.cend(); ++it)
            all << QString("%1 %2").arg(it.value()).arg(it.key());
        QCOMPARE(all.join(", "), ops);
        qint64 count = 0;
        for (const auto& [tensorName, tensor] : file.initializers)
            count += tensor.value.is_floating_point() ? tensor.value.numel() : 0;
        QCOMPARE(count, parameters);
        QCOMPARE(file.inputs.size(), std::size_t(1));
        QCOMPARE(file.inputs[0].shape, (std::vector<std::int64_t>{batch, 3, 32, 32}));
        QCOMPARE(outcomeOf(path.toStdString()), QString("read"));
    }
};

MPRDO_TEST(TstOnnxModels)
#include "tst_onnx_models.moc"

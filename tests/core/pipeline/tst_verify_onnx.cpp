// SPDX-License-Identifier: GPL-3.0-or-later
// The real ONNX Runtime against this program, on what this program writes.
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/export/onnx_export.h"
#include "core/import/onnx_import.h"
#include "core/import/onnx_outputs.h"
#include "core/pipeline/onnx_runtime.h"
#include "core/pipeline/verify_onnx.h"
#include "tests/core/export/export_fixture.h"
#include "tests/core/pipeline/runtime_there.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/single_ops.h"
#include "tests/support/onnx_model.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;

namespace {

using test::whyNoRuntime;

ImageSet imagesOfShape(const std::vector<std::int64_t>& shape, std::int64_t count)
{
    auto g = generator(6, "images");
    ImageSet set;
    set.images = at::randint(256, {count, shape[0], shape[1], shape[2]}, g, at::kByte);
    set.labels = at::randint(10, {count}, g, at::kLong);
    set.preprocessing = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    return set;
}

} // namespace

class TstVerifyOnnx : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comparing_data()
    {
        QTest::addColumn<std::vector<double>>("ours");
        QTest::addColumn<std::vector<double>>("theirs");
        QTest::addColumn<bool>("rounded");
        QTest::addColumn<int>("same");
        QTest::addColumn<int>("undecided");
        QTest::addColumn<bool>("holds");
        using L = std::vector<double>;
        QTest::newRow("equal") << L{1, 2, 3} << L{1, 2, 3} << false << 1 << 0 << true;
        QTest::newRow("within the bound") << L{1, 2, -10} << L{1, 2.0009, -10} << false << 1 << 0 << true;
        QTest::newRow("beyond the bound") << L{1, 2, -10} << L{1, 2.0011, -10} << false << 1 << 0 << false;
        QTest::newRow("another class, undecided") << L{10, 10.0005, 0} << L{10.0005, 10, 0} << false << 0 << 1 << true;
        QTest::newRow("another class") << L{10, 10.002, 0} << L{10.0025, 10.0015, 0} << false << 0 << 0 << false;
        QTest::newRow("rounded, far away but the same class") << L{1, 2, 3} << L{1.5, 2.5, 3} << true << 1 << 0 << true;
        QTest::newRow("rounded, another class") << L{1, 2, 3} << L{1, 4, 3} << true << 0 << 0 << false;
    }
    void comparing()
    {
        QFETCH(std::vector<double>, ours);
        QFETCH(std::vector<double>, theirs);
        QFETCH(bool, rounded);
        const auto row = [](const std::vector<double>& v) { return at::tensor(v, at::kDouble).to(at::kFloat).reshape({1, -1}); };
        const RuntimeAgreement a = compareLogits("x.onnx", row(ours), row(theirs), at::tensor({std::int64_t(2)}, at::kLong), rounded);
        QTEST(int(a.sameTop1), "same");
        QTEST(int(a.undecided), "undecided");
        QTEST(a.holds, "holds");
        QVERIFY_EXCEPTION_THROWN(compareLogits("x.onnx", row(ours), row({1, 2}), at::tensor({std::int64_t(2)}, at::kLong), rounded), Error);
    }

    void everyOp_data()
    {
        QTest::addColumn<int>("opset");
        QTest::newRow("opset 21") << 21;
        QTest::newRow("opset 13") << 13;
    }
    void everyOp()
    {
        if (!whyNoRuntime().isEmpty())
            QSKIP(qPrintable(whyNoRuntime()));
        QFETCH(int, opset);
        QTemporaryDir folder;
        std::vector<std::string> names;
        std::vector<RuntimeJob> jobs;
        std::vector<at::Tensor> expected;
        auto g = generator(7, "runtime");
        const auto add = [&](const std::string& name, const QuantizedModel& quantized) {
            std::vector<std::int64_t> shape = quantized.graph->values[std::size_t(quantized.graph->inputs[0])].shape;
            shape[0] = 3;
            ExportedModel model;
            model.model = quantized;
            names.push_back(name);
            jobs.push_back({folder.filePath(QString("%1.onnx").arg(jobs.size())).toStdString(), at::randn(shape, g), "all"});
            writeOnnx(jobs.back().model, model, {opset});
            expected.push_back(forward(*quantized.graph, jobs.back().input, quantized.overlay()));
        };
        for (const test::SingleOp& op : test::singleOps())
            add(op.name, {std::make_shared<const Graph>(op.graph()), {}, {}, {}});
        for (const test::LayerKind& kind : test::layerKinds()) {
            const auto graph = std::make_shared<const Graph>(kind.graph());
            for (const Bits bits : {Bits(2), Bits(3), Bits(4), Bits(6), Bits(8), kKeepFp32})
                for (const GridMode mode : {GridMode::Symmetric, GridMode::Affine})
                    add(text(kind.name, ", ", bits, " bits"), quantizeNearest(graph, {{bits}}, mode));
        }
        const RuntimeAnswers made = runOnnxRuntime(jobs, {}, RunControl());
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            QVERIFY2(made.outputs[i].sizes() == expected[i].sizes(), names[i].c_str());
            const at::Tensor same = made.outputs[i].isnan() & expected[i].isnan();
            const double difference = (made.outputs[i] - expected[i]).masked_fill(same, 0).abs().max().item<double>(), largest = expected[i].nan_to_num().abs().max().item<double>();
            QVERIFY2(difference <= 1e-5 * std::max(1.0, largest), qPrintable(QString("%1: %2").arg(names[i].c_str()).arg(difference)));
        }
    }

    void networks_data()
    {
        QTest::addColumn<int>("opset");
        QTest::addColumn<bool>("activations");
        for (const int opset : {21, 13})
            for (const bool activations : {false, true})
                QTest::addRow("opset %d, %s", opset, activations ? "activations rounded" : "weights alone") << opset << activations;
    }
    void networks()
    {
        if (!whyNoRuntime().isEmpty())
            QSKIP(qPrintable(whyNoRuntime()));
        QFETCH(int, opset);
        QFETCH(bool, activations);
        QTemporaryDir folder;
        ExportedModel model = test::exportedModel(test::residualNetwork(1, 8), {4, 2, 8, 3, 6, 5}, GridMode::Auto);
        if (activations)
            model = test::withActivations(model);
        const std::string path = folder.filePath("network.onnx").toStdString();
        writeOnnx(path, model, {opset});
        const ImageSet images = imagesOfShape({3, 32, 32}, 60);
        const OnnxVerification v = verifyOnnx(path, model.model, images, {}, RunControl());
        QCOMPARE(v.images, std::int64_t(60));
        QCOMPARE(v.roundedActivations, activations);
        QCOMPARE(v.levels.size(), std::size_t(2));
        QVERIFY(v.runtime.starts_with("ONNX Runtime 1."));
        if (!activations) // rounded ones of random weights: a tie in 60 images would be beyond the bound for thousands
            QVERIFY2(v.holds(), qPrintable(QString::number(v.levels[0].largestDifference)));
        for (const RuntimeAgreement& level : v.levels)
            QVERIFY(level.sameTop1 + level.undecided >= 59);
        // another network is told apart
        QuantizedModel other = model.model;
        other.weights.begin()->second.codes = other.weights.begin()->second.codes.flip({0});
        const OnnxVerification w = verifyOnnx(path, other, images, {}, RunControl());
        QVERIFY(w.levels[0].largestDifference > 10 * v.levels[0].largestDifference + 0.01);
        QVERIFY(activations || !w.holds());
    }

    /// Files as others export them: a batch of one size, 16-bit inputs, a cast at the start.
    void asTheFileIsFed_data()
    {
        QTest::addColumn<int>("batch"); // -1: free
        QTest::addColumn<int>("type");
        QTest::addColumn<bool>("casts");
        QTest::newRow("a batch of 1") << 1 << onnx_type::kFloat << false;
        QTest::newRow("a batch of 4, the last one not full") << 4 << onnx_type::kFloat << false;
        QTest::newRow("FP16") << -1 << onnx_type::kFloat16 << false;
        QTest::newRow("FP16, a batch of 7") << 7 << onnx_type::kFloat16 << false;
        QTest::newRow("FP64") << -1 << onnx_type::kDouble << false;
        QTest::newRow("FP32, cast to FP16") << -1 << onnx_type::kFloat << true;
    }
    void asTheFileIsFed()
    {
        if (!whyNoRuntime().isEmpty())
            QSKIP(qPrintable(whyNoRuntime()));
        QFETCH(int, batch);
        QFETCH(int, type);
        QFETCH(bool, casts);
        const int inside = casts ? onnx_type::kFloat16 : type;
        const auto tensor = [](const at::Tensor& value, int elementType) {
            return OnnxTensor{value.to(elementType == onnx_type::kFloat16 ? at::kHalf : elementType == onnx_type::kDouble ? at::kDouble : at::kFloat), elementType};
        };
        test::OnnxModel m({batch, 3, 32, 32});
        m.file.inputs[0].elementType = type;
        auto g = generator(8, "fed");
        m.file.initializers["w"] = tensor(at::randn({8, 3, 3, 3}, g) * 0.2, inside);
        m.file.initializers["k"] = tensor(at::randn({10, 8}, g) * 0.5, inside);
        m.file.initializers["b"] = tensor(at::randn({10}, g), inside);
        if (casts)
            m.node("Cast", {"x"}, {"h"}, {{"to", std::int64_t(inside)}});
        if (type == onnx_type::kDouble) { // the runtime has no convolution of these
            m.file.initializers["k"] = tensor(at::randn({10, 3072}, g) * 0.02, inside);
            m.node("Flatten", {"x"}, {"f"});
        } else {
            m.node("Conv", {casts ? "h" : "x", "w"}, {"c"}).node("Relu", {"c"}, {"r"}).node("GlobalAveragePool", {"r"}, {"p"}).ints("n", {batch, 8});
            m.node("Reshape", {"p", "n"}, {"f"});
        }
        m.node("Gemm", {"f", "k", "b"}, {"y"}, {{"transB", std::int64_t(1)}});
        m.file.outputs[0] = {"y", inside, true, {batch, 10}};
        const test::TinyCase images;
        VerifyConfig config;
        config.modelPath = images.path("m.onnx");
        config.dataPath = images.path("data");
        config.test = 10;
        writeFile(config.modelPath, encodeOnnx(m.file));
        const auto outcome = verifyOnnxFile(config, RunControl());
        if (const auto* failure = std::get_if<Failure>(&outcome))
            QFAIL(failure->message.c_str());
        const auto& v = std::get<OnnxVerification>(outcome);
        QCOMPARE(v.images, std::int64_t(10));
        QCOMPARE(v.bound, inside == onnx_type::kFloat16 ? kVerifiedHalfDifference : kVerifiedDifference);
        for (const RuntimeAgreement& level : v.levels)
            QVERIFY2(level.largestDifference <= (inside == onnx_type::kFloat16 ? 2e-3 : 1e-5), qPrintable(QString::number(level.largestDifference)));
        QVERIFY(v.holds());
    }

    /// Every file of ../shared/cases that opens says what ONNX Runtime says.
    void sharedCases_data()
    {
        QTest::addColumn<QString>("file");
        const QDir folder(QStringLiteral(MPRDO_SOURCE_DIR "/../shared/cases"));
        for (const QString& file : folder.entryList({"*.onnx"}, QDir::Files, QDir::Name))
            QTest::newRow(qPrintable(file)) << folder.filePath(file);
        if (folder.entryList({"*.onnx"}, QDir::Files).isEmpty())
            QTest::newRow("absent") << QString();
    }
    void sharedCases()
    {
        QFETCH(QString, file);
        if (file.isEmpty())
            QSKIP("there is no ../shared/cases");
        if (!whyNoRuntime().isEmpty())
            QSKIP(qPrintable(whyNoRuntime()));
        static const std::map<QString, QString> refused{{"02", "has 2 outputs, "}, {"14", "it is in training form"}, {"17", ""}, {"18", ""}};
        std::string path = file.toStdString();
        OnnxFile model = readOnnx(path);
        OnnxImportOptions size; // of the images, where the file leaves it open
        size.inputShape = {3, 32, 32};
        const auto why = refused.find(QFileInfo(file).fileName().left(2));
        ImportedOnnx imported;
        try {
            imported = importOnnx(model, size);
        } catch (const Error& e) {
            QVERIFY2(why != refused.end() && QString(e.what()).contains(why->second), e.what());
            if (why->first != "02")
                return;
            takeOutput(model, model.outputs[1].name);
            imported = importOnnx(model, size);
        }
        QTemporaryDir folder;
        if (QFileInfo(file).fileName().startsWith("21")) { // the runtime refuses what no output needs: it gets what was read
            path = folder.filePath("read.onnx").toStdString();
            writeFile(path, encodeOnnx(model));
        }
        std::vector<std::int64_t> shape = imported.graph.values.at(std::size_t(imported.graph.inputs.at(0))).shape;
        shape[0] = 5;
        auto g = generator(3, "cases");
        const at::Tensor x = at::randn(shape, g), ours = forward(imported.graph, x);
        const at::Tensor theirs = runOnnxRuntime({{path, x, "disabled", RuntimeInput::of(model)}}, {}, RunControl()).outputs.at(0);
        QCOMPARE(theirs.sizes(), ours.sizes());
        QVERIFY2(((ours - theirs).abs().max() <= 1e-5 * ours.abs().max()).item<bool>(), qPrintable(QString::number((ours - theirs).abs().max().item<double>())));
    }

    void refusedFilesAreNamed()
    {
        if (!whyNoRuntime().isEmpty())
            QSKIP(qPrintable(whyNoRuntime()));
        QTemporaryDir folder;
        QFile file(folder.filePath("bad.onnx"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("nothing") == 7);
        file.close();
        try {
            runOnnxRuntime({{file.fileName().toStdString(), at::ones({1, 3, 2, 2}), "all"}}, {}, RunControl());
            QFAIL("taken");
        } catch (const Error& e) {
            QCOMPARE(int(e.code()), int(ErrorCode::BadFile));
            QVERIFY2(QByteArray(e.what()).startsWith(file.fileName().toUtf8() + ": ONNX Runtime refuses it"), e.what());
        }
    }
};

MPRDO_TEST(TstVerifyOnnx)
#include "tst_verify_onnx.moc"

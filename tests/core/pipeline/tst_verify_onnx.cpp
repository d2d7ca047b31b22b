// SPDX-License-Identifier: GPL-3.0-or-later
// The real ONNX Runtime against this program, on what this program writes.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/export/onnx_export.h"
#include "core/pipeline/onnx_runtime.h"
#include "core/pipeline/verify_onnx.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/single_ops.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;

namespace {

/// Why the runtime cannot be asked, empty when it can.
QString whyNoRuntime()
{
    static const QString why = [] {
        QTemporaryDir folder;
        const std::string path = folder.filePath("a.onnx").toStdString();
        GraphBuilder b;
        ExportedModel model;
        model.model.graph = std::make_shared<const Graph>(b.finish(b.relu("relu", b.input("x", {3, 2, 2})), "test"));
        writeOnnx(path, model);
        try {
            runOnnxRuntime({{path, at::ones({1, 3, 2, 2}), "disabled"}}, {}, RunControl());
        } catch (const Error& e) {
            if (e.code() == ErrorCode::Unsupported)
                return QString::fromStdString(e.what());
        }
        return QString();
    }();
    return why;
}

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

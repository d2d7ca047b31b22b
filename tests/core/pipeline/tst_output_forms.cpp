// SPDX-License-Identifier: GPL-3.0-or-later
// Networks that end in a softmax or in sigmoids, through all stages: what is measured does not depend on what stands behind the logits.
#include "core/base/random.h"
#include "core/export/quant_export.h"
#include "core/graph/graph.h"
#include "core/graph/passes.h"
#include "tests/support/npy_files.h"
#include "tests/support/tiny_case.h"
#include "tests/support/test_registry.h"
#include <QFileInfo>
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;
using namespace mprdo::test;
using nlohmann::json;

namespace {

constexpr int kTrain = 80, kTest = 60;

QString shared(const QString& name) { return QStringLiteral(MPRDO_SOURCE_DIR "/../shared/cases/") + name; }

/// Two layers, and what `ending` says.
std::string description(const QString& ending)
{
    return R"({"name": "two-layers", "input": [3, 32, 32], "nodes": [
 {"op": "conv2d", "name": "c", "attributes": {"stride": 4}}, {"op": "relu"}, {"op": "avg_pool2d", "attributes": {"kernel": 8}},
 {"op": "flatten"}, {"op": "linear", "name": "fc"})"
           + ending.toStdString() + "]}";
}

/// A number per row and column; NaN equals NaN.
bool equal(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < a[i].size(); ++k)
            if (a[i].size() != b[i].size() || !(a[i][k] == b[i][k] || (std::isnan(a[i][k]) && std::isnan(b[i][k]))))
                return false;
    return true;
}

class FormsCase {
public:
    FormsCase()
    {
        auto g = generator(3, "forms");
        const at::Tensor conv = at::randn({6, 3, 3, 3}, g), one = at::randn({1, 6}, g) * 0.5, bias = at::randn({1}, g) * 0.1;
        const auto write = [&](int outputs, const at::Tensor& weight, const at::Tensor& b) {
            writeFile(path(QString("net%1.safetensors").arg(outputs)), encodeSafetensors({{"c.weight", conv}, {"fc.weight", weight}, {"fc.bias", b}}));
        };
        write(1, one, bias);
        write(2, at::cat({at::zeros_like(one), one}), at::cat({at::zeros_like(bias), bias}));
        write(10, at::randn({10, 6}, g) * 0.5, at::randn({10}, g) * 0.1);
        for (const char* part : {"train", "test"}) {
            const int count = *part == 't' && part[1] == 'r' ? kTrain : kTest;
            const at::Tensor images = at::randint(0, 256, {count, 3, 32, 32}, g, at::TensorOptions().dtype(at::kByte));
            const QByteArray bytes = npyOfHead(npyHead("|u1", "(" + std::to_string(count) + ", 3, 32, 32)"),
                                               QByteArray(reinterpret_cast<const char*>(images.data_ptr<std::uint8_t>()), images.numel()));
            for (const int classes : {0, 2, 10}) {
                const QString folder = m_dir.filePath(QString("data%1").arg(classes));
                QDir().mkpath(folder);
                writeBytes(folder + '/' + part + "_images.npy", bytes);
                std::vector<std::int64_t> labels;
                for (int i = 0; i < count; ++i)
                    labels.push_back(i * 7 % 5 % std::max(classes, 1) + (classes == 10 ? 5 * (i % 2) : 0));
                if (classes > 0)
                    writeBytes(folder + '/' + part + "_labels.npy",
                               npyOfHead(npyHead("<i8", "(" + std::to_string(count) + ",)"), npyElements<std::int64_t>(labels)));
            }
        }
    }

    std::string path(const QString& name) const { return m_dir.filePath(name).toStdString(); }

    RunConfig config(int outputs, int classes, const QString& ending, const QString& out)
    {
        RunConfig c;
        c.modelPath = path(QString("net%1.safetensors").arg(outputs));
        c.architecture = path(out + ".json");
        writeFile(c.architecture, description(ending));
        c.dataPath = path(QString("data%1").arg(classes));
        c.calibration = c.holdOut = 32;
        c.test = 40;
        c.bits = {2, 4, 8};
        c.target = TargetBits{4};
        c.effort = Effort::Fast;
        c.threads = 1;
        c.out = path(out);
        c.exports.formats = {ExportFormat::Pt, ExportFormat::Json, ExportFormat::Coded, ExportFormat::Onnx, ExportFormat::Safetensors, ExportFormat::C};
        return c;
    }

private:
    QTemporaryDir m_dir;
};

} // namespace

class TstOutputForms : public QObject {
    Q_OBJECT
    FormsCase m_case;

private Q_SLOTS:
    void aSoftmaxBehindItChangesNothing_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<int>("classes");
        QTest::newRow("softmax") << R"(, {"op": "softmax"})" << 10;
        QTest::newRow("log softmax") << R"(, {"op": "softmax", "attributes": {"log": 1}})" << 10;
        QTest::newRow("softmax, no labels") << R"(, {"op": "softmax"})" << 0;
    }
    void aSoftmaxBehindItChangesNothing()
    {
        QFETCH(QString, ending);
        QFETCH(int, classes);
        const RunReport plain = opened(m_case.config(10, classes, "", "plain"))->runAll(RunControl());
        const RunReport with = opened(m_case.config(10, classes, ending, "with"))->runAll(RunControl());
        QCOMPARE(with.allocation.bits, plain.allocation.bits);
        for (const Metric metric : kMetrics)
            QVERIFY2(equal(with.sensitivity->distortion.at(metric), plain.sensitivity->distortion.at(metric)), std::string(name(metric)).c_str());
        QCOMPARE(with.methods.size(), plain.methods.size());
        for (std::size_t i = 0; i < plain.methods.size(); ++i) {
            QCOMPARE(with.methods[i].holdOutKl, plain.methods[i].holdOutKl);
            QCOMPARE(with.methods[i].evaluation.loss, plain.methods[i].evaluation.loss);
            QCOMPARE(*with.methods[i].evaluation.predictions, *plain.methods[i].evaluation.predictions);
            QCOMPARE(with.methods[i].storedBytes, plain.methods[i].storedBytes);
        }
        QCOMPARE(json::parse(with.json)["model"]["fingerprint"], json::parse(plain.json)["model"]["fingerprint"]);
    }

    void exportsKeepTheOutput_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* file : {"quant_export.pt", "quant_export.mprz", "quant_export.safetensors"})
            QTest::newRow(file) << file;
    }
    void exportsKeepTheOutput()
    {
        QFETCH(QString, file);
        static const RunReport report = opened(m_case.config(10, 10, R"(, {"op": "softmax"})", "kept"))->runAll(RunControl());
        const ExportedModel read = readQuantExport(m_case.path("kept/" + file));
        QVERIFY(read.model.graph->nodes.back().op == Op::Softmax);
        EvaluateConfig again;
        again.modelPath = m_case.path("kept/" + file);
        again.dataPath = m_case.path("data10");
        again.test = 40;
        again.threads = 1;
        const auto row = evaluateFile(again, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(row));
        QCOMPARE(std::get<MethodRow>(row).evaluation.correct, report.methods.back().evaluation.correct);
        QCOMPARE(std::get<MethodRow>(row).evaluation.loss, report.methods.back().evaluation.loss);
        const json text = json::parse(readFile(m_case.path("kept/quant_export.json")));
        QCOMPARE(text["graph"]["nodes"].back()["op"].get<std::string>(), std::string("softmax"));
    }

    /// One sigmoid z is the softmax of 0 and z: a network of two outputs that makes these gives the same figures.
    void oneSigmoidIsATwoClassProblem_data()
    {
        QTest::addColumn<int>("classes");
        QTest::newRow("labels of two classes") << 2;
        QTest::newRow("no labels") << 0;
    }
    void oneSigmoidIsATwoClassProblem()
    {
        QFETCH(int, classes);
        const RunReport report = opened(m_case.config(1, classes, R"(, {"op": "sigmoid"})", "one"))->runAll(RunControl());
        const RunReport two = opened(m_case.config(2, classes, "", "two"))->runAll(RunControl());
        QCOMPARE(report.data.classes.size(), std::size_t(2));
        for (const Metric metric : {Metric::Kl, Metric::Loss})
            QVERIFY2(equal(report.sensitivity->distortion.at(metric), two.sensitivity->distortion.at(metric)), std::string(name(metric)).c_str());
        QVERIFY(report.sensitivity->distortion.at(Metric::Kl)[0][0] > 0);
        for (std::size_t i = 0; i < 3; ++i) { // FP32, uniform 8-bit, naive 8-bit
            QCOMPARE(*report.methods[i].evaluation.predictions, *two.methods[i].evaluation.predictions);
            QCOMPARE(report.methods[i].evaluation.loss, two.methods[i].evaluation.loss);
        }
        QVERIFY(report.methods.back().holdOutKl > 0);
        QVERIFY(QFileInfo(QString::fromStdString(m_case.path("one/quant_export.c"))).size() > 0);
    }

    void sigmoidsAreIndependent()
    {
        const RunReport report = opened(m_case.config(10, 10, R"(, {"op": "sigmoid"})", "many"))->runAll(RunControl());
        const RunReport softmax = opened(m_case.config(10, 10, "", "one choice"))->runAll(RunControl());
        QCOMPARE(report.data.classes.size(), std::size_t(10));
        QCOMPARE(*report.methods.front().evaluation.predictions, *softmax.methods.front().evaluation.predictions); // the largest answers
        QVERIFY(report.methods.front().evaluation.loss > softmax.methods.front().evaluation.loss); // nine more that should not be taken
        for (const Metric metric : kMetrics)
            for (const auto& row : report.sensitivity->distortion.at(metric))
                for (const double d : row)
                    QVERIFY2(std::isfinite(d) && d >= 0, std::string(name(metric)).c_str());
    }

    void fineTuningKnowsSigmoids()
    {
        for (const int outputs : {1, 10}) {
            RunConfig config = m_case.config(outputs, outputs == 1 ? 2 : 10, R"(, {"op": "sigmoid"})", "tuned");
            config.fineTuneEpochs = 1;
            config.stopAfter = Stage::FineTune;
            QVERIFY(opened(config)->runAll(RunControl()).stages.front().run);
        }
    }

    void oneNumberWithoutASigmoidIsRefused()
    {
        const auto outcome = openSession(m_case.config(1, 0, "", "value"), RunControl());
        QVERIFY(std::holds_alternative<Failure>(outcome));
        const QString message = QString::fromStdString(std::get<Failure>(outcome).message);
        QVERIFY2(message.contains("no sigmoid stands behind it"), qPrintable(message));
    }

    void tenClassesDoNotFitOneSigmoid()
    {
        const auto outcome = openSession(m_case.config(1, 10, R"(, {"op": "sigmoid"})", "ten"), RunControl());
        QVERIFY(std::holds_alternative<Failure>(outcome));
    }

    // --- files of others -------------------------------------------------------------------------------------------------

    void filesOfOthers_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("classes");
        QTest::newRow("one sigmoid") << "01_one_output.onnx" << 2;
        QTest::newRow("plain") << "03_scale_k1.onnx" << 0;
        QTest::newRow("rescaled by 10,000") << "03_scale_k10000.onnx" << 0;
        QTest::newRow("softmax") << "04_softmax_end.onnx" << 0;
        QTest::newRow("[N, C, 1, 1]") << "12_output_N_C_1_1.onnx" << 0;
    }
    void filesOfOthers()
    {
        QFETCH(QString, file);
        QFETCH(int, classes);
        if (!QFileInfo::exists(shared(file)))
            QSKIP("there is no ../shared/cases");
        RunConfig config = m_case.config(10, 0, "", "others");
        config.modelPath = shared(file).toStdString();
        config.architecture.clear();
        config.bits = {4, 8};
        config.target = TargetBits{6};
        const RunReport report = opened(config)->runAll(RunControl());
        if (classes > 0)
            QCOMPARE(int(report.data.classes.size()), classes);
        const auto uniform = std::find_if(report.methods.begin(), report.methods.end(), [](const MethodRow& r) { return r.method == "Uniform 8-bit PTQ"; });
        QVERIFY2(uniform->agreementPercent >= 90, qPrintable(QString::number(uniform->agreementPercent)));
        QVERIFY(uniform->holdOutKl > 0);
        s_figures[file] = {uniform->holdOutKl, uniform->agreementPercent};
        if (file == "04_softmax_end.onnx" && s_figures.contains("03_scale_k1.onnx"))
            QCOMPARE(uniform->holdOutKl, s_figures["03_scale_k1.onnx"].first);
        if (file == "03_scale_k10000.onnx" && s_figures.contains("03_scale_k1.onnx")) {
            QVERIFY(std::abs(uniform->holdOutKl - s_figures["03_scale_k1.onnx"].first) < 0.2 * uniform->holdOutKl);
            QVERIFY(std::abs(uniform->agreementPercent - s_figures["03_scale_k1.onnx"].second) <= 5);
        }
    }

private:
    static inline QMap<QString, std::pair<double, double>> s_figures;
};

MPRDO_TEST(TstOutputForms)
#include "tst_output_forms.moc"

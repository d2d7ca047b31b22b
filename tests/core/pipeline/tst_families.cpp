// SPDX-License-Identifier: GPL-3.0-or-later
// Every family of networks, and one that is only described, through all stages and back from the export.
#include "core/base/files.h"
#include "core/import/checkpoint.h"
#include "tests/support/test_registry.h"
#include "tests/support/thin_network.h"
#include "tests/support/tiny_case.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// A plain network of two layers.
const char* const kDescription = R"({"name": "two-layers", "input": [3, 32, 32], "nodes": [
 {"op": "conv2d", "name": "c", "attributes": {"stride": 2}}, {"op": "relu"},
 {"op": "avg_pool2d", "attributes": {"kernel": 5}}, {"op": "flatten"}, {"op": "linear", "name": "fc"}]})";

} // namespace

class TstFamilies : public QObject {
    Q_OBJECT
    TinyCase m_case;

private Q_SLOTS:
    void wholeRun_data()
    {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<int>("layers");
        QTest::newRow("vgg11-bn-cifar") << "vgg11-bn-cifar" << 9;
        QTest::newRow("mobilenet-v2-cifar") << "mobilenet-v2-cifar" << 53;
        QTest::newRow("densenet121") << "densenet121" << 121;
        QTest::newRow("resnet50") << "resnet50" << 54;
        QTest::newRow("described") << "" << 2;
    }
    void wholeRun()
    {
        QFETCH(QString, architecture);
        QFETCH(int, layers);
        StateDict state;
        if (architecture.isEmpty())
            state = {{"c.weight", at::randn({6, 3, 3, 3})}, {"fc.weight", at::randn({10, 54})}, {"fc.bias", at::zeros({10})}};
        else
            state = thinStateDict(architecture.toStdString(), 10);
        writeFile(m_case.path("thin.safetensors"), encodeSafetensors({state.begin(), state.end()}));
        RunConfig config = m_case.config();
        config.modelPath = m_case.path("thin.safetensors");
        config.fineTuneEpochs = 1; // batch norms that no convolution stands before are trained, too
        config.threads = 1;
        config.calibration = config.holdOut = 8;
        config.test = 16;
        config.bits = {4, 8};
        config.target = TargetBits{6};
        if (architecture.isEmpty()) {
            config.architecture = m_case.path("net.json");
            writeFile(config.architecture, kDescription);
        }
        const RunReport report = opened(config)->runAll(RunControl());
        QCOMPARE(QString::fromStdString(report.model.architecture), architecture.isEmpty() ? "two-layers" : architecture);
        QCOMPARE(int(report.model.layers.size()), layers);
        QVERIFY(report.methods.size() >= 4);

        EvaluateConfig again;
        again.modelPath = config.out + "/quant_export.pt";
        again.dataPath = config.dataPath;
        again.test = config.test;
        again.threads = 1;
        const auto read = evaluateFile(again, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(read));
        const auto best = std::find_if(report.methods.begin(), report.methods.end(),
                                       [](const MethodRow& row) { return row.method == "MPRDO-PTQ"; });
        QVERIFY(best != report.methods.end());
        QCOMPARE(std::get<MethodRow>(read).evaluation.correct, best->evaluation.correct);

        if (architecture.isEmpty()) {
            EvaluateConfig plain = again;
            plain.modelPath = config.modelPath;
            QVERIFY(std::holds_alternative<Failure>(evaluateFile(plain, RunControl())));
            plain.architecture = config.architecture;
            QVERIFY(std::holds_alternative<MethodRow>(evaluateFile(plain, RunControl())));
            const auto seen = inspectFile(config.modelPath, config.architecture);
            QVERIFY(std::holds_alternative<ModelSnapshot>(seen));
            QCOMPARE(std::get<ModelSnapshot>(seen).architecture, std::string("two-layers"));
            const std::string json = readFile(config.out + "/final_report.json");
            QVERIFY(json.find("\"architecture\": \"net.json\"") != std::string::npos);
        }
    }
};

MPRDO_TEST(TstFamilies)
#include "tst_families.moc"

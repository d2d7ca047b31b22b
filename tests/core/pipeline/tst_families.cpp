// SPDX-License-Identifier: GPL-3.0-or-later
// Every family of networks through all stages and back from the export.
#include "core/base/files.h"
#include "core/import/checkpoint.h"
#include "tests/support/test_registry.h"
#include "tests/support/thin_network.h"
#include "tests/support/tiny_case.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

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
    }
    void wholeRun()
    {
        QFETCH(QString, architecture);
        QFETCH(int, layers);
        const StateDict state = thinStateDict(architecture.toStdString(), 10);
        writeFile(m_case.path("thin.safetensors"), encodeSafetensors({state.begin(), state.end()}));
        RunConfig config = m_case.config();
        config.modelPath = m_case.path("thin.safetensors");
        config.fineTuneEpochs = 1; // batch norms that no convolution stands before are trained, too
        config.threads = 1;
        config.calibration = config.holdOut = 8;
        config.test = 16;
        config.bits = {4, 8};
        config.target = TargetBits{6};
        const RunReport report = opened(config)->runAll(RunControl());
        QCOMPARE(QString::fromStdString(report.model.architecture), architecture);
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
    }
};

MPRDO_TEST(TstFamilies)
#include "tst_families.moc"

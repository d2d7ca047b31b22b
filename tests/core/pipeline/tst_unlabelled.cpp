// SPDX-License-Identifier: GPL-3.0-or-later
// Images without labels: the same runs as with labels, but what counts is agreement with FP32.
#include "core/data/dataset.h"
#include "core/import/demo_network.h"
#include "tests/support/npy_files.h"
#include "tests/support/tiny_case.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;
using namespace mprdo::test;
using nlohmann::json;

namespace {

constexpr int kTrain = 120, kTest = 90, kEvaluation = 60;

/// The demo's network and some of its images as NumPy arrays, once with labels and once without.
class DemoCase {
public:
    DemoCase()
    {
        writeFile(path("demo.safetensors"), demoNetworkFile());
        const Dataset demo = demoDataset();
        for (const char* folder : {"labelled", "unlabelled"}) {
            writeArrays(folder, "train", demo.train.slice(0, kTrain));
            writeArrays(folder, "test", demo.test.slice(0, kTest));
        }
    }

    std::string path(const QString& name) const { return m_dir.filePath(name).toStdString(); }

    RunConfig config(bool labelled, const QString& out) const
    {
        RunConfig c;
        c.modelPath = path("demo.safetensors");
        c.dataPath = path(labelled ? "labelled" : "unlabelled");
        c.mean = Rgb{0.5, 0.5, 0.5};
        c.std = Rgb{0.25, 0.25, 0.25};
        c.calibration = 32;
        c.holdOut = 32;
        c.test = kEvaluation;
        c.bits = {2, 8};
        c.target = TargetBits{4.0};
        c.effort = Effort::Fast;
        c.skip = {Stage::Scales, Stage::Rounding}; // they take the time and know nothing of labels
        c.out = path(out);
        return c;
    }

private:
    void writeArrays(const QString& folder, const QString& part, const ImageSet& set) const
    {
        const at::Tensor images = set.images.contiguous(), labels = set.labels.contiguous();
        const std::string n = std::to_string(set.size());
        writeBytes(m_dir.filePath(folder + '/' + part + "_images.npy"),
                   npyOfHead(npyHead("|u1", "(" + n + ", 3, 32, 32)"),
                             QByteArray(reinterpret_cast<const char*>(images.data_ptr<std::uint8_t>()), images.numel())));
        if (folder == "labelled")
            writeBytes(m_dir.filePath(folder + '/' + part + "_labels.npy"),
                       npyOfHead(npyHead("<i8", "(" + n + ",)"),
                                 QByteArray(reinterpret_cast<const char*>(labels.data_ptr<std::int64_t>()), labels.numel() * 8)));
    }

    QTemporaryDir m_dir;
};

} // namespace

class TstUnlabelled : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_with = opened(m_case.config(true, "with"));
        m_without = opened(m_case.config(false, "without"));
        m_withReport = m_with->runAll(RunControl());
        m_report = m_without->runAll(RunControl(
            [this](const Event& event) {
                if (const auto* notice = std::get_if<Notice>(&event))
                    m_said += QString::fromStdString(notice->text) + '\n';
            }));
    }

    void sessionSaysSo()
    {
        QVERIFY(m_with->data().labelled && !m_without->data().labelled);
        QVERIFY(m_with->data().pictures.labels && !m_without->data().pictures.labels);
        QVERIFY(m_without->data().calibrationPerClass.empty());
        QCOMPARE(m_without->data().classes.size(), std::size_t(10));
        QVERIFY2(m_said.contains("The images have no labels"), qPrintable(m_said));
        QVERIFY(m_withReport.notices.size() + 1 == m_report.notices.size());
    }

    void accuracyIsAgreementWithFp32()
    {
        QCOMPARE(m_report.methods.size(), m_withReport.methods.size());
        for (std::size_t i = 0; i < m_report.methods.size(); ++i) {
            const MethodRow &bare = m_report.methods[i], &full = m_withReport.methods[i];
            QCOMPARE(bare.method, full.method);
            QVERIFY(!bare.labelled && full.labelled);
            // The network, its rounding and the images are the same, so the answers are.
            QCOMPARE(*bare.evaluation.predictions, *full.evaluation.predictions);
            QCOMPARE(bare.storedBytes, full.storedBytes);
            QCOMPARE(bare.holdOutKl, full.holdOutKl);
            std::int64_t same = 0;
            for (std::size_t n = 0; n < kEvaluation; ++n)
                same += (*full.evaluation.predictions)[n] == (*m_withReport.methods[0].evaluation.predictions)[n];
            QCOMPARE(bare.evaluation.correct, same);
            QCOMPARE(bare.evaluation.accuracyPercent(), full.agreementPercent);
            QCOMPARE(bare.agreementPercent, full.agreementPercent);
            QCOMPARE(bare.dropPoints, 100 - full.agreementPercent);
        }
        QCOMPARE(m_report.accuracyAfterFolding, 100.0);
        QVERIFY(m_report.methods[0].evaluation.accuracyPercent() == 100);
        QVERIFY(m_report.methods[3].evaluation.accuracyPercent() < 100); // 2 bits: the figures are not all alike
    }

    void sensitivityHasNoLoss()
    {
        for (const auto& row : m_report.sensitivity->distortion.at(Metric::Loss))
            for (const double d : row)
                QVERIFY(std::isnan(d));
        QCOMPARE(m_report.sensitivity->distortion.at(Metric::Kl), m_withReport.sensitivity->distortion.at(Metric::Kl));
        for (const auto& row : m_report.sensitivity->distortion.at(Metric::Fisher)) // of FP32's own answers
            for (const double d : row)
                QVERIFY(std::isfinite(d) && d >= 0);
    }

    void reportSaysSo()
    {
        const json report = json::parse(m_report.json), full = json::parse(m_withReport.json);
        QCOMPARE(report["data"]["labels"].get<bool>(), false);
        QCOMPARE(full["data"]["labels"].get<bool>(), true);
        QVERIFY(report["model"]["accuracy_after_folding_percent"].is_null());
        for (const json& method : report["methods"]) {
            QCOMPARE(method["labels"].get<bool>(), false);
            QVERIFY(method["accuracy_percent"].is_null() && method["correct"].is_null() && method["mcnemar_p"].is_null());
            QVERIFY(method["agreement_percent"].is_number() && method["hold_out_kl"].is_number());
            QVERIFY(!method.contains("class_correct"));
        }
        QVERIFY(full["methods"][0]["accuracy_percent"].is_number() && full["methods"][0].contains("class_correct"));
    }

    void confirmedOnImagesNeverLookedAt()
    {
        const RunPtr run = m_without->confirm(m_report.run->id, RunControl());
        const RunPtr full = m_with->confirm(m_withReport.run->id, RunControl());
        QVERIFY(run->confirmed && !run->confirmed->labelled);
        QCOMPARE(run->confirmed->evaluation.total, std::int64_t(kTest - kEvaluation));
        QCOMPARE(run->confirmed->evaluation.accuracyPercent(), full->confirmed->agreementPercent);
    }

    void doctorAsksWhatItCan()
    {
        const auto causes = [](const Diagnosis& diagnosis) {
            std::set<std::string> out;
            for (const Finding& finding : diagnosis.findings)
                out.insert(finding.cause);
            return out;
        };
        QVERIFY(causes(m_with->diagnose(RunControl())).count("class order") == 1);
        QCOMPARE(causes(m_without->diagnose(RunControl())), (std::set<std::string>{"batch norm", "per-tensor range", "activation range"}));
    }

    void maxDropIsOfAgreement()
    {
        RunConfig config = m_case.config(false, {});
        config.out.clear();
        config.target = MaxDrop{20};
        config.stopAfter = Stage::Allocate;
        const auto session = opened(config);
        const RunReport report = session->runAll(RunControl());
        const RunPtr run = session->measure(report.allocation, Rounding::ClosedForm, RunControl());
        QVERIFY(run->row.averageBits < 8);
        QVERIFY2(run->row.dropPoints <= 40, qPrintable(QString::number(run->row.dropPoints))); // judged on other images
    }

    void exportIsEvaluatedAgainstAReference()
    {
        EvaluateConfig config;
        config.modelPath = m_case.path("without/quant_export.pt");
        config.dataPath = m_case.path("unlabelled");
        config.test = kEvaluation;
        const auto refused = evaluateFile(config, RunControl());
        const auto* failure = std::get_if<Failure>(&refused);
        QVERIFY(failure != nullptr && failure->code == ErrorCode::Usage);
        QVERIFY2(QString::fromStdString(failure->message).contains("--reference must name the FP32 checkpoint"), failure->message.c_str());

        config.referencePath = m_case.path("demo.safetensors");
        const auto outcome = evaluateFile(config, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(outcome));
        const MethodRow& row = std::get<MethodRow>(outcome);
        QVERIFY(!row.labelled);
        QCOMPARE(*row.evaluation.predictions, *m_report.run->row.evaluation.predictions);
        QCOMPARE(row.agreementPercent, m_report.run->row.agreementPercent);
        QCOMPARE(row.evaluation.accuracyPercent(), row.agreementPercent);

        config.dataPath = m_case.path("labelled"); // there it adds drop and agreement to the accuracy
        const auto labelled = evaluateFile(config, RunControl());
        const MethodRow& full = std::get<MethodRow>(labelled);
        QVERIFY(full.labelled);
        QCOMPARE(full.evaluation.correct, m_withReport.run->row.evaluation.correct);
        QCOMPARE(full.dropPoints, m_withReport.run->row.dropPoints);
        QCOMPARE(full.agreementPercent, m_withReport.run->row.agreementPercent);
    }

    void sessionGoesOn()
    {
        RunConfig config = m_case.config(false, {});
        config.out.clear();
        config.sessionPath = m_case.path("kept.mprdo");
        const RunRecord first = *opened(config)->measure({std::vector<Bits>(m_report.allocation.bits.size(), 4)}, Rounding::Nearest, RunControl());
        const auto again = opened(config);
        QCOMPARE(again->runs().size(), std::size_t(1));
        QVERIFY(!again->runs().front()->row.labelled);
        QCOMPARE(again->prepare(RunControl()).evaluation.accuracyPercent(), 100.0);
        const RunPtr second = again->measure(first.allocation, Rounding::Nearest, RunControl());
        QCOMPARE(*second->row.evaluation.predictions, *first.row.evaluation.predictions);
        QCOMPARE(second->contextHash, first.contextHash);
    }

    void refused_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::addRow("fine-tuning") << "epochs" << "the images have no labels to train on";
        QTest::addRow("metric loss") << "loss" << "the images have no labels, so there is no loss";
        QTest::addRow("balanced calibration") << "balanced" << "calibration images cannot be chosen by class";
        QTest::addRow("calibration classes") << "classes" << "calibration images cannot be chosen by class";
    }
    void refused()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        RunConfig config = m_case.config(false, "refused");
        if (what == "epochs")
            config.fineTuneEpochs = 1;
        if (what == "loss")
            config.metric = Metric::Loss;
        config.calibrationBalanced = what == "balanced";
        if (what == "classes")
            config.calibrationClasses = {"class 1"};
        const auto outcome = openSession(config, RunControl());
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr && failure->code == ErrorCode::Usage);
        QVERIFY2(QString::fromStdString(failure->message).contains(says), failure->message.c_str());
    }

    void labelsBeyondTheOutputs()
    {
        writeBytes(QString::fromStdString(m_case.path("labelled/test_labels.npy")),
                   npyOfHead(npyHead("|u1", "(" + std::to_string(kTest) + ",)"), QByteArray(kTest, '\x0c')));
        const auto outcome = openSession(m_case.config(true, "refused"), RunControl());
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr);
        QVERIFY2(QString::fromStdString(failure->message).contains("the data has the class 12, the network has 10 outputs"),
                 failure->message.c_str());
    }

private:
    DemoCase m_case;
    std::shared_ptr<Session> m_with, m_without;
    RunReport m_withReport, m_report;
    QString m_said;
};

MPRDO_TEST(TstUnlabelled)
#include "tst_unlabelled.moc"

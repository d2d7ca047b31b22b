// SPDX-License-Identifier: GPL-3.0-or-later
// What a session answers about its runs: unseen images, blame, other draws, reuse, and two processes on one file.
#include "core/base/error.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::test;

namespace {

Allocation all(const Session& session, Bits bits) { return {std::vector<Bits>(session.model().layers.size(), bits)}; }

std::string messageOf(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Error& e) {
        return e.what();
    }
    return {};
}

int reusedBlocks(const RunRecord& run)
{
    int out = 0;
    for (const StageRecord& stage : run.stages)
        for (const auto& block : stage.blocks)
            out += block.reused;
    return out;
}

} // namespace

class TstSessionWhy : public QObject {
    Q_OBJECT
    TinyCase m_case;

private Q_SLOTS:
    void anchorsAreTheUniformRows()
    {
        const auto session = opened(m_case.config());
        const auto anchors = session->anchors(RunControl());
        QCOMPARE(anchors.size(), std::size_t(4));
        QCOMPARE(anchors[0].method, std::string("FP32"));
        std::map<std::string, int> counted; // events of what was measured a second time come at once and alone
        const RunControl control([&](const Event& event) {
            if (const auto* c = std::get_if<Counted>(&event))
                ++counted[c->what];
        });
        const auto rows = session->baselines(control);
        for (const Bits bits : {2, 4, 8}) {
            const std::string name = "Uniform " + std::to_string(bits) + "-bit PTQ";
            const auto same = [&](const MethodRow& row) { return row.method == name; };
            const auto a = std::find_if(anchors.begin(), anchors.end(), same);
            const auto b = std::find_if(rows.begin(), rows.end(), same);
            QVERIFY(a != anchors.end() && b != rows.end());
            QCOMPARE(*a->evaluation.predictions, *b->evaluation.predictions);
            QCOMPARE(counted[name], 1);
        }
    }

    void confirmedOnTheImagesNeverLookedAt()
    {
        RunConfig config = m_case.config();
        config.sessionPath = m_case.path("confirm.mprdo");
        {
            const auto session = opened(config);
            QCOMPARE(session->data().confirmation, std::int64_t(10));
            const RunPtr run = session->measure(all(*session, 4), Rounding::Nearest, RunControl());
            QVERIFY(!run->confirmed);
            const RunPtr confirmed = session->confirm(run->id, RunControl());
            QCOMPARE(confirmed->id, run->id);
            QCOMPARE(confirmed->row.evaluation.correct, run->row.evaluation.correct);
            QCOMPARE(confirmed->confirmed->evaluation.total, std::int64_t(10));
            RunConfig whole = m_case.config();
            whole.test = 60;
            const auto other = opened(whole);
            const RunPtr both = other->measure(all(*other, 4), Rounding::Nearest, RunControl());
            QCOMPARE(run->row.evaluation.correct + confirmed->confirmed->evaluation.correct, both->row.evaluation.correct);
            const auto nothingLeft = messageOf([&] { other->confirm(both->id, RunControl()); });
            QVERIFY2(nothingLeft.find("every test image is an evaluation image") != std::string::npos, nothingLeft.c_str());
            QVERIFY_EXCEPTION_THROWN(session->confirm(99, RunControl()), Error);
        }
        const auto again = opened(config);
        QCOMPARE(again->runs().size(), std::size_t(1));
        QVERIFY(again->runs()[0]->confirmed.has_value());
        QCOMPARE(again->runs()[0]->confirmed->evaluation.total, std::int64_t(10));
    }

    void blameRestoresOneLayerAtATime()
    {
        const auto session = opened(m_case.config());
        Allocation bits = all(*session, 2);
        bits.bits[1] = kKeepFp32;
        const RunPtr run = session->measure(bits, Rounding::Nearest, RunControl());
        const Blame blame = session->blame(run->id, RunControl());
        QCOMPARE(blame.run, run->id);
        QCOMPARE(blame.layers.size(), bits.bits.size() - 1);
        for (const RestoredLayer& restored : blame.layers) {
            QVERIFY(restored.layer != 1);
            Allocation expected = bits;
            expected.bits[restored.layer] = kKeepFp32;
            const RunPtr alone = session->measure(expected, Rounding::Nearest, RunControl());
            QCOMPARE(*restored.evaluation.predictions, *alone->row.evaluation.predictions);
            QCOMPARE(restored.holdOutKl, alone->row.holdOutKl);
        }
        RunControl cancelled;
        cancelled.cancel();
        QVERIFY_EXCEPTION_THROWN(session->blame(run->id, cancelled), Cancelled);
    }

    void drawsDifferAndCanBeRepeated()
    {
        const auto session = opened(m_case.config());
        const SensitivityPtr own = session->sensitivity(RunControl());
        const auto draws = session->calibrationDraws(2, RunControl());
        QCOMPARE(draws.size(), std::size_t(2));
        const auto& first = draws[0]->distortion.at(Metric::Kl);
        QVERIFY(first != draws[1]->distortion.at(Metric::Kl));
        QVERIFY(first != own->distortion.at(Metric::Kl));
        for (const auto& layer : first)
            for (const double d : layer)
                QVERIFY(d >= 0 && std::isfinite(d));
        QCOMPARE(opened(m_case.config())->calibrationDraws(1, RunControl())[0]->distortion.at(Metric::Kl), first);
    }

    void onlyWhatTheEditTouchedIsComputedAgain()
    {
        const auto session = opened(m_case.config());
        Allocation bits = all(*session, 4);
        const RunPtr first = session->optimise(bits, RunControl());
        QCOMPARE(reusedBlocks(*first), 0);
        bits.bits.back() = 8; // the last block
        int reused = 0, computed = 0;
        const RunControl control([&](const Event& event) {
            if (const auto* block = std::get_if<BlockOptimised>(&event))
                ++(block->reused ? reused : computed);
        });
        const RunPtr second = session->optimise(bits, control);
        QCOMPARE(reusedBlocks(*second), reused);
        QVERIFY(computed <= 3); // the last block in each of the three stages
        QVERIFY(reused >= 9);
    }

    void contextNamesWhatDiffers()
    {
        RunConfig config = m_case.config();
        const auto one = opened(config);
        config.calibration = 48;
        const auto two = opened(config);
        one->prepare(RunControl());
        two->prepare(RunControl());
        QVERIFY(one->contextHash() != two->contextHash());
        QStringList differing;
        const auto a = one->context(), b = two->context();
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].first, b[i].first);
            if (a[i].second != b[i].second)
                differing << QString::fromStdString(a[i].first + " " + a[i].second + " " + b[i].second);
        }
        QVERIFY(differing.contains("calibration images 32 48"));
        const RunPtr run = one->measure(all(*one, 4), Rounding::Nearest, RunControl());
        QCOMPARE(run->contextHash, one->contextHash());
        QVERIFY(run->context == a);
    }

    void exportWritesTheReportToo()
    {
        const auto session = opened(m_case.config());
        const RunPtr run = session->measure(all(*session, 4), Rounding::Nearest, RunControl());
        session->measure(all(*session, 8), Rounding::Nearest, RunControl());
        session->confirm(run->id, RunControl());
        const ExportResult result = session->exportRun(run, m_case.path("exported"), RunControl());
        QStringList names;
        for (const WrittenFile& file : result.files) {
            QCOMPARE(QFileInfo(QString::fromStdString(file.path)).size(), qint64(file.bytes));
            names << QFileInfo(QString::fromStdString(file.path)).fileName();
        }
        QCOMPARE(names, QStringList({"quant_export.pt", "quant_export.json", "final_report.json"}));
        QFile file(QString::fromStdString(m_case.path("exported/final_report.json")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject report = QJsonDocument::fromJson(file.readAll()).object();
        QCOMPARE(report["allocations_measured"].toInt(), 2);
        QCOMPARE(report["confirmed"]["total"].toInt(), 10);
        QCOMPARE(report["methods"].toArray().last()["correct"].toInt(), int(run->row.evaluation.correct));
        QCOMPARE(report["stages"].toArray().size(), 8);
    }

    void exportWritesWhatIsAskedFor_data()
    {
        QTest::addColumn<std::vector<ExportFormat>>("formats");
        QTest::addColumn<QStringList>("files");
        using Formats = std::vector<ExportFormat>;
        QTest::newRow("as ever") << Formats{} << QStringList{"quant_export.pt", "quant_export.json"};
        QTest::newRow("safetensors") << Formats{ExportFormat::Safetensors} << QStringList{"quant_export.safetensors"};
        QTest::newRow("nothing that is read back") << Formats{ExportFormat::C, ExportFormat::Json} << QStringList{"quant_export.h", "quant_export.c", "quant_export.json"};
        QTest::newRow("three that are, one twice") << Formats{ExportFormat::Safetensors, ExportFormat::Coded, ExportFormat::Pt, ExportFormat::Coded}
                                                   << QStringList{"quant_export.safetensors", "quant_export.mprz", "quant_export.pt"};
    }
    void exportWritesWhatIsAskedFor()
    {
        QFETCH(std::vector<ExportFormat>, formats);
        QFETCH(QStringList, files);
        const auto session = opened(m_case.config());
        const RunPtr run = session->measure(all(*session, 4), Rounding::Nearest, RunControl());
        QTemporaryDir folder;
        const ExportResult result = session->exportRun(run, folder.path().toStdString(), RunControl(), {formats});
        QCOMPARE(*result.reread.evaluation.predictions, *run->row.evaluation.predictions);
        QStringList written;
        for (const WrittenFile& file : result.files) {
            const QFileInfo info(QString::fromStdString(file.path));
            QCOMPARE(info.size(), qint64(file.bytes));
            written << info.fileName();
        }
        QCOMPARE(written, files + QStringList{"final_report.json"});
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), written.size());
        for (const WrittenFile& file : result.files) {
            if (!file.path.ends_with(".safetensors") && !file.path.ends_with(".mprz"))
                continue;
            EvaluateConfig config;
            config.modelPath = file.path;
            config.dataPath = m_case.path("data");
            config.test = 50;
            const auto row = evaluateFile(config, RunControl());
            QVERIFY(std::holds_alternative<MethodRow>(row));
            QCOMPARE(std::get<MethodRow>(row).evaluation.correct, run->row.evaluation.correct);
            const auto described = inspectFile(file.path);
            QVERIFY(std::holds_alternative<ModelSnapshot>(described));
            QVERIFY(QString::fromStdString(std::get<ModelSnapshot>(described).format).startsWith("quantized export, "));
        }
    }

    /// Where ONNX Runtime is, it agrees; where it is not, the export is complete and says so.
    void exportAsksOnnxRuntime()
    {
        const auto session = opened(m_case.config());
        const RunPtr run = session->measure(all(*session, 4), Rounding::Nearest, RunControl());
        QTemporaryDir folder;
        const ExportOptions options{{ExportFormat::Onnx}, 21, true};
        const ExportResult asked = session->exportRun(run, folder.path().toStdString(), RunControl(), options);
        QVERIFY(asked.readBack);
        QCOMPARE(asked.verification.has_value(), asked.unverified.empty());
        if (asked.verification) {
            QVERIFY(asked.verification->holds());
            QCOMPARE(asked.verification->images, run->row.evaluation.total);
            QCOMPARE(asked.verification->levels.size(), std::size_t(2));
        }
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", "/nowhere");
        const ExportResult without = session->exportRun(run, folder.path().toStdString(), RunControl(), options);
        qputenv("PATH", path);
        QVERIFY(!without.verification && without.readBack);
        QVERIFY2(without.unverified.find("node") != std::string::npos, without.unverified.c_str());
        QCOMPARE(without.files.size(), asked.files.size());
        QFile report(folder.filePath("final_report.json"));
        QVERIFY(report.open(QIODevice::ReadOnly));
        QCOMPARE(QJsonDocument::fromJson(report.readAll()).object()["onnx_runtime"].toString(), QString::fromStdString(without.unverified));
    }

    void theDoctorIsAsked()
    {
        const auto session = opened(m_case.config());
        const Diagnosis out = session->diagnose(RunControl());
        for (const MethodRow& row : session->baselines(RunControl()))
            if (row.method == "Naive 8-bit PTQ")
                QCOMPARE(out.dropPoints, row.dropPoints);
        QVERIFY(out.findings.size() >= 5);
    }

    void aVisitLeavesTheSessionItsSettings()
    {
        RunConfig config = m_case.config();
        config.sessionPath = m_case.path("visited.mprdo");
        opened(config);
        RunConfig visit = config;
        visit.allocationPath = m_case.path("visit.json");
        visit.skip = {Stage::Compare};
        writeFile(visit.allocationPath, "{\"*\": 4}");
        QVERIFY(opened(visit)->config().skip.count(Stage::Compare) == 1);
        std::remove(visit.allocationPath.c_str());
        RunConfig again;
        again.sessionPath = config.sessionPath;
        const auto session = opened(again); // though the visit's file is gone
        QVERIFY(session->config().allocationPath.empty());
        QVERIFY(session->config().skip.empty());
    }

    void aSecondProcessReadsAlong()
    {
        RunConfig config = m_case.config();
        config.sessionPath = m_case.path("shared.mprdo");
        auto writer = opened(config);
        const RunPtr run = writer->measure(all(*writer, 4), Rounding::Nearest, RunControl());
        QVERIFY(writer->heldBy().empty());
        QVERIFY(!writer->follow().changed);
        RunConfig other;
        other.sessionPath = config.sessionPath;
        const auto refused = openSession(other, RunControl());
        QVERIFY(std::holds_alternative<Failure>(refused));
        other.readAlong = true;
        const auto reader = opened(other);
        QCOMPARE(reader->heldBy(), "process " + std::to_string(getpid()));
        QCOMPARE(reader->runs().size(), std::size_t(1));
        QCOMPARE(reader->runs()[0]->row.evaluation.correct, run->row.evaluation.correct);
        QVERIFY(!reader->follow().changed);
        QVERIFY(!reader->follow().writerGone);
        writer->measure(all(*writer, 8), Rounding::Nearest, RunControl());
        writer->annotate(run->id, "named by the writer", true, false);
        QVERIFY(reader->follow().changed);
        QCOMPARE(reader->runs().size(), std::size_t(2));
        QCOMPARE(reader->runs()[0]->name, std::string("named by the writer"));
        const RunPtr own = reader->measure(all(*reader, 2), Rounding::Nearest, RunControl());
        QVERIFY(own->id > 1000); // clear of what the writer will give
        QCOMPARE(writer->measure(all(*writer, 2), Rounding::Nearest, RunControl())->id, std::int64_t(3));
        QCOMPARE(writer->runs().size(), std::size_t(3));
        writer.reset();
        const Followed last = reader->follow();
        QVERIFY(last.changed);
        QVERIFY(last.writerGone);
    }
};

MPRDO_TEST(TstSessionWhy)
#include "tst_session_why.moc"

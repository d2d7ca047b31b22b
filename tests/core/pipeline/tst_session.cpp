// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/average_bits.h"
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/pipeline/artefacts.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

std::string exported(const RunConfig& config) { return readFile(config.out + "/quant_export.pt"); }

/// All that a run chooses.
struct Decided {
    Allocation allocation;
    std::string model;  ///< hash of every grid and code
    std::string biases; ///< bytes
    friend bool operator==(const Decided&, const Decided&) = default;
};

Decided decided(const RunPtr& run, const RunConfig& config)
{
    const QuantizedModel model = readQuantExport(config.out + "/quant_export.pt").model;
    Decided out{run->allocation, modelHash(model), {}};
    for (const auto& [name, value] : model.graph->parameters)
        if (value.dim() == 1)
            out.biases.append(static_cast<const char*>(value.data_ptr()), value.nbytes());
    return out;
}

/// Other test images: noise that depends on seed (100000: those of every TinyCase), with the labels given.
void writeTestImages(const TinyCase& input, const std::vector<std::int32_t>& labels, unsigned seed)
{
    QByteArray batch;
    for (std::size_t i = 0; i < labels.size(); ++i)
        batch += cifarRecord(QByteArray(1, char(labels[i])), seed + unsigned(i));
    writeBytes(QString::fromStdString(input.path("data/test_batch.bin")), batch);
}

} // namespace

class TstSession : public QObject {
    Q_OBJECT
    TinyCase m_case;
    RunReport m_reference; ///< the undisturbed run
    std::string m_referenceFile;
    std::vector<Stage> m_started;

private Q_SLOTS:
    void initTestCase()
    {
        const RunControl control([&](const Event& event) {
            if (const auto* started = std::get_if<StageStarted>(&event))
                m_started.push_back(started->stage);
        });
        m_reference = opened(m_case.config("reference"))->runAll(control);
        m_referenceFile = exported(m_case.config("reference"));
    }

    void methodsStandInOrder()
    {
        QStringList names;
        for (const MethodRow& row : m_reference.methods)
            names << QString::fromStdString(row.method);
        QCOMPARE(names, QStringList({"FP32", "Uniform 8-bit PTQ", "Naive 8-bit PTQ", "Uniform 2-bit PTQ", "Uniform 4-bit PTQ",
                                     "MPRDO-PTQ"}));
        for (const MethodRow& row : m_reference.methods) {
            QCOMPARE(row.evaluation.total, std::int64_t(50));
            QVERIFY(row.wilsonLow <= row.evaluation.accuracyPercent() && row.evaluation.accuracyPercent() <= row.wilsonHigh);
            QVERIFY(std::abs(row.compression * row.averageBits - 32) < 1e-9);
            QVERIFY(std::abs(row.dropPoints + row.evaluation.accuracyPercent()
                             - m_reference.methods[0].evaluation.accuracyPercent()) < 1e-9);
        }
        const MethodRow &eight = m_reference.methods[1], &two = m_reference.methods[3];
        QCOMPARE(eight.averageBits, 8.0);
        QVERIFY(eight.holdOutKl < two.holdOutKl);
        QVERIFY(two.storedBytes < eight.storedBytes && eight.storedBytes < m_reference.methods[0].storedBytes);
        QVERIFY(m_reference.methods.back().averageBits <= 4.0);
    }

    void stagesRunInOrder()
    {
        QCOMPARE(m_started, (std::vector<Stage>{Stage::Sensitivity, Stage::Allocate, Stage::Scales, Stage::Hessian,
                                                Stage::Rounding, Stage::Evaluate, Stage::Compare}));
        QCOMPARE(m_reference.stages.size(), kStages.size());
        for (std::size_t i = 0; i < kStages.size(); ++i) {
            QCOMPARE(m_reference.stages[i].stage, kStages[i]);
            QCOMPARE(m_reference.stages[i].run, kStages[i] != Stage::FineTune); // the head fits: no epochs
        }
    }

    void noStageMakesTheHeldOutErrorWorse()
    {
        double now = m_reference.stages[2].holdOutAfter; // nearest
        for (std::size_t i = 3; i < 6; ++i) {
            const StageRecord& record = m_reference.stages[i];
            QCOMPARE(record.holdOutBefore, now);
            QCOMPARE(record.accepted, record.holdOutAfter <= record.holdOutBefore);
            QVERIFY(record.accepted || !record.note.empty());
            if (record.accepted)
                now = record.holdOutAfter;
        }
        QCOMPARE(m_reference.run->row.holdOutKl, now);
    }

    void filesAreWhole()
    {
        const std::string folder = m_case.path("reference");
        QCOMPARE(readFile(folder + "/final_report.json"), m_reference.json);
        QVERIFY(QFile::exists(QString::fromStdString(folder + "/quant_export.json")));
        QCOMPARE(QDir(QString::fromStdString(folder)).entryList({"final_report_*Z.json"}).size(), 1);
        QCOMPARE(QDir(QString::fromStdString(folder)).entryList(QDir::Files | QDir::Hidden).size(), 4);
        QVERIFY(double(m_referenceFile.size()) <= 1.05 * double(m_reference.run->row.storedBytes) + 8192);
        QCOMPARE(m_reference.exported.reread.evaluation.correct, m_reference.run->row.evaluation.correct);
    }

    void entropyCodedRate()
    {
        RunConfig config = m_case.config("coded");
        config.rate = RateKind::Entropy;
        config.target = TargetBits{2.5};
        const auto session = opened(config);
        const RunReport report = session->runAll(RunControl());
        const MethodRow& row = report.run->row;
        const std::string coded = readFile(config.out + "/quant_export.mprz");
        QCOMPARE(row.codedBytes, std::int64_t(coded.size()));
        QVERIFY(row.entropyBits < row.averageBits);
        QVERIFY(coded.size() < exported(config).size());
        QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(report.json)).object()["config"].toObject()["rate"] == "entropy");
        // The target counts what the file takes, all of it; the widths were chosen for what nearest codes take.
        const AllocationProblem problem = session->problem(config.bits, config.metric, std::vector<Bits>(session->model().layers.size(), 0));
        double rate = 0, weights = 0;
        for (std::size_t l = 0; l < problem.layers.size(); ++l) {
            QVERIFY(problem.layers[l][0].rate < problem.layers[l].back().rate);
            for (const Choice& choice : problem.layers[l])
                rate += choice.bits == report.allocation.bits[l] ? double(choice.rate) : 0;
            weights += double(session->model().layers[l].weights);
        }
        QVERIFY2(8 * double(row.codedBytes) <= 2.5 * weights, qPrintable(QString::number(8 * double(row.codedBytes) / weights)));
        QVERIFY2(rate <= 1.25 * 2.5 * weights, qPrintable(QString::number(rate / weights)));
        QVERIFY(row.averageBits > 2.5); // there is room for more than 2.5 bits of fixed length
        // The what-if counts in the same currency.
        WhatIf whatIf = session->whatIf(config.metric);
        QVERIFY(std::abs(whatIf.averageBits(report.allocation) - rate / weights) < 0.01);
        // Both files hold the same network.
        EvaluateConfig again;
        again.modelPath = config.out + "/quant_export.mprz";
        again.dataPath = m_case.path("data");
        again.test = 50;
        const auto read = evaluateFile(again, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(read));
        QCOMPARE(std::get<MethodRow>(read).evaluation.correct, row.evaluation.correct);
    }

    void roundedActivations_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("rate");
        QTest::newRow("8 bits") << 8 << int(RateKind::Fixed);
        QTest::newRow("4 bits, coded") << 4 << int(RateKind::Entropy);
    }
    void roundedActivations()
    {
        QFETCH(int, bits);
        QFETCH(int, rate);
        RunConfig config = m_case.config(QString("activations-%1").arg(bits));
        config.activations = bits;
        config.rate = RateKind(rate);
        const auto session = opened(config);
        const RunReport report = session->runAll(RunControl());
        const MethodRow& row = report.run->row;
        QCOMPARE(row.activationBits, bits);
        QCOMPARE(report.methods.front().activationBits, kKeepFp32); // FP32 is FP32
        QCOMPARE(report.methods[1].activationBits, bits);           // uniform 8-bit is compared like with like
        QVERIFY(report.run->name.find(text("activations ", bits)) != std::string::npos);
        for (const LayerRecord& layer : report.run->layers) {
            const bool end = layer.name == report.run->layers.front().name || layer.name == report.run->layers.back().name;
            QCOMPARE(layer.inputBits, end ? 8 : bits);
            QVERIFY(layer.inputLow <= 0 && layer.inputHigh > 0);
        }
        const auto [name, value] = session->context().back();
        QCOMPARE(name, std::string("activations"));
        QCOMPARE(value, text(bits, " bits, auto"));
        QVERIFY(row.storedBytes > m_reference.run->row.storedBytes - 1000);
        EvaluateConfig again;
        again.modelPath = config.out + (rate == int(RateKind::Fixed) ? "/quant_export.pt" : "/quant_export.mprz");
        again.dataPath = m_case.path("data");
        again.test = 50;
        const auto read = evaluateFile(again, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(read));
        QCOMPARE(std::get<MethodRow>(read).evaluation.correct, row.evaluation.correct);
        QCOMPARE(std::get<MethodRow>(read).activationBits, bits);
        const QJsonObject file = QJsonDocument::fromJson(QByteArray::fromStdString(report.json)).object();
        QCOMPARE(file["config"].toObject()["activations"].toInt(), bits);
        if (rate != int(RateKind::Fixed))
            return;
        // An integer runtime's sums are the model's own: every bias is a whole number of its steps, to float32's precision.
        const ExportedModel left = readQuantExport(again.modelPath);
        int biases = 0;
        for (const Layer& layer : left.model.graph->layers()) {
            const Node& node = left.model.graph->nodes[layer.nodes.at(0)];
            const at::Tensor step = left.model.weights.at(layer.parameter).grid.scale
                * left.model.activations.at(activationOf(*left.model.graph, node)).scale;
            const at::Tensor steps = left.model.graph->parameter(node.parameters.at("bias")).to(at::kDouble) / step.to(at::kDouble);
            QVERIFY(((steps - steps.round()).abs() <= steps.abs() * 1e-7).all().item<bool>());
            biases += int(steps.numel());
        }
        QVERIFY(biases > 10);
    }

    /// The same integers in an ONNX file have the same accuracy; whose they are is not claimed.
    void evaluateQuantizedOnnx_data()
    {
        QTest::addColumn<QString>("producer");
        QTest::addColumn<QString>("method");
        QTest::newRow("ours") << "mprdo-ptq" << "MPRDO-PTQ";
        QTest::newRow("another program's") << "pytorch 2.6" << "Quantized";
    }
    void evaluateQuantizedOnnx()
    {
        QFETCH(QString, producer);
        QFETCH(QString, method);
        OnnxFile file = toOnnx(readQuantExport(m_case.path("reference/quant_export.pt")));
        file.producer = producer.toStdString();
        EvaluateConfig config;
        config.modelPath = m_case.path("quantized.onnx");
        config.dataPath = m_case.path("data");
        config.test = 50;
        writeFile(config.modelPath, encodeOnnx(file));
        const auto row = evaluateFile(config, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(row));
        QCOMPARE(QString::fromStdString(std::get<MethodRow>(row).method), method);
        QCOMPARE(std::get<MethodRow>(row).evaluation.correct, m_reference.run->row.evaluation.correct);
        QCOMPARE(std::get<MethodRow>(row).averageBits, m_reference.run->row.averageBits);
    }

    void evaluateGivesTheExportsNumber()
    {
        EvaluateConfig config;
        config.modelPath = m_case.path("reference/quant_export.pt");
        config.dataPath = m_case.path("data");
        config.test = 50;
        const auto row = evaluateFile(config, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(row));
        QCOMPARE(std::get<MethodRow>(row).evaluation.correct, m_reference.run->row.evaluation.correct);
        QCOMPARE(std::get<MethodRow>(row).storedBytes, m_reference.run->row.storedBytes);
        config.modelPath = m_case.path("model.safetensors");
        const auto fp32 = evaluateFile(config, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(fp32));
        QCOMPARE(std::get<MethodRow>(fp32).evaluation.correct, m_reference.methods[0].evaluation.correct);
    }

    void testImagesDecideNothing()
    {
        const TinyCase other;
        RunConfig config = other.config();
        config.skip = {Stage::Compare};
        writeTestImages(other, std::vector<std::int32_t>(50, 7), 555);
        const RunReport report = opened(config)->runAll(RunControl());
        QVERIFY(report.methods[0].evaluation.correct != m_reference.methods[0].evaluation.correct);
        QVERIFY(report.sensitivity->distortion == m_reference.sensitivity->distortion);
        QVERIFY(decided(report.run, config) == decided(m_reference.run, m_case.config("reference")));
        QVERIFY(exported(config) == m_referenceFile);
    }

    /// One network is right on every test image, the other on next to none: whoever judged by those would take high widths
    /// here and low ones there.
    void testImagesDecideNothingStepByStep()
    {
        const TinyCase input;
        RunConfig config = input.config();
        config.target = MaxDrop{5};
        config.skip = {Stage::Hessian, Stage::Rounding}; // the one would be part of each judgement, the other make up for it
        std::vector<Decided> all;
        for (const bool right : {true, false}) {
            right ? writeTestImages(input, *m_reference.methods[0].evaluation.predictions, 100000)
                  : writeTestImages(input, std::vector<std::int32_t>(50, 7), 555);
            const auto session = opened(config);
            const Evaluation fp32 = session->prepare(RunControl()).evaluation;
            QVERIFY(right ? fp32.correct == fp32.total : 2 * fp32.correct < fp32.total);
            session->baselines(RunControl()); // as in the window: test images were looked at before anything is chosen
            session->anchors(RunControl());
            const RunPtr run = session->optimise(session->allocate(RunControl()), RunControl());
            session->exportRun(run, config.out, RunControl());
            all.push_back(decided(run, config));
        }
        QVERIFY(all[0] == all[1]);
    }

    void stopsAfter_data()
    {
        QTest::addColumn<int>("stage");
        for (const Stage stage : kStages)
            QTest::addRow("%s", std::string(name(stage)).c_str()) << int(stage);
    }
    void stopsAfter()
    {
        QFETCH(int, stage);
        RunConfig config = m_case.config("stopped");
        config.stopAfter = Stage(stage);
        Stage furthest = Stage::FineTune;
        int counted = 0;
        const RunControl control([&](const Event& event) {
            if (const auto* started = std::get_if<StageStarted>(&event))
                furthest = std::max(furthest, started->stage);
            counted += std::holds_alternative<Counted>(event);
        });
        const RunReport report = opened(config)->runAll(control);
        QCOMPARE(report.stoppedAfter, std::string(name(Stage(stage))));
        QCOMPARE(int(furthest), stage);
        QCOMPARE(counted > 0, stage >= int(Stage::Evaluate)); // evaluation images rest until then
        QCOMPARE(report.run != nullptr, stage >= int(Stage::Evaluate));
        QCOMPARE(report.stages.size(), kStages.size());
        for (const StageRecord& record : report.stages)
            QVERIFY(!record.run || int(record.stage) <= stage);
    }

    void cancelledAndStartedAgain_data() { stopsAfter_data(); }
    void cancelledAndStartedAgain()
    {
        QFETCH(int, stage);
        RunConfig config = m_case.config(QString("resumed%1").arg(stage));
        config.sessionPath = m_case.path(QString("run%1.mprdo").arg(stage));
        if (Stage(stage) == Stage::FineTune)
            config.fineTuneEpochs = 1;
        std::unique_ptr<RunControl> control;
        control = std::make_unique<RunControl>([&](const Event& event) {
            if (const auto* started = std::get_if<StageStarted>(&event))
                if (int(started->stage) == stage)
                    control->cancel();
        });
        {
            const std::shared_ptr<Session> session = opened(config);
            const auto outcome = runGuarded([&] { return session->runAll(*control); });
            const auto* cancelled = std::get_if<Cancelled>(&outcome);
            QVERIFY(cancelled != nullptr);
            QVERIFY2(cancelled->where.find(config.sessionPath) != std::string::npos, cancelled->where.c_str());
            QVERIFY(!QFile::exists(QString::fromStdString(config.out + "/final_report.json")));
        }
        RunConfig again; // the session knows the rest
        again.sessionPath = config.sessionPath;
        const RunReport report = opened(again)->runAll(RunControl());
        QCOMPARE(report.config.out, config.out);
        if (Stage(stage) != Stage::FineTune) {
            QVERIFY(exported(config) == m_referenceFile);
            QCOMPARE(report.run->row.evaluation.correct, m_reference.run->row.evaluation.correct);
        }
    }

    void cancelledWithoutASession()
    {
        const RunConfig config = m_case.config("interrupted");
        std::unique_ptr<RunControl> control;
        control = std::make_unique<RunControl>([&](const Event& event) {
            const auto* started = std::get_if<StageStarted>(&event);
            if (started != nullptr && started->stage == Stage::Hessian)
                control->cancel();
        });
        RunConfig again;
        {
            const std::shared_ptr<Session> session = opened(config);
            const auto outcome = runGuarded([&] { return session->runAll(*control); });
            const auto* cancelled = std::get_if<Cancelled>(&outcome);
            QVERIFY(cancelled != nullptr);
            again.sessionPath = config.out + "/interrupted.mprdo";
            QVERIFY2(cancelled->where.find(again.sessionPath) != std::string::npos, cancelled->where.c_str());
        }
        opened(again)->runAll(RunControl());
        QVERIFY(exported(config) == m_referenceFile);
    }

    void skippedStagesAreSaid()
    {
        RunConfig config = m_case.config("skipped");
        config.skip = {Stage::Scales, Stage::Rounding, Stage::Compare};
        const RunReport report = opened(config)->runAll(RunControl());
        for (const Stage stage : kStages) {
            const StageRecord& record = report.stages[std::size_t(stage) - 1];
            if (config.skip.count(stage) > 0)
                QVERIFY(!record.run && record.note == "skipped");
        }
        QVERIFY(report.stages[4].run);
        QCOMPARE(report.methods.size(), std::size_t(2));
    }

    void locksHold()
    {
        RunConfig config = m_case.config("locked");
        config.locks = {{"conv*", 8}, {"layer3.*", 4}};
        config.stopAfter = Stage::Scales;
        const RunReport report = opened(config)->runAll(RunControl());
        for (std::size_t l = 0; l < report.model.layers.size(); ++l) {
            const std::string& name = report.model.layers[l].name;
            if (name.rfind("conv", 0) == 0)
                QCOMPARE(report.allocation.bits[l], 8);
            if (name.rfind("layer3.", 0) == 0)
                QCOMPARE(report.allocation.bits[l], 4);
        }
    }

    void keptLayersStayInFp32()
    {
        RunConfig config = m_case.config("kept");
        config.locks = {{"conv1", kKeepFp32}, {"linear", kKeepFp32}};
        const RunReport report = opened(config)->runAll(RunControl());
        std::int64_t weights = 0, bits = 0;
        for (std::size_t l = 0; l < report.model.layers.size(); ++l) {
            const LayerInfo& layer = report.model.layers[l];
            const bool kept = layer.name == "conv1" || layer.name == "linear";
            QCOMPARE(report.allocation.bits[l] == kKeepFp32, kept); // the solver chooses it for no other
            QCOMPARE(report.run->layers[l].bits, report.allocation.bits[l]);
            weights += layer.weights;
            bits += layer.weights * (kept ? 32 : report.allocation.bits[l]);
        }
        QVERIFY(std::abs(report.run->row.averageBits - double(bits) / double(weights)) < 1e-12);
        QVERIFY(report.run->row.averageBits <= 4.0); // those 32 count
        QCOMPARE(report.sensitivity->widths, (std::vector<Bits>{2, 4, 8})); // nothing to score at 32
        EvaluateConfig again; // the file is read and measured as any
        again.modelPath = config.out + "/quant_export.pt";
        again.dataPath = config.dataPath;
        again.test = config.test;
        const auto row = evaluateFile(again, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(row));
        QCOMPARE(std::get<MethodRow>(row).averageBits, report.run->row.averageBits);
        QCOMPARE(std::get<MethodRow>(row).evaluation.correct, report.run->row.evaluation.correct);
    }

    void givenAllocationIsKept()
    {
        RunConfig config = m_case.config("given");
        writeFile(m_case.path("bits.json"), "{\"*\": 4, \"conv1\": 8}");
        config.allocationPath = m_case.path("bits.json");
        const RunReport report = opened(config)->runAll(RunControl());
        for (std::size_t l = 0; l < report.model.layers.size(); ++l)
            QCOMPARE(report.allocation.bits[l], report.model.layers[l].name == "conv1" ? 8 : 4);
        QVERIFY(!report.stages[1].run && !report.stages[2].run && report.stages[6].run);
        QVERIFY(report.run->allocation == report.allocation);
    }

    void targetInBytesBoundsTheFile()
    {
        RunConfig config = m_case.config("bytes");
        const auto target = std::int64_t(m_referenceFile.size()) - 3000;
        config.target = TargetBytes{target};
        config.skip = {Stage::Compare};
        opened(config)->runAll(RunControl());
        const auto size = std::int64_t(exported(config).size());
        QVERIFY2(size <= target && size > target - 12000, qPrintable(QString("%1 of %2").arg(size).arg(target)));
    }

    void usualTargetGivesWayToLocks()
    {
        RunConfig config = m_case.config("usual");
        config.bits = {4};
        config.target = usualTarget(config.bits);
        config.locks = {{"conv1", 8}, {"linear", kKeepFp32}};
        config.stopAfter = Stage::Allocate;
        const RunReport report = opened(config)->runAll(RunControl());
        QCOMPARE(report.allocation.bits.front(), 8);
        QCOMPARE(report.allocation.bits.back(), kKeepFp32);
        QVERIFY(std::all_of(report.allocation.bits.begin() + 1, report.allocation.bits.end() - 1, [](Bits b) { return b == 4; }));
    }

    void aTargetAboveTheTopIsMet_data()
    {
        QTest::addColumn<double>("bits");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("bits") << 8.5 << qint64(0);
        QTest::newRow("bytes") << 0.0 << qint64(999'999'999);
    }
    void aTargetAboveTheTopIsMet()
    {
        QFETCH(double, bits);
        QFETCH(qint64, bytes);
        RunConfig config = m_case.config("top");
        config.target = bytes > 0 ? Target(TargetBytes{bytes}) : Target(TargetBits{bits});
        config.stopAfter = Stage::Allocate;
        const RunReport report = opened(config)->runAll(RunControl());
        QCOMPARE(report.allocation.bits, std::vector<Bits>(report.allocation.bits.size(), 8));
    }

    void largestDropIsKept()
    {
        RunConfig config = m_case.config("drop");
        config.target = MaxDrop{100};
        config.stopAfter = Stage::Allocate;
        const RunReport report = opened(config)->runAll(RunControl());
        QCOMPARE(report.allocation.bits, std::vector<Bits>(report.allocation.bits.size(), 2)); // anything goes: the smallest
    }

    void aHeadThatDoesNotFitIsMadeAnew()
    {
        const TinyCase wide(13);
        RunConfig config = wide.config();
        config.fineTuneEpochs = 1;
        config.stopAfter = Stage::FineTune;
        const RunReport report = opened(config)->runAll(RunControl());
        QVERIFY(report.stages[0].run);
        QCOMPARE(report.model.layers.back().outputChannels, std::int64_t(10));
        QVERIFY(std::any_of(report.notices.begin(), report.notices.end(), [](const std::string& notice) {
            return notice.find("13 outputs for 10 classes: its head is made anew") != std::string::npos;
        }));
        config.fineTuneEpochs = 0;
        const auto refused = openSession(config, RunControl());
        QVERIFY(std::holds_alternative<Failure>(refused)); // no head is made anew unasked
    }

    void nearestMeasurementIsTheUniformBaseline()
    {
        const auto session = opened(m_case.config("measure"));
        session->prepare(RunControl());
        const std::vector<Bits> four(session->model().layers.size(), 4);
        const RunPtr run = session->measure({four}, Rounding::Nearest, RunControl());
        QCOMPARE(run->row.evaluation.correct, m_reference.methods[4].evaluation.correct);
        QCOMPARE(run->row.storedBytes, m_reference.methods[4].storedBytes);
        QCOMPARE(session->storedBytes({four}), run->row.storedBytes);
        QVERIFY_EXCEPTION_THROWN(session->measure({{4}}, Rounding::Nearest, RunControl()), Error);
        QVERIFY_EXCEPTION_THROWN(session->problem({4}, Metric::Kl, std::vector<Bits>(four.size())), Error);
        QVERIFY_EXCEPTION_THROWN(session->exportRun(m_reference.run, m_case.path("x"), RunControl()), Error);
    }

    void whatIfAddsUpToTheStoredBytes()
    {
        const auto session = opened(m_case.config("whatif"));
        session->sensitivity(RunControl());
        const WhatIf whatIf = session->whatIf(Metric::Kl);
        Allocation mixed;
        for (std::size_t l = 0; l < session->model().layers.size(); ++l)
            mixed.bits.push_back(l % 3 == 0 ? 2 : l % 3 == 1 ? 8 : 4);
        const Estimate estimate = whatIf.estimate(mixed);
        QCOMPARE(estimate.storedBytes, session->storedBytes(mixed));
        QCOMPARE(estimate.missing, 0);
    }
};

MPRDO_TEST(TstSession)
#include "tst_session.moc"

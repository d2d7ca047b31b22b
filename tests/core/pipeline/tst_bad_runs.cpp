// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that is wrong before stage 1 is said before stage 1.
#include "core/base/error.h"
#include "core/pipeline/config_json.h"
#include "tests/support/onnx_model.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>
#include <cmath>
#include <functional>

using namespace mprdo;
using namespace mprdo::test;

using Change = std::function<void(RunConfig&, const TinyCase&)>;
Q_DECLARE_METATYPE(Change)

class TstBadRuns : public QObject {
    Q_OBJECT
    TinyCase m_case;

private Q_SLOTS:
    void openingFails_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* says, Change change) { QTest::newRow(name) << change << says; };
        row("no widths", "the set of widths is empty", [](RunConfig& c, auto&) { c.bits = {}; });
        row("width 1", "1 is not a width", [](RunConfig& c, auto&) { c.bits = {1, 8}; });
        row("width 9", "9 is not a width", [](RunConfig& c, auto&) { c.bits = {4, 9}; });
        row("unsorted", "8,4 is not ascending", [](RunConfig& c, auto&) { c.bits = {8, 4}; });
        row("twice", "4,4 is not ascending", [](RunConfig& c, auto&) { c.bits = {4, 4}; });
        row("target too low", "is below the lowest possible with this set and these locks, 2",
            [](RunConfig& c, auto&) { c.target = TargetBits{1.9}; });
        row("target made low by locks", "is below the lowest possible", [](RunConfig& c, auto&) {
            c.locks = {{"*", 8}};
            c.target = TargetBits{4};
        });
        row("target NaN", "target bits: nan", [](RunConfig& c, auto&) { c.target = TargetBits{NAN}; });
        row("bytes too few", "target bytes: 100 is below the lowest", [](RunConfig& c, auto&) { c.target = TargetBytes{100}; });
        row("bytes negative", "target bytes: -5", [](RunConfig& c, auto&) { c.target = TargetBytes{-5}; });
        row("drop negative", "max drop: -1", [](RunConfig& c, auto&) { c.target = MaxDrop{-1}; });
        row("unknown layer", "lock layer1.0.conv3: no layer of that name; the nearest is layer1.0.conv",
            [](RunConfig& c, auto&) { c.locks = {{"layer1.0.conv3", 8}}; });
        row("pattern without a layer", "lock blocks.*: no layer", [](RunConfig& c, auto&) { c.locks = {{"blocks.*", 8}}; });
        row("unknown layer in FP32", "lock layer1.0.conv3 in FP32: no layer of that name; the nearest is layer1.0.conv",
            [](RunConfig& c, auto&) { c.locks = {{"layer1.0.conv3", kKeepFp32}}; });
        row("target made low by FP32", "is below the lowest possible", [](RunConfig& c, auto&) {
            c.locks = {{"layer*", kKeepFp32}};
            c.target = TargetBits{8};
        });
        row("lock at 31 bits", "lock conv1=31: a width is 2 to 8, or 32",
            [](RunConfig& c, auto&) { c.locks = {{"conv1", 31}}; });
        row("lock at 1 bit", "lock conv1=1: a width is 2 to 8", [](RunConfig& c, auto&) { c.locks = {{"conv1", 1}}; });
        row("calibration 0", "calibration: 0 images", [](RunConfig& c, auto&) { c.calibration = 0; });
        row("calibration negative", "calibration: -4 images", [](RunConfig& c, auto&) { c.calibration = -4; });
        row("too many calibration images", "200 calibration and 32 hold-out images asked for",
            [](RunConfig& c, auto&) { c.calibration = 200; });
        row("too many test images", "61 test images asked for", [](RunConfig& c, auto&) { c.test = 61; });
        row("test 0", "test: 0 images", [](RunConfig& c, auto&) { c.test = 0; });
        row("epochs negative", "fine-tune epochs: -1", [](RunConfig& c, auto&) { c.fineTuneEpochs = -1; });
        row("threads negative", "threads: -2", [](RunConfig& c, auto&) { c.threads = -2; });
        row("std 0", "std: 0 is no usable value",
            [](RunConfig& c, auto&) { c.std = std::array<double, 3>{1, 0, 1}; });
        row("mean infinite", "mean: inf", [](RunConfig& c, auto&) { c.mean = std::array<double, 3>{INFINITY, 0, 1}; });
        row("no model", "model: no file", [](RunConfig& c, auto&) { c.modelPath = ""; });
        row("model absent", "nothing.pth", [](RunConfig& c, const TinyCase& t) { c.modelPath = t.path("nothing.pth"); });
        row("model is a folder", "data", [](RunConfig& c, const TinyCase& t) { c.modelPath = t.path("data"); });
        row("no data", "data: no folder", [](RunConfig& c, auto&) { c.dataPath = ""; });
        row("data absent", "no such folder", [](RunConfig& c, const TinyCase& t) { c.dataPath = t.path("nowhere"); });
        row("data is a file", "a file where a folder",
            [](RunConfig& c, const TinyCase& t) { c.dataPath = t.path("model.safetensors"); });
        row("wrong architecture", "", [](RunConfig& c, auto&) { c.architecture = "resnet20"; });
        row("an output of a state dict", "model.safetensors: has no output named q: it is a state dict",
            [](RunConfig& c, auto&) { c.output = "q"; });
        row("a format that cannot hold the network", "ONNX export: r: Resize of opset 13 has no antialias, which came with opset 18",
            [](RunConfig& c, const TinyCase& t) {
                OnnxModel m({-1, 3, 32, 32}, 18);
                m.floats("s", at::tensor({1.f, 1.f, 0.5f, 0.5f})).random("w", {10, 3, 3, 3});
                m.node("Resize", {"x", "", "s"}, {"r"}, {{"mode", std::string("linear")}, {"antialias", std::int64_t(1)}}).node("Conv", {"r", "w"}, {"c"});
                m.node("GlobalAveragePool", {"c"}, {"g"}).node("Flatten", {"g"}, {"y"});
                c.modelPath = t.path("smoothed.onnx");
                writeFile(c.modelPath, encodeOnnx(m.file));
                c.exports.formats = {ExportFormat::Onnx};
                c.exports.onnxOpset = 13;
            });
        row("several outputs", "two.onnx: has 2 outputs, y [N, 10] and z [N, 10]; one can be quantized: --output NAME takes it",
            [](RunConfig& c, const TinyCase& t) {
                OnnxModel m({-1, 3, 32, 32});
                m.random("w", {10, 3, 3, 3}).random("v", {10, 10}).node("Conv", {"x", "w"}, {"c"}).node("GlobalAveragePool", {"c"}, {"g"});
                m.node("Flatten", {"g"}, {"y"}).node("Gemm", {"y", "v"}, {"z"});
                m.file.outputs = {{"y", onnx_type::kFloat, true, {-1, 10}}, {"z", onnx_type::kFloat, true, {-1, 10}}};
                c.modelPath = t.path("two.onnx");
                writeFile(c.modelPath, encodeOnnx(m.file));
            });
        row("an architecture under other names", "looks like resnet8 under other names, but means and variances measured on the images differ",
            [](RunConfig& c, const TinyCase& t) {
                const StateDict state = initialStateDict("resnet8", 10, 7);
                std::vector<std::pair<std::string, at::Tensor>> tensors;
                int module = -1;
                std::string last;
                for (const ParameterSpec& p : parametersOf(*networkPlan("resnet8"), {}, 10)) {
                    const std::string of = p.name.substr(0, p.name.rfind('.'));
                    module += of != last;
                    last = of;
                    tensors.emplace_back("body." + std::to_string(module) + p.name.substr(p.name.rfind('.')), state.at(p.name));
                }
                c.modelPath = t.path("renamed.safetensors");
                writeFile(c.modelPath, encodeSafetensors(tensors));
            });
        row("a state dict that is not there", "has no state dict under ema", [](RunConfig& c, auto&) { c.stateDict = "ema"; });
        row("unknown architecture", "resnet", [](RunConfig& c, auto&) { c.architecture = "resnet21"; });
        row("more classes than outputs", "the data has 10 classes (airplane, automobile, bird, cat, deer, ...), the network 7 outputs; --fine-tune-epochs",
            [](RunConfig& c, const TinyCase& t) {
                t.writeNetwork("seven.safetensors", 7);
                c.modelPath = t.path("seven.safetensors");
            });
        row("fewer classes than outputs", "--classes FILE, a list with one name an output, or --fine-tune-epochs N",
            [](RunConfig& c, const TinyCase& t) {
                t.writeNetwork("twelve.safetensors", 12);
                c.modelPath = t.path("twelve.safetensors");
            });
        row("fine-tuning left out", "--classes FILE", [](RunConfig& c, const TinyCase& t) {
            t.writeNetwork("twelve.safetensors", 12);
            c.modelPath = t.path("twelve.safetensors");
            c.fineTuneEpochs = 2;
            c.skip = {Stage::FineTune};
        });
        row("class list absent", "names.txt", [](RunConfig& c, const TinyCase& t) { c.classesPath = t.path("names.txt"); });
        row("out is a file", "model.safetensors", [](RunConfig& c, const TinyCase& t) { c.out = t.path("model.safetensors"); });
        row("out below a file", "model.safetensors",
            [](RunConfig& c, const TinyCase& t) { c.out = t.path("model.safetensors/out"); });
        row("allocation absent", "no.json", [](RunConfig& c, const TinyCase& t) { c.allocationPath = t.path("no.json"); });
        row("allocation of one layer", "allocation: no width for the layer", [](RunConfig& c, const TinyCase& t) {
            writeFile(t.path("one.json"), "{\"conv1\": 4}");
            c.allocationPath = t.path("one.json");
        });
        row("allocation of a stranger", "no layer of that name", [](RunConfig& c, const TinyCase& t) {
            writeFile(t.path("other.json"), "{\"*\": 4, \"head\": 4}");
            c.allocationPath = t.path("other.json");
        });
        row("sensitivity skipped", "without it an allocation must be given",
            [](RunConfig& c, auto&) { c.skip = {Stage::Sensitivity}; });
        row("evaluation skipped", "nothing would be measured", [](RunConfig& c, auto&) { c.skip = {Stage::Evaluate}; });
        row("demo and files", "the built-in network", [](RunConfig& c, auto&) { c.demo = true; });
        row("session is a model", "model.safetensors",
            [](RunConfig& c, const TinyCase& t) { c.sessionPath = t.path("model.safetensors"); });
        row("session of nothing", "a session that no run has been started in", [](RunConfig& c, const TinyCase& t) {
            c.modelPath = c.dataPath = "";
            c.sessionPath = t.path("new.mprdo");
        });
    }
    void openingFails()
    {
        QFETCH(Change, change);
        QFETCH(QString, says);
        RunConfig config = m_case.config();
        config.out = m_case.path("results");
        change(config, m_case);
        const auto outcome = openSession(config, RunControl());
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr);
        const QString message = QString::fromStdString(failure->message);
        QVERIFY2(message.contains(says) && !message.contains('\n'), qPrintable(message));
        QVERIFY2(failure->code != ErrorCode::Internal, qPrintable(message));
        QVERIFY(!QFileInfo::exists(QString::fromStdString(m_case.path("results")))); // nothing half-begun stays
    }

    void evaluatingFails()
    {
        EvaluateConfig config;
        config.modelPath = m_case.path("model.safetensors");
        config.dataPath = m_case.path("data");
        config.test = 61;
        QVERIFY(std::holds_alternative<Failure>(evaluateFile(config, RunControl())));
        config.test = 10;
        QVERIFY(std::holds_alternative<MethodRow>(evaluateFile(config, RunControl())));
        config.modelPath = m_case.path("data");
        QVERIFY(std::holds_alternative<Failure>(evaluateFile(config, RunControl())));
        RunControl cancelled;
        cancelled.cancel();
        config.modelPath = m_case.path("model.safetensors");
        QVERIFY(std::holds_alternative<Cancelled>(evaluateFile(config, cancelled)));
    }

    void inspectTellsWhatIsThere()
    {
        const auto outcome = inspectFile(m_case.path("model.safetensors"));
        QVERIFY(std::holds_alternative<ModelSnapshot>(outcome));
        QCOMPARE(std::get<ModelSnapshot>(outcome).architecture, std::string("resnet8"));
        QVERIFY(std::holds_alternative<Failure>(inspectFile(m_case.path("absent"))));
    }

    void configSurvivesTheSession()
    {
        RunConfig config = m_case.config();
        config.target = MaxDrop{0.25};
        config.locks = {{"a", 8}, {"b.*", 4}};
        config.skip = {Stage::Scales};
        config.stopAfter = Stage::Hessian;
        config.mean = std::array<double, 3>{0.1, 0.2, 0.3};
        config.calibrationSeed = 9;
        config.fineTuneEpochs = 2;
        config.classesPath = "names.txt";
        config.metric = Metric::Fisher;
        config.effort = Effort::Best;
        config.exports = {{ExportFormat::Onnx, ExportFormat::C}, 13, true};
        const RunConfig back = decodeConfig(encodeConfig(config));
        QCOMPARE(encodeConfig(back), encodeConfig(config));
        QCOMPARE(back.exports.formats, config.exports.formats);
        QVERIFY(back.exports.onnxOpset == 13 && back.exports.verifyOnnx);
        QCOMPARE(back.locks, config.locks);
        QCOMPARE(back.classesPath, std::string("names.txt"));
        QCOMPARE(decodeConfig("{\"fine_tune_epochs\": null}").fineTuneEpochs, 0); // as "auto" was kept
        QCOMPARE(std::get<MaxDrop>(back.target).points, 0.25);
        for (const char* bad : {"", "[]", "{\"bits\": \"x\"}", "{\"metric\": \"taste\"}", "{"})
            QVERIFY_EXCEPTION_THROWN(decodeConfig(bad), Error);
    }

    void versionsAreKnown()
    {
        QVERIFY(versions().libtorch.rfind("LibTorch ", 0) == 0);
        QVERIFY(!versions().blas.empty());
    }
};

MPRDO_TEST(TstBadRuns)
#include "tst_bad_runs.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// The commands on a pipeline that is not there: exit codes, and what stands on which stream.
#include "app/command_line.h"
#include "app/interruption.h"
#include "tests/app/fake_session.h"
#include "tests/support/test_registry.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::app;
using namespace mprdo::app::test;

class TstCli : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runPrintsTableGainsAndFiles()
    {
        FakeWorld world;
        const auto r = world({"run", "--demo", "--out", "out"});
        QCOMPARE(r.err, QString());
        QCOMPARE(r.code, 0);
        QVERIFY(r.out.startsWith("| Method "));
        QVERIFY(r.out.contains("\ngains over uniform 8-bit: +0.10 points, 2.00x fewer bits, 50.0 % of the drop removed\n\nFiles\n"));
        QVERIFY(r.out.contains("  out/final_report.json  1,234 bytes\n"));
        QVERIFY(r.out.contains("  out/comparison.png "));
        QCOMPARE(world.calls, QStringList({"open", "draw out/comparison.png"}));
        QVERIFY(world.openedConfig.demo);
    }

    void jsonIsTheReportAndNothingElse()
    {
        FakeWorld world;
        world.run = [](const RunControl& control) {
            control.emit(StageStarted{Stage::Sensitivity});
            return report();
        };
        const auto r = world({"run", "--demo", "--json"});
        QCOMPARE(r.out, QString("{\"methods\": []}\n"));
        QCOMPARE(r.err, QString("stage 2 of 8, sensitivity\n"));
        QCOMPARE(r.code, 0);
        QCOMPARE(world.calls, QStringList({"open", "draw final_rdo_ptq_output/comparison.png"}));
    }

    void quietSaysNothing()
    {
        FakeWorld world;
        world.services.versions = [] { return Versions{"LibTorch 1.13.1", "BLAS", true}; };
        world.run = [](const RunControl& control) {
            control.emit(Notice{"hear me"});
            control.emit(StageStarted{Stage::Sensitivity});
            return report();
        };
        QCOMPARE(world({"run", "--demo", "--quiet"}).err, QString());
        const QString err = world({"run", "--demo"}).err;
        QVERIFY(err.startsWith("note: LibTorch multiplies matrices with the slow reference BLAS"));
        QVERIFY(err.endsWith("note: hear me\nstage 2 of 8, sensitivity\n"));
    }

    void stopAfterDrawsNothing()
    {
        FakeWorld world;
        world.run = [](const RunControl&) {
            RunReport out;
            out.stoppedAfter = "sensitivity";
            out.exported.files = {{"o/final_report.json", 12}};
            return out;
        };
        const auto r = world({"run", "--demo", "--stop-after", "sensitivity"});
        QCOMPARE(r.out, QString("Stopped after the stage sensitivity, as asked\n\nFiles\n  o/final_report.json  12 bytes\n"));
        QCOMPARE(r.code, 0);
        QCOMPARE(world.calls, QStringList({"open"}));
    }

    void aFailingPictureKeepsTheRest()
    {
        FakeWorld world;
        world.services.drawFigure = [](const RunReport&, const std::string&) -> std::optional<Failure> {
            return Failure{ErrorCode::Io, "out/comparison.png: no space left on device", {}};
        };
        const auto r = world({"run", "--demo"});
        QCOMPARE(r.code, 1);
        QVERIFY(r.out.contains("| MPRDO-PTQ "));
        QVERIFY(!r.out.contains("comparison.png"));
        QCOMPARE(r.err, QString("mprdo-ptq: comparison.png could not be drawn: out/comparison.png: no space left on "
                                "device; the other files are complete\n"));
    }

    void failures_data()
    {
        QTest::addColumn<int>("errorCode");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("context");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, ErrorCode code, const char* message, const char* context, int exit,
                            const char* sentence) {
            QTest::newRow(name) << int(code) << message << context << exit << sentence;
        };
        row("usage", ErrorCode::Usage, "--lock: no layer is named conv9", "", 2, "--lock: no layer is named conv9");
        row("file", ErrorCode::BadFile, "m.pth: empty", "", 1, "m.pth: empty");
        row("context", ErrorCode::Io, "d: no such folder", "while reading the data", 1,
            "d: no such folder (while reading the data)");
        row("budget", ErrorCode::BudgetInfeasible, "3.9 bits: the lowest possible is 4", "", 1,
            "3.9 bits: the lowest possible is 4");
        row("memory", ErrorCode::OutOfMemory, "not enough memory", "", 1, "not enough memory");
        row("hostile name", ErrorCode::BadFile, "evil\x1b]0;x\x07: empty", "", 1, "evil?]0;x?: empty");
    }
    void failures()
    {
        QFETCH(int, errorCode);
        QFETCH(QString, message);
        QFETCH(QString, context);
        QFETCH(int, exitCode);
        QFETCH(QString, sentence);
        const Failure failure{ErrorCode(errorCode), message.toStdString(), context.toStdString()};
        FakeWorld world;
        world.services.openSession = [&](auto&&...) -> Outcome<std::shared_ptr<Session>> { return failure; };
        world.services.inspectFile = [&](auto&&...) -> Outcome<ModelSnapshot> { return failure; };
        world.services.evaluateFile = [&](auto&&...) -> Outcome<MethodRow> { return failure; };
        world.services.trainDemo = [&](auto&&...) -> Outcome<double> { return failure; };
        world.services.exportSession = [&](auto&&...) -> Outcome<ExportResult> { return failure; };
        world.services.verifyFile = [&](auto&&...) -> Outcome<OnnxVerification> { return failure; };
        for (const QStringList& words : {QStringList{"run", "--demo"}, QStringList{"inspect", "m"},
                                         QStringList{"evaluate", "--model", "m", "--data", "d"}, QStringList{"export", "--session", "s"}, QStringList{"verify", "--model", "m", "--data", "d"}, QStringList{"train-demo"}})
            for (const bool terminal : {false, true}) {
                const auto r = world(words, terminal);
                QCOMPARE(r.code, exitCode);
                QCOMPARE(r.out, QString());
                QCOMPARE(r.err, "mprdo-ptq: " + sentence + "\n");
            }
    }

    void exceptionsOfARunAreFailures()
    {
        FakeWorld world;
        world.run = [](const RunControl&) -> RunReport { throw std::runtime_error("broken\nwith a trace"); };
        const auto r = world({"run", "--demo"});
        QCOMPARE(r.code, 1);
        QCOMPARE(r.err, QString("mprdo-ptq: broken\n"));
        QCOMPARE(r.out, QString());
    }

    void wrongUsageDoesNothing_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("sentence");
        QTest::addRow("option") << QStringList{"run", "--demo", "--bits", "1,9"} << "--bits: 1 is not a width of 2 to 8 bits";
        QTest::addRow("word") << QStringList{"rnu"} << "rnu: neither a subcommand nor an existing file; did you mean run?";
        QTest::addRow("hostile word") << QStringList{"r\x1bn"}
                                      << "r?n: neither a subcommand nor an existing file; did you mean run?";
    }
    void wrongUsageDoesNothing()
    {
        QFETCH(QStringList, words);
        QFETCH(QString, sentence);
        FakeWorld world;
        const auto r = world(words);
        QCOMPARE(r.code, 2);
        QCOMPARE(r.out, QString());
        QCOMPARE(r.err, "mprdo-ptq: " + sentence + "\n");
        QCOMPARE(world.calls, QStringList());
    }

    void interruptCancels_data()
    {
        QTest::addColumn<int>("signal");
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("sentence");
        QTest::addRow("Ctrl-C") << SIGINT << QStringList{"run", "--demo"} << "" << "cancelled; nothing was written";
        QTest::addRow("terminate") << SIGTERM << QStringList{"run", "--demo"} << "" << "cancelled; nothing was written";
        QTest::addRow("session") << SIGINT << QStringList{"run", "--demo", "--session", "s.mprdo"} << ""
                                 << "cancelled; what was finished is kept in s.mprdo";
        QTest::addRow("told where") << SIGINT << QStringList{"run", "--demo"} << "stages 1 and 2 are in s.mprdo"
                                    << "cancelled; stages 1 and 2 are in s.mprdo";
    }
    void interruptCancels()
    {
        QFETCH(int, signal);
        QFETCH(QStringList, words);
        QFETCH(QString, where);
        QFETCH(QString, sentence);
        FakeWorld world;
        world.run = [&](const RunControl& control) -> RunReport {
            control.throwIfCancelled();
            std::raise(signal);
            if (control.cancelled())
                throw Cancelled{where.toStdString()};
            return report();
        };
        const auto r = world(words);
        QCOMPARE(r.code, 130);
        QCOMPARE(r.out, QString());
        QCOMPARE(r.err, "mprdo-ptq: " + sentence + "\n");
        QCOMPARE(world.calls, QStringList({"open"}));
    }

    void secondInterruptEndsAtOnce()
    {
        const pid_t child = fork();
        QVERIFY(child >= 0);
        if (child == 0) { // nothing but async-signal-safe calls beyond what the handler itself does
            close(STDERR_FILENO);
            const RunControl control;
            const Interruption interruption(control);
            std::raise(SIGINT);
            if (!control.cancelled())
                _exit(3);
            std::raise(SIGINT);
            _exit(4);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 130);
    }

    void handlersAreGivenBack()
    {
        struct sigaction before {}, after {};
        sigaction(SIGINT, nullptr, &before);
        FakeWorld()({"run", "--demo"});
        sigaction(SIGINT, nullptr, &after);
        QVERIFY(before.sa_handler == after.sa_handler);
    }

    void closedStandardOutputIsAFailure()
    {
        FakeWorld world;
        std::ostringstream out, err;
        out.setstate(std::ios::badbit);
        QCOMPARE(runProgram({"run", "--demo"}, world.services, Console{out, err}, world.files), 1);
        QCOMPARE(QString::fromStdString(err.str()), QString("mprdo-ptq: standard output: cannot be written\n"));
    }

    void inspectAndEvaluate()
    {
        FakeWorld world;
        auto r = world({"inspect", "m.st"});
        QCOMPARE(r.code, 0);
        QVERIFY(r.out.startsWith("m.st\nformat        safetensors\narchitecture  resnet20\n"));
        QVERIFY(world({"inspect", "m.st", "--json"}).out.startsWith("{\n  \"path\": \"m.st\""));

        r = world({"evaluate", "--model", "m", "--data", "d", "--test", "100"});
        QCOMPARE(r.code, 0);
        QCOMPARE(r.out.count('\n'), 3);
        QVERIFY(r.out.contains("| FP32   |        83.50 |"));
        QCOMPARE(world.evaluated.test, std::int64_t(100));
        QCOMPARE(world({"evaluate", "--model", "m", "--data", "d", "--json"}).out, QString("{\"method\": \"FP32\"}\n"));
    }

    void exportsARun()
    {
        FakeWorld world;
        const auto r = world({"export", "--session", "s.mprdo", "--run", "best", "--format", "onnx,c", "--out", "o", "--onnx-opset", "13"});
        QCOMPARE(r.code, 0);
        QVERIFY(r.out.startsWith("| Method "));
        QVERIFY(r.out.endsWith("\nFiles\n  o/quant_export.onnx  1,234 bytes\n"));
        QCOMPARE(world.exported.run, std::string("best"));
        QCOMPARE(world.exported.options.formats, (std::vector<ExportFormat>{ExportFormat::Onnx, ExportFormat::C}));
        QCOMPARE(world.exported.options.onnxOpset, 13);
        QVERIFY(!world.exported.options.verifyOnnx);
    }

    void exportSaysWhatTheRuntimeMakesOfIt()
    {
        FakeWorld world;
        const QStringList line{"export", "--session", "s", "--format", "onnx", "--out", "o", "--verify"};
        auto r = world(line);
        QCOMPARE(r.code, 0);
        QVERIFY(r.out.contains("bytes\n\no/quant_export.onnx in ONNX Runtime 1.30.0, 2000 images"));
        world.verifies = false;
        r = world(line);
        QCOMPARE(r.code, 1);
        QCOMPARE(r.err, QString("mprdo-ptq: o/quant_export.onnx: ONNX Runtime 1.30.0 and this program differ by more than the bounds\n"));
        world.runtime = false;
        r = world(line);
        QCOMPARE(r.code, 0);
        QVERIFY(r.out.endsWith("bytes\n\nNot compared: node is not installed\n"));
    }

    void verify()
    {
        FakeWorld world;
        auto r = world({"verify", "--model", "m.onnx", "--data", "d"});
        QCOMPARE(r.code, 0);
        QCOMPARE(r.err, QString());
        QCOMPARE(r.out, QString("m.onnx in ONNX Runtime 1.30.0, 2000 images, 91.50 % here\n"
                                "  optimisation disabled: the same class on 2000 of 2000, largest difference 2e-06 of an image's largest "
                                "logit, 91.50 %: holds\n"
                                "  optimisation all: the same class on 1999 of 2000 (1 more lie within the bound), largest difference 3e-06 of "
                                "an image's largest logit, 91.45 %: holds\n"
                                "Bounds: difference 0.0001, the same class but where the two best logits lie within that\n"));
        world.verifies = false;
        r = world({"verify", "--model", "m.onnx", "--data", "d", "--json"});
        QCOMPARE(r.code, 1);
        QCOMPARE(r.err, QString("mprdo-ptq: m.onnx: ONNX Runtime 1.30.0 and this program differ by more than the bounds\n"));
        const QJsonObject json = QJsonDocument::fromJson(r.out.toUtf8()).object();
        QCOMPARE(json["holds"].toBool(true), false);
        QCOMPARE(json["levels"].toArray().size(), 2);
        QCOMPARE(json["levels"].toArray()[1].toObject()["undecided"].toInt(), 1);
    }

    void trainDemo()
    {
        FakeWorld world;
        const auto r = world({"train-demo", "--out", "d.st"});
        QCOMPARE(r.code, 0);
        QCOMPARE(r.out, QString("d.st: 94.50 % on the demo's test images\n"));
        QCOMPARE(world.calls, QStringList({"train d.st 30 42"}));
    }

    void versions()
    {
        FakeWorld world;
        QCOMPARE(world({"--version"}).out, QString("mprdo-ptq " MPRDO_VERSION "\nLibTorch 1.13.1\nQt 6.4.2\nOpenBLAS 0.3.21\n"));
        world.services.versions = [] { return Versions{"LibTorch 1.13.1", "reference BLAS", true}; };
        QVERIFY(world({"--version"}).out.contains("\nreference BLAS\nnote: LibTorch multiplies"));
    }

    void helpIsOnStandardOutput()
    {
        FakeWorld world;
        const auto r = world({"run", "--help"});
        QCOMPARE(r.code, 0);
        QCOMPARE(r.out, QString::fromStdString(helpText("run")));
        QCOMPARE(r.err, QString());
        QCOMPARE(world.calls, QStringList());
    }

    void windowNeedsADisplay()
    {
        FakeWorld world;
        QCOMPARE(world({"model.pth", "--data", "d"}).code, 0);
        QCOMPARE(world.calls, QStringList({"window"}));
        QCOMPARE(world.shown.modelPath, std::string("model.pth"));
        QCOMPARE(world.shown.dataPath, std::string("d"));
        QCOMPARE(world({"--ui-map", "map.json"}).code, 0);
        QCOMPARE(world.calls.takeLast(), QString("window map.json"));

        world.services.displayProblem = [] { return std::optional<std::string>("no display"); };
        QCOMPARE(world({"--demo", "--screenshots", "pictures"}).code, 0); // offscreen
        QCOMPARE(world.calls, QStringList({"window", "screenshots pictures"}));
        const auto r = world({});
        QCOMPARE(r.code, 1);
        QCOMPARE(r.err, QString("mprdo-ptq: no display\n"));
        QCOMPARE(world.calls.size(), 2);
    }
};

MPRDO_TEST(TstCli)
#include "tst_cli.moc"

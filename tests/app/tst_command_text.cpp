// SPDX-License-Identifier: GPL-3.0-or-later
// "Copy as command line": a real shell runs the text, and what it hands to the program is read by the real parser.
#include "core/api/average_bits.h"
#include "app/command_line.h"
#include "tests/app/fake_session.h"
#include "tests/support/test_registry.h"
#include "ui/command_text.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::app;
using mprdo::app::test::FakeWorld;

Q_DECLARE_METATYPE(mprdo::RunConfig)
Q_DECLARE_METATYPE(mprdo::Rounding)

namespace {

ModelSnapshot model()
{
    ModelSnapshot out;
    for (const char* name : {"conv1", "layer1.0.conv1", "it's \"odd\" $(layer)", "linear"})
        out.layers.push_back({name, {8, 8}, 64, 8, 0, 64, name});
    return out;
}

RunRecord run(Rounding rounding)
{
    RunRecord out;
    out.id = 12;
    out.rounding = rounding;
    out.allocation.bits = {8, 3, kKeepFp32, 2};
    return out;
}

/// What a shell makes of the text: the words that mprdo-ptq was started with, and the file beside it.
struct Shell {
    QTemporaryDir folder;
    std::vector<std::string> words;
    QByteArray allocation, errors;

    explicit Shell(const QString& text)
    {
        write("mprdo-ptq", "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\0' \"$word\"; done > words\n");
        QFile::setPermissions(folder.filePath("mprdo-ptq"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QProcess shell;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("PATH", folder.path() + ":" + environment.value("PATH"));
        shell.setProcessEnvironment(environment);
        shell.setWorkingDirectory(folder.path());
        shell.start("/bin/sh", {"-eu"});
        shell.write(text.toUtf8());
        shell.closeWriteChannel();
        if (!shell.waitForFinished() || shell.exitCode() != 0)
            errors = "the shell failed: ";
        errors += shell.readAllStandardError();
        for (const QByteArray& word : read("words").split('\0'))
            words.push_back(word.toStdString());
        if (!words.empty())
            words.pop_back(); // behind the last zero
        allocation = read("run-12.json");
    }

private:
    void write(const QString& name, const QByteArray& text)
    {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(text);
    }
    QByteArray read(const QString& name)
    {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
};

bool sameTarget(const Target& a, const Target& b)
{
    if (a.index() != b.index())
        return false;
    if (const auto* bits = std::get_if<TargetBits>(&a))
        return bits->averageBits == std::get<TargetBits>(b).averageBits;
    if (const auto* bytes = std::get_if<TargetBytes>(&a))
        return bytes->fileBytes == std::get<TargetBytes>(b).fileBytes;
    return std::get<MaxDrop>(a).points == std::get<MaxDrop>(b).points;
}

/// The first field that is not alike; empty: none.
QString difference(const RunConfig& a, const RunConfig& b)
{
#define MPRDO_SAME(field)                                                                                              \
    if (!(a.field == b.field))                                                                                         \
    return #field
    MPRDO_SAME(demo);
    MPRDO_SAME(modelPath);
    MPRDO_SAME(dataPath);
    MPRDO_SAME(output);
    MPRDO_SAME(architecture);
    MPRDO_SAME(stateDict);
    MPRDO_SAME(input);
    MPRDO_SAME(classesPath);
    MPRDO_SAME(mean);
    MPRDO_SAME(std);
    MPRDO_SAME(calibration);
    MPRDO_SAME(holdOut);
    MPRDO_SAME(test);
    MPRDO_SAME(calibrationSeed);
    MPRDO_SAME(calibrationBalanced);
    MPRDO_SAME(calibrationClasses);
    MPRDO_SAME(bits);
    MPRDO_SAME(locks);
    MPRDO_SAME(allocationPath);
    MPRDO_SAME(metric);
    MPRDO_SAME(sensitivityRounding);
    MPRDO_SAME(grid);
    MPRDO_SAME(rate);
    MPRDO_SAME(activations);
    MPRDO_SAME(activationRange);
    MPRDO_SAME(fineTuneEpochs);
    MPRDO_SAME(stopAfter);
    MPRDO_SAME(skip);
    MPRDO_SAME(effort);
    MPRDO_SAME(seed);
    MPRDO_SAME(inputFormat);
    MPRDO_SAME(threads);
    MPRDO_SAME(out);
    MPRDO_SAME(sessionPath);
#undef MPRDO_SAME
    return sameTarget(a.target, b.target) ? QString() : QStringLiteral("target");
}

RunConfig files()
{
    RunConfig out;
    out.modelPath = "/models/resnet20.pth";
    out.dataPath = "/data/cifar-10";
    return out;
}

RunConfig everything()
{
    RunConfig out = files();
    out.output = "head/logits 1";
    out.architecture = "resnet20";
    out.stateDict = "state_dict.the teacher";
    out.input = InputSize{224, 192, 3};
    out.inputFormat = {ChannelOrder::Bgr, PixelRange::Byte, Layout::Nhwc};
    out.mean = {{-0.1, 1.0 / 3, 0.4465}};
    out.std = {{0.2470, 1e-3, 2}};
    out.calibration = 256;
    out.calibrationSeed = 0;
    out.calibrationBalanced = true;
    out.calibrationClasses = {"cat", "fire truck"};
    out.holdOut = 64;
    out.test = 10000;
    out.bits = {2, 3, 5};
    out.metric = Metric::Fisher;
    out.sensitivityRounding = Rounding::ClosedForm;
    out.grid = GridMode::Affine;
    out.rate = RateKind::Entropy;
    out.activations = 4;
    out.activationRange = RangeRule::Percentile;
    out.fineTuneEpochs = 2;
    out.classesPath = "/data/class names.txt";
    out.stopAfter = Stage::Evaluate;
    out.skip = {Stage::Hessian, Stage::Compare};
    out.effort = Effort::Best;
    out.seed = 18446744073709551615u;
    out.threads = 2;
    out.out = "/results/of it";
    out.sessionPath = "/sessions/kept.mprdo";
    return out;
}

} // namespace

class TstCommandText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void quoting_data()
    {
        QTest::addColumn<QString>("word");
        for (const char* word :
             {"plain", "/a/b-c_d.e", "a b", "",   "it's", "'",    "''",          "\"", "$HOME", "`ls`",  "a;b",
              "a&b|c", "*",          "~",   "#x", "-x",   "a\\b", "line\nbreak", "!",  "(x)",   "Zürich"})
            QTest::newRow(*word ? word : "empty") << QString::fromUtf8(word);
    }
    void quoting()
    {
        QFETCH(QString, word);
        const Shell shell("mprdo-ptq " + shellQuoted(word) + "\n");
        QCOMPARE(shell.errors, QByteArray());
        QCOMPARE(shell.words, std::vector<std::string>{word.toStdString()});
    }

    void comesBack_data()
    {
        QTest::addColumn<RunConfig>("config");
        QTest::addColumn<Rounding>("rounding");
        RunConfig demo;
        demo.demo = true;
        QTest::newRow("the demo") << demo << Rounding::Optimised;
        QTest::newRow("files") << files() << Rounding::Optimised;
        QTest::newRow("nearest rounding") << files() << Rounding::Nearest;
        QTest::newRow("closed form") << files() << Rounding::ClosedForm;
        QTest::newRow("everything") << everything() << Rounding::Optimised;
        QTest::newRow("everything, nearest") << everything() << Rounding::Nearest;
        RunConfig odd = files();
        odd.modelPath = "/it's a \"model\" of $HOME; rm -rf x/--model.pth";
        odd.dataPath = "/data/*/Zürich\\n";
        odd.sessionPath = "/s/a&b.mprdo";
        QTest::newRow("odd paths") << odd << Rounding::Optimised;
        RunConfig described = files();
        described.architecture = "/nets/my net.json";
        QTest::newRow("a description") << described << Rounding::Optimised;
        RunConfig all = files();
        all.test = -1;
        QTest::newRow("all test images") << all << Rounding::Optimised;
        RunConfig bytes = files();
        bytes.target = TargetBytes{400000};
        QTest::newRow("a target in bytes") << bytes << Rounding::Optimised;
        RunConfig drop = files();
        drop.target = MaxDrop{1};
        drop.locks = {{"conv1", 8}, {"layer1.*", 4}};
        QTest::newRow("a target in points, and locks") << drop << Rounding::Optimised;
        RunConfig early = files();
        early.stopAfter = Stage::Sensitivity;
        QTest::newRow("stopped before there was a run") << early << Rounding::Optimised;
        RunConfig given = files();
        given.allocationPath = "/elsewhere.json";
        given.skip = {Stage::Sensitivity};
        QTest::newRow("an allocation already") << given << Rounding::Optimised;
    }
    void comesBack()
    {
        QFETCH(RunConfig, config);
        QFETCH(Rounding, rounding);
        const ModelSnapshot network = model();
        const RunRecord record = run(rounding);
        const Shell shell(commandText(config, network, record));
        QCOMPARE(shell.errors, QByteArray());
        const auto parsed = parseCommandLine(shell.words, FakeWorld().files);
        if (const auto* error = std::get_if<UsageError>(&parsed))
            QFAIL(error->message.c_str());
        const auto* command = std::get_if<RunCommand>(&std::get<Command>(parsed));
        QVERIFY(command);
        // The widths answer target and locks; nearest rounding is what no stage has touched.
        RunConfig expected = config;
        expected.allocationPath = "run-12.json";
        expected.target = usualTarget(expected.bits);
        expected.locks.clear();
        if (expected.stopAfter && *expected.stopAfter < Stage::Evaluate)
            expected.stopAfter.reset();
        if (rounding == Rounding::Nearest)
            expected.skip.insert({Stage::Scales, Stage::Hessian, Stage::Rounding});
        else if (rounding == Rounding::ClosedForm)
            expected.skip.insert({Stage::Scales, Stage::Rounding});
        QCOMPARE(difference(command->config, expected), QString());

        const QJsonObject widths = QJsonDocument::fromJson(shell.allocation).object();
        QCOMPARE(widths.size(), qsizetype(network.layers.size()));
        for (std::size_t l = 0; l < network.layers.size(); ++l)
            QCOMPARE(widths.value(QString::fromStdString(network.layers[l].name)).toInt(), record.allocation.bits[l]);
    }

    void relativePathsAreMadeAbsolute()
    {
        RunConfig config;
        config.modelPath = "model.pth";
        config.dataPath = "data";
        config.out = "results";
        const Shell shell(commandText(config, model(), run(Rounding::Optimised)));
        const auto parsed = parseCommandLine(shell.words, FakeWorld().files);
        QVERIFY(std::holds_alternative<Command>(parsed));
        const RunConfig& read = std::get<RunCommand>(std::get<Command>(parsed)).config;
        const auto here = [](const char* name) { return QDir::current().absoluteFilePath(name).toStdString(); };
        QCOMPARE(read.modelPath, here("model.pth"));
        QCOMPARE(read.dataPath, here("data"));
        QCOMPARE(read.out, here("results"));
    }

    void whatIsUsualIsNotSaid()
    {
        RunConfig demo;
        demo.demo = true;
        const QString text = commandText(demo, model(), run(Rounding::Optimised));
        QCOMPARE(text.section('\n', -2, -2), QString("mprdo-ptq run --demo --allocation run-12.json"));
        QCOMPARE(text.section('\n', 0, 1), QString("cat > run-12.json <<'END'\n{"));
    }
};

MPRDO_TEST(TstCommandText)
#include "tst_command_text.moc"

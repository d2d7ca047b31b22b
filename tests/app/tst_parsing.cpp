// SPDX-License-Identifier: GPL-3.0-or-later
// From words to commands: what each option means, and the sentence for each way of getting it wrong.
#include "app/command_line.h"
#include "tests/app/fake_session.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::app;
using namespace mprdo::app::test;

namespace {

/// Words as a shell would split them (no quoting; "''" is the empty word).
std::vector<std::string> words(const QString& line)
{
    std::vector<std::string> out;
    for (const QString& word : line.split(' ', Qt::SkipEmptyParts))
        out.push_back(word == "''" ? std::string() : word.toStdString());
    return out;
}

std::variant<Command, UsageError> parse(const QString& line)
{
    return parseCommandLine(words(line), FakeWorld().files);
}

QString targetText(const Target& target)
{
    if (const auto* bits = std::get_if<TargetBits>(&target))
        return QString("bits %1").arg(bits->averageBits);
    if (const auto* bytes = std::get_if<TargetBytes>(&target))
        return QString("bytes %1").arg(bytes->fileBytes);
    return QString("drop %1").arg(std::get<MaxDrop>(target).points);
}

QString formatText(const InputFormat& format)
{
    QString out;
    const auto add = [&](std::string_view word) { out += ' ' + QString::fromUtf8(word.data(), qsizetype(word.size())); };
    if (format.channelOrder)
        add(name(*format.channelOrder));
    if (format.range)
        add(name(*format.range));
    if (format.layout)
        add(name(*format.layout));
    return out;
}

QString tripleText(const std::optional<std::array<double, 3>>& triple)
{
    return triple ? QString("%1,%2,%3").arg((*triple)[0]).arg((*triple)[1]).arg((*triple)[2]) : QString("usual");
}

QString exportsText(const ExportOptions& options)
{
    QString out = QString::number(options.onnxOpset);
    for (const ExportFormat format : options.formats)
        out += " " + QString::fromUtf8(name(format).data());
    return out + (options.verifyOnnx ? " +verify" : "");
}

/// Everything of a config that differs from the defaults, in a fixed order.
QString configText(const RunConfig& c)
{
    const RunConfig d;
    QStringList out;
    const auto add = [&](const char* key, const QString& value, const QString& usual) {
        if (value != usual)
            out << QString(key) + "=" + value;
    };
    const auto text = [](const std::string& s) { return QString::fromStdString(s); };
    const auto viewed = [](std::string_view s) { return QString::fromUtf8(s.data(), qsizetype(s.size())); };
    add("demo", c.demo ? "1" : "0", "0");
    add("model", text(c.modelPath), "");
    add("data", text(c.dataPath), "");
    add("output", text(c.output), "");
    add("arch", text(c.architecture), "");
    add("state-dict", text(c.stateDict), "");
    add("input", c.input ? QString::fromStdString(inputSizeText(*c.input)) : "", "");
    add("list", text(c.classesPath), "");
    add("format", formatText(c.inputFormat), "");
    add("mean", tripleText(c.mean), "usual");
    add("std", tripleText(c.std), "usual");
    add("calibration", QString::number(c.calibration), QString::number(d.calibration));
    add("calibrationSeed", c.calibrationSeed ? QString::number(*c.calibrationSeed) : "first", "first");
    add("balanced", c.calibrationBalanced ? "1" : "0", "0");
    QStringList classes;
    for (const std::string& name : c.calibrationClasses)
        classes << QString::fromStdString(name);
    add("classes", classes.join(','), QString());
    add("holdOut", QString::number(c.holdOut), QString::number(d.holdOut));
    add("test", QString::number(c.test), QString::number(d.test));
    QStringList widths;
    for (const Bits b : c.bits)
        widths << QString::number(b);
    add("bits", widths.join(','), "4,6,8");
    add("target", targetText(c.target), targetText(d.target));
    QStringList locks;
    for (const auto& lock : c.locks)
        locks << text(lock.first) + ":" + QString::number(lock.second);
    add("locks", locks.join(','), "");
    add("allocation", text(c.allocationPath), "");
    add("metric", viewed(name(c.metric)), "kl");
    add("rounding", viewed(name(c.sensitivityRounding)), "nearest");
    add("grid", viewed(name(c.grid)), "auto");
    add("rate", viewed(name(c.rate)), "fixed");
    add("activations", QString::number(c.activations), "32");
    add("range", viewed(name(c.activationRange)), "auto");
    add("epochs", QString::number(c.fineTuneEpochs), "0");
    add("stopAfter", c.stopAfter ? viewed(name(*c.stopAfter)) : QString(), "");
    QStringList skips;
    for (const Stage s : c.skip)
        skips << viewed(name(s));
    add("skip", skips.join(','), "");
    add("effort", viewed(name(c.effort)), "normal");
    add("seed", QString::number(c.seed), "42");
    add("threads", QString::number(c.threads), "0");
    add("session", text(c.sessionPath), "");
    add("out", text(c.out), text(d.out));
    add("exports", exportsText(c.exports), exportsText(d.exports));
    return out.join(' ');
}

QString commandText(const Command& command)
{
    struct Teller {
        QString operator()(const RunCommand& c) const
        {
            return QString("run ") + configText(c.config) + (c.json ? " +json" : "") + (c.quiet ? " +quiet" : "");
        }
        QString operator()(const WindowCommand& c) const
        {
            return ("window " + configText(c.config) + " " + QString::fromStdString(c.screenshots)
                    + (c.uiMap.empty() ? QString() : " map=" + QString::fromStdString(c.uiMap)))
                .trimmed();
        }
        QString operator()(const InspectCommand& c) const
        {
            return "inspect " + QString::fromStdString(c.path + " " + c.architecture)
                + (c.stateDict.empty() ? "" : " state-dict=" + QString::fromStdString(c.stateDict))
                + (c.output.empty() ? "" : " output=" + QString::fromStdString(c.output))
                + (c.input ? QString(" input=") + QString::fromStdString(inputSizeText(*c.input)) : "")
                + formatText({{}, {}, c.layout}) + (c.json ? " +json" : "");
        }
        QString operator()(const EvaluateCommand& c) const
        {
            return QString("evaluate %1 %2 %3 %4 %5 %6 %7")
                       .arg(QString::fromStdString(c.config.modelPath), QString::fromStdString(c.config.dataPath),
                            QString::fromStdString(c.config.architecture), tripleText(c.config.mean),
                            tripleText(c.config.std))
                       .arg(c.config.test)
                       .arg(c.config.threads)
                + (c.config.referencePath.empty() ? "" : " reference=" + QString::fromStdString(c.config.referencePath))
                + (c.config.output.empty() ? "" : " output=" + QString::fromStdString(c.config.output))
                + (c.config.stateDict.empty() ? "" : " state-dict=" + QString::fromStdString(c.config.stateDict))
                + (c.config.input ? QString(" input=") + QString::fromStdString(inputSizeText(*c.config.input)) : "")
                + formatText(c.config.inputFormat) + (c.json ? " +json" : "") + (c.quiet ? " +quiet" : "");
        }
        QString operator()(const ExportCommand& c) const
        {
            return QString("export %1 [%2] %3 %4")
                       .arg(QString::fromStdString(c.config.sessionPath), QString::fromStdString(c.config.run),
                            QString::fromStdString(c.config.out), exportsText(c.config.options))
                + (c.quiet ? " +quiet" : "");
        }
        QString operator()(const VerifyCommand& c) const
        {
            return QString("verify %1 %2 [%3] [%4] %5 %6 %7")
                       .arg(QString::fromStdString(c.config.modelPath), QString::fromStdString(c.config.dataPath),
                            QString::fromStdString(c.config.referencePath), QString::fromStdString(c.config.runtimePath),
                            tripleText(c.config.mean), tripleText(c.config.std))
                       .arg(c.config.test)
                + (c.config.architecture.empty() ? "" : " arch=" + QString::fromStdString(c.config.architecture))
                + (c.config.stateDict.empty() ? "" : " state-dict=" + QString::fromStdString(c.config.stateDict))
                + (c.config.input ? QString(" input=") + QString::fromStdString(inputSizeText(*c.config.input)) : "")
                + formatText(c.config.inputFormat) + (c.json ? " +json" : "") + (c.quiet ? " +quiet" : "");
        }
        QString operator()(const TrainDemoCommand& c) const
        {
            return QString("train-demo %1 %2 %3").arg(QString::fromStdString(c.out)).arg(c.seed).arg(c.epochs)
                + (c.quiet ? " +quiet" : "");
        }
        QString operator()(const HelpCommand& c) const { return "help " + QString::fromStdString(c.subcommand); }
        QString operator()(const VersionCommand&) const { return "version"; }
    };
    return std::visit(Teller{}, command);
}

} // namespace

class TstParsing : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void good_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* line, const char* expected) { QTest::newRow(line) << line << expected; };
        row("", "window");
        row("--demo", "window demo=1");
        row("model.pth", "window model=model.pth");
        row("model.pth --data d", "window model=model.pth data=d");
        row("--data d model.pth", "window model=model.pth data=d");
        row("--model m --data d --threads 2", "window model=m data=d threads=2");
        row("old.mprdo", "window session=old.mprdo");
        row("-- model.pth", "window model=model.pth");
        row("--screenshots dir --demo", "window demo=1 dir");
        row("--ui-map map.json", "window   map=map.json");
        row("--demo --ui-map=map.json", "window demo=1  map=map.json");
        row("--help", "help ");
        row("-h", "help ");
        row("--version", "version");
        row("-V", "version");
        row("run --help", "help run");
        row("run --model m --help", "help run");
        row("inspect -h", "help inspect");
        row("evaluate --help", "help evaluate");
        row("export --help", "help export");
        row("verify --help", "help verify");
        row("train-demo --help", "help train-demo");
        row("run --demo", "run demo=1");
        row("run --demo --json --quiet", "run demo=1 +json +quiet");
        row("run --model m --data d", "run model=m data=d");
        row("run --model=m --data=d=e", "run model=m data=d=e");
        row("run --demo --bits 2,3,4,5,6,7,8", "run demo=1 bits=2,3,4,5,6,7,8 target=bits 2.095");
        row("run --demo --bits 8", "run demo=1 bits=8 target=bits 8");
        row("run --demo --target-bits 3", "run demo=1 target=bits 3");
        row("run --demo --bits 4", "run demo=1 bits=4 target=bits 4");
        row("run --demo --bits 6,8", "run demo=1 bits=6,8 target=bits 6.285");
        row("run --demo --bits 2,8", "run demo=1 bits=2,8 target=bits 2.095");
        row("run --demo --bits 2,8 --target-bits 8.5", "run demo=1 bits=2,8 target=bits 8.5");
        row("run --demo --target-bytes 400000", "run demo=1 target=bytes 400000");
        row("run --demo --max-drop 0", "run demo=1 target=drop 0");
        row("run --demo --lock conv1=8 --lock layer3.*=4", "run demo=1 locks=conv1:8,layer3.*:4");
        row("run --demo --lock=a=b=8", "run demo=1 locks=a=b:8");
        row("run --demo --lock conv1=32", "run demo=1 locks=conv1:32");
        row("run --demo --keep-fp conv1 --keep-fp layer3.*", "run demo=1 locks=conv1:32,layer3.*:32");
        row("run --demo --keep-fp linear --lock *=8", "run demo=1 locks=*:8,linear:32"); // the last one holds
        row("run --demo --allocation f.json --skip sensitivity", "run demo=1 allocation=f.json skip=sensitivity");
        row("run --demo --skip scales --skip hessian,rounding", "run demo=1 skip=scales,hessian,rounding");
        row("run --demo --stop-after sensitivity", "run demo=1 stopAfter=sensitivity");
        row("run --demo --metric fisher --sensitivity-rounding closed-form --grid affine --effort best",
            "run demo=1 metric=fisher rounding=closed-form grid=affine effort=best");
        row("run --demo --rate entropy --target-bits 1.5", "run demo=1 target=bits 1.5 rate=entropy");
        row("run --demo --activations 8", "run demo=1 activations=8");
        row("run --demo --activations 4 --activation-range mse", "run demo=1 activations=4 range=mse");
        row("run --demo --activations none", "run demo=1");
        row("run --demo --fine-tune-epochs 0", "run demo=1");
        row("run --demo --fine-tune-epochs 3", "run demo=1 epochs=3");
        row("run --model a.pth --data d --classes names.txt", "run model=a.pth data=d list=names.txt");
        row("run --demo --calibration 64 --calibration-seed 0 --hold-out 128 --test all",
            "run demo=1 calibration=64 calibrationSeed=0 holdOut=128 test=-1");
        row("run --demo --calibration-balanced --calibration-classes cat,dog", "run demo=1 balanced=1 classes=cat,dog");
        row("run --demo --test 10000", "run demo=1 test=10000");
        row("run --demo --seed 18446744073709551615 --threads 4", "run demo=1 seed=18446744073709551615 threads=4");
        row("run --model m --data d --arch resnet18 --mean 0.5,0.25,-1 --std 1,2,1e-1",
            "run model=m data=d arch=resnet18 mean=0.5,0.25,-1 std=1,2,0.1");
        row("run --session old.mprdo", "run session=old.mprdo");
        row("run --session new.mprdo --demo --out o", "run demo=1 session=new.mprdo out=o");
        row("run --model m --data d --state-dict ema.model", "run model=m data=d state-dict=ema.model");
        row("evaluate --model m --data d --state-dict ema", "evaluate m d  usual usual -1 0 state-dict=ema");
        row("verify --model m.onnx --data d --reference r.pth --arch resnet20 --state-dict ema",
            "verify m.onnx d [r.pth] [] usual usual 2000 arch=resnet20 state-dict=ema");
        row("inspect model.pth --state-dict ema", "inspect model.pth  state-dict=ema");
        row("inspect model.pth", "inspect model.pth ");
        row("run --model m --data d --arch ./net.json", "run model=m data=d arch=./net.json");
        row("inspect model.pth --arch resnet20 --json", "inspect model.pth resnet20 +json");
        row("inspect model.onnx --output out.0", "inspect model.onnx  output=out.0");
        row("run --model m --data d --output logits", "run model=m data=d output=logits");
        row("evaluate --model m --data d --output logits", "evaluate m d  usual usual -1 0 output=logits");
        row("inspect -- --strange-name", "inspect --strange-name ");
        row("inspect m.onnx --input 3x224x192 --layout NHWC", "inspect m.onnx  input=3x224x192 nhwc");
        row("run --model m --data d --input 1x28x28 --mean 0.1307 --std 0.3081",
            "run model=m data=d input=1x28x28 mean=0.1307,0.1307,0.1307 std=0.3081,0.3081,0.3081");
        row("run --model m --data d --channel-order bgr --range 255 --layout nhwc", "run model=m data=d format= bgr 0-255 nhwc");
        row("evaluate --model m --data d --channel-order rgb --range 0-255", "evaluate m d  usual usual -1 0 rgb 0-255");
        row("evaluate --model m --data d", "evaluate m d  usual usual -1 0");
        row("run --model m --data d --input 3x224x192", "run model=m data=d input=3x224x192");
        row("run --model m --data d --input 96", "run model=m data=d input=96");
        row("evaluate --model m --data d --reference r", "evaluate m d  usual usual -1 0 reference=r");
        row("evaluate --model m --data d --input 64", "evaluate m d  usual usual -1 0 input=64");
        row("evaluate --model m --data d --arch a --mean 0,0,0 --std 1,1,1 --test 100 --threads 2 --json --quiet",
            "evaluate m d a 0,0,0 1,1,1 100 2 +json +quiet");
        row("evaluate --model m --data d --test all", "evaluate m d  usual usual -1 0");
        row("export --session s.mprdo", "export s.mprdo [] final_rdo_ptq_output 21");
        row("export --session s --run 3 --format onnx,pt,json,safetensors,c,mprz --onnx-opset 13 --out o --quiet",
            "export s [3] o 13 onnx pt json safetensors c mprz +quiet");
        row("export --session s --format onnx --verify", "export s [] final_rdo_ptq_output 21 onnx +verify");
        row("run --demo --format onnx,c --verify --onnx-opset 13", "run demo=1 exports=13 onnx c +verify");
        row("verify --model m.onnx --data d", "verify m.onnx d [] [] usual usual 2000");
        row("verify --model m.onnx --data d --input 1x28x28 --layout nhwc --range 0-1",
            "verify m.onnx d [] [] usual usual 2000 input=1x28x28 0-1 nhwc");
        row("verify --model m.onnx --data d --reference q.pt --runtime r --mean 0,0,0 --std 1,1,1 --test all --json --quiet",
            "verify m.onnx d [q.pt] [r] 0,0,0 1,1,1 -1 +json +quiet");
        row("train-demo --out f --epochs 2 --seed 1 --quiet", "train-demo f 1 2 +quiet");
    }
    void good()
    {
        QFETCH(QString, line);
        QFETCH(QString, expected);
        const auto parsed = parse(line);
        if (const auto* error = std::get_if<UsageError>(&parsed))
            QFAIL(error->message.c_str());
        QCOMPARE(commandText(std::get<Command>(parsed)).trimmed(), expected.trimmed());
    }

    void bad_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* line, const char* sentence) { QTest::newRow(line) << line << sentence; };
        // words
        row("rnu", "rnu: neither a subcommand nor an existing file; did you mean run?");
        row("evalute", "evalute: neither a subcommand nor an existing file; did you mean evaluate?");
        row("model.pht", "model.pht: neither a subcommand nor an existing file; did you mean model.pth?");
        row("folder", "folder: a folder, where a subcommand, a model or a session file must stand");
        row("''", ": neither a subcommand nor an existing file; did you mean run?");
        row("model.pth old.mprdo", "old.mprdo: a window opens one model or session");
        row("model.pth --model m", "model.pth: contradicts --model");
        row("old.mprdo --session s", "old.mprdo: contradicts --session");
        row("--dta d", "--dta: unknown option; did you mean --data?");
        row("run --josn", "--josn: unknown option; did you mean --json?");
        row("run --taget-bits 3", "--taget-bits: unknown option; did you mean --target-bits?");
        row("run -x", "-x: unknown option; did you mean --std?");
        row("run model.pth", "model.pth: run takes options alone; a model goes behind --model");
        row("run --demo --seed", "--seed: the value N is missing");
        row("run --seed --demo", "--seed: the value N is missing");
        row("run --demo --out ''", "--out: the value DIR is empty");
        row("run --demo --out=", "--out: the value DIR is empty");
        row("--demo --ui-map", "--ui-map: the value FILE is missing");
        row("run --demo --json=yes", "--json: takes no value");
        row("run --demo --demo", "--demo: given twice");
        row("run --demo --seed 1 --seed=2", "--seed: given twice");
        // sources
        row("run", "--model: is missing (or --demo for the built-in network)");
        row("run --data d", "--model: is missing beside --data");
        row("run --model m", "--data: is missing: the folder of the images");
        row("run --session new.mprdo", "--model: is missing (or --demo for the built-in network)");
        row("run --session old.mprdo --model m", "--data: is missing: the folder of the images");
        row("run --demo --model m", "--demo: contradicts --model: the demo has its own network");
        row("run --demo --data d", "--demo: contradicts --data: the demo has its own images");
        row("run --demo --arch a", "--demo: contradicts --arch: the demo has its own network");
        row("run --demo --output o", "--demo: contradicts --output: the demo's network has one output");
        row("run --demo --state-dict a", "--demo: contradicts --state-dict: the demo has its own network");
        row("--demo model.pth", "--demo: contradicts --model: the demo has its own network");
        // the set of widths
        row("run --demo --bits 1,9", "--bits: 1 is not a width of 2 to 8 bits");
        row("run --demo --bits 2,9", "--bits: 9 is not a width of 2 to 8 bits");
        row("run --demo --bits ''", "--bits: the value LIST is empty");
        row("run --demo --bits ,", "--bits: \"\" is not a width in bits");
        row("run --demo --bits 4,", "--bits: \"\" is not a width in bits");
        row("run --demo --bits 8,4", "--bits: the widths must ascend, but 4 follows 8");
        row("run --demo --bits 4,4", "--bits: the width 4 stands twice");
        row("run --demo --bits 4,x", "--bits: \"x\" is not a width in bits");
        row("run --demo --bits 4.5", "--bits: \"4.5\" is not a width in bits");
        row("run --demo --bits -4", "--bits: -4 is not a width of 2 to 8 bits");
        row("run --demo --bits 99999999999999999999", "--bits: \"99999999999999999999\" is not a width in bits");
        // targets
        row("run --demo --target-bits 3 --target-bytes 4",
            "--target-bytes: contradicts --target-bits: a run has one target");
        row("run --demo --max-drop 1 --target-bits 3", "--max-drop: contradicts --target-bits: a run has one target");
        row("run --demo --max-drop 1 --target-bytes 3", "--max-drop: contradicts --target-bytes: a run has one target");
        row("run --demo --target-bits nan", "--target-bits: \"nan\" is not a finite number");
        row("run --demo --target-bits 1e999", "--target-bits: \"1e999\" is not a finite number");
        row("run --demo --target-bits 4,19", "--target-bits: \"4,19\" is not a finite number");
        row("run --demo --target-bits 0", "--target-bits: 0 is not above 0");
        row("run --demo --target-bits -3", "--target-bits: -3 is below 0");
        row("run --demo --target-bits 33", "--target-bits: 33 is above 32");
        row("run --demo --target-bytes 0", "--target-bytes: 0 is below 1");
        row("run --demo --target-bytes 1.5", "--target-bytes: \"1.5\" is not a whole number");
        row("run --demo --target-bytes 9223372036854775808",
            "--target-bytes: \"9223372036854775808\" is above 9223372036854775807");
        row("run --demo --max-drop -1", "--max-drop: -1 is below 0");
        row("run --demo --max-drop 101", "--max-drop: 101 is above 100");
        row("run --demo --allocation f --target-bits 3",
            "--allocation: contradicts --target-bits: the file fixes the widths");
        row("run --demo --allocation f --lock a=2", "--allocation: contradicts --lock: the file fixes the widths");
        row("run --demo --lock conv1", "--lock: \"conv1\" is not LAYER=BITS");
        row("run --demo --lock =8", "--lock: \"=8\" is not LAYER=BITS");
        row("run --demo --lock conv1=", "--lock: \"\" is not a width of 2 to 8 bits, or 32, for conv1");
        row("run --demo --lock conv1=9", "--lock: \"9\" is not a width of 2 to 8 bits, or 32, for conv1");
        row("run --demo --lock conv1=31", "--lock: \"31\" is not a width of 2 to 8 bits, or 32, for conv1");
        row("run --demo --lock conv1=fp32", "--lock: \"fp32\" is not a width of 2 to 8 bits, or 32, for conv1");
        row("run --demo --bits 4,32", "--bits: 32 is not a width of 2 to 8 bits");
        row("run --demo --keep-fp", "--keep-fp: the value LAYER is missing");
        row("run --demo --keep-fp=", "--keep-fp: the value LAYER is empty");
        row("run --demo --keep-fp a --keep-fp a", "--keep-fp: a is locked already, at 32 bits");
        row("run --demo --keep-fp a --lock a=8", "--keep-fp: a is locked already, at 8 bits");
        row("run --demo --allocation f --keep-fp a", "--allocation: contradicts --keep-fp: the file fixes the widths");
        row("run --demo --lock a=4 --lock a=8", "--lock: a is locked twice");
        row("run --demo --metric kll", "--metric: \"kll\" is not one of kl, loss, sqnr, hessian, fisher; did you mean kl?");
        row("run --demo --sensitivity-rounding optimised",
            "--sensitivity-rounding: \"optimised\" is not one of nearest, closed-form; did you mean nearest?");
        row("run --demo --activations 6", "--activations: 6 is not 8, 4 or none");
        row("run --demo --activations 8 --activation-range maximum",
            "--activation-range: \"maximum\" is not one of auto, min-max, percentile, mse; did you mean min-max?");
        row("run --demo --activation-range mse", "--activation-range: says nothing without --activations 8 or 4");
        row("run --demo --rate entropie", "--rate: \"entropie\" is not one of fixed, entropy; did you mean entropy?");
        row("run --demo --grid afine", "--grid: \"afine\" is not one of auto, symmetric, affine; did you mean affine?");
        row("run --demo --effort bset", "--effort: \"bset\" is not one of fast, normal, best; did you mean best?");
        // counts
        row("run --demo --calibration 0", "--calibration: 0 is below 1");
        row("run --demo --calibration -5", "--calibration: -5 is below 1");
        row("run --demo --calibration 12x", "--calibration: \"12x\" is not a whole number");
        row("run --demo --calibration +5", "--calibration: \"+5\" is not a whole number");
        row("run --demo --calibration 9999999999", "--calibration: 9999999999 is above 1000000000");
        row("run --demo --calibration -99999999999999999999", "--calibration: \"-99999999999999999999\" is below 1");
        row("run --demo --hold-out -1", "--hold-out: -1 is below 1");
        row("run --demo --test 0", "--test: 0 is below 1");
        row("run --demo --test ALL", "--test: \"ALL\" is not a whole number");
        row("run --demo --fine-tune-epochs -1", "--fine-tune-epochs: -1 is below 0");
        row("run --demo --fine-tune-epochs auto", "--fine-tune-epochs: \"auto\" is not a whole number");
        row("run --demo --classes names.txt", "--demo: contradicts --classes: the demo's network has its images' classes");
        row("run --demo --fine-tune-epochs some", "--fine-tune-epochs: \"some\" is not a whole number");
        row("run --demo --threads 0", "--threads: 0 is below 1");
        row("run --demo --threads 4096", "--threads: 4096 is above 1024");
        row("run --demo --seed -1", "--seed: \"-1\" is not a whole number from 0 to 18446744073709551615");
        row("run --demo --calibration-classes cat,,dog", "--calibration-classes: \"cat,,dog\" has an empty name");
        row("run --demo --calibration-seed x",
            "--calibration-seed: \"x\" is not a whole number from 0 to 18446744073709551615");
        // colours
        row("run --demo --mean 0.5,1", "--mean: \"0.5,1\" is not three numbers r,g,b, or one for all channels");
        row("run --demo --range 255", "--demo: contradicts --range: the demo's images are fed as its network reads them");
        row("run --model m --data d --layout nhwcc", "--layout: \"nhwcc\" is not one of nchw, nhwc; did you mean nhwc?");
        row("run --model m --data d --channel-order rgbb", "--channel-order: \"rgbb\" is not one of rgb, bgr; did you mean rgb?");
        row("evaluate --model m --data d --range 0-2", "--range: \"0-2\" is not one of 0-1, 0-255; did you mean 0-1?");
        row("verify --model m --data d --input 2x8x8", "--input: \"2x8x8\" has 2 channels; images are read as 3 (RGB) or 1 (grey)");
        row("inspect m --input x", "--input: \"x\" is not 3xHEIGHTxWIDTH, such as 3x224x224, nor 1xHEIGHTxWIDTH for grey images");
        row("inspect m --layout nchww", "--layout: \"nchww\" is not one of nchw, nhwc; did you mean nchw?");
        row("run --demo --input 32", "--demo: contradicts --input: the demo's images have the size of its network");
        row("run --model m --data d --input 3x224", "--input: \"3x224\" is not 3xHEIGHTxWIDTH, such as 3x224x224, nor 1xHEIGHTxWIDTH for grey images");
        row("run --demo --mean 0.5,0.5,inf", "--mean: \"inf\" is not a finite number");
        row("run --demo --std 0.5,0,0.5", "--std: 0 is not above 0");
        row("run --demo --std 0.5,0.5,0.5,0.5", "--std: \"0.5,0.5,0.5,0.5\" is not three numbers r,g,b, or one for all channels");
        // stages
        row("run --demo --stop-after scale",
            "--stop-after: \"scale\" is not one of fine-tune, sensitivity, allocate, scales, hessian, rounding, "
            "evaluate, compare; did you mean scales?");
        row("run --demo --skip allocate", "--skip: the stage allocate cannot be left out");
        row("run --demo --skip evaluate", "--skip: the stage evaluate cannot be left out");
        row("run --demo --skip sensitivity",
            "--skip: without the stage sensitivity the widths must come from --allocation");
        row("run --demo --skip scales --stop-after scales", "--stop-after: the stage scales is left out by --skip");
        // the other subcommands
        row("inspect", "inspect: the file to look into is missing");
        row("inspect a b", "b: inspect takes one file");
        row("inspect a --data d", "--data: unknown option; did you mean --arch?");
        row("evaluate --data d", "--model: is missing: a checkpoint or a quant_export.pt");
        row("evaluate --model m", "--data: is missing: the folder of the images");
        row("evaluate --model m --data d --test -1", "--test: -1 is below 1");
        row("evaluate model.pth", "model.pth: evaluate takes options alone");
        row("export", "--session: is missing: the file of a session");
        row("export --session s --format onxx", "--format: \"onxx\" is not one of pt, json, mprz, onnx, safetensors, c; did you mean onnx?");
        row("export --session s --format onnx --onnx-opset 17", "--onnx-opset: is neither 13 nor 21");
        row("export --session s --format pt --onnx-opset 13", "--onnx-opset: says nothing without --format onnx");
        row("run --demo --verify", "--verify: says nothing without --format onnx");
        row("run --demo --format pt,,json", "--format: \"pt,,json\" has an empty name");
        row("verify --data d", "--model: is missing: an ONNX file");
        row("verify --model m", "--data: is missing: the folder of the images");
        row("verify --model m --data d --test 0", "--test: 0 is below 1");
        row("verify m.onnx", "m.onnx: verify takes options alone");
        row("train-demo --epochs 0", "--epochs: 0 is below 1");
        row("train-demo here", "here: train-demo takes options alone");
    }
    void bad()
    {
        QFETCH(QString, line);
        QFETCH(QString, sentence);
        const auto parsed = parse(line);
        const auto* error = std::get_if<UsageError>(&parsed);
        QVERIFY(error);
        QCOMPARE(QString::fromStdString(error->message), sentence);
    }

    void longAndHostileValuesAreQuotedShort()
    {
        const std::string value = std::string(1000, 'x') + "\x1b[2J";
        const auto parsed = parseCommandLine({"run", "--demo", "--seed", value}, FakeWorld().files);
        const auto& message = std::get<UsageError>(parsed).message;
        QVERIFY(message.size() < 160);
        QVERIFY(message.find('\x1b') == std::string::npos);
    }

    void helpNamesEveryOption_data()
    {
        QTest::addColumn<QString>("subcommand");
        QTest::addColumn<QStringList>("options");
        QTest::addRow("run") << "run"
                             << QStringList{"--model", "--data", "--demo", "--output", "--arch", "--state-dict", "--input", "--classes", "--mean", "--std", "--channel-order", "--range", "--layout", "--calibration",
                                            "--calibration-seed", "--calibration-balanced", "--calibration-classes", "--hold-out", "--test", "--bits", "--target-bits",
                                            "--target-bytes", "--max-drop", "--lock", "--keep-fp", "--allocation",
                                            "--fine-tune-epochs", "--stop-after", "--skip", "--metric",
                                            "--sensitivity-rounding", "--grid", "--activations", "--activation-range", "--rate", "--effort", "--seed", "--threads",
                                            "--session", "--out", "--format", "--onnx-opset", "--verify", "--json", "--quiet"};
        QTest::addRow("inspect") << "inspect" << QStringList{"--arch", "--state-dict", "--output", "--input", "--layout", "--json"};
        QTest::addRow("evaluate") << "evaluate"
                                  << QStringList{"--model", "--data", "--reference", "--output", "--arch", "--state-dict", "--input", "--classes", "--mean", "--std", "--channel-order", "--range", "--layout", "--test", "--json"};
        QTest::addRow("export") << "export" << QStringList{"--session", "--run", "--format", "--onnx-opset", "--verify", "--out"};
        QTest::addRow("verify") << "verify" << QStringList{"--model", "--data", "--output", "--reference", "--arch", "--state-dict", "--classes", "--runtime", "--input", "--mean", "--std", "--channel-order", "--range", "--layout", "--test", "--json"};
        QTest::addRow("train-demo") << "train-demo" << QStringList{"--out", "--epochs", "--seed"};
        QTest::addRow("program") << "" << QStringList{"run", "inspect", "evaluate", "train-demo", "--data", "--version", "--ui-map"};
    }
    void helpNamesEveryOption()
    {
        QFETCH(QString, subcommand);
        QFETCH(QStringList, options);
        const QString help = QString::fromStdString(helpText(subcommand.toStdString()));
        for (const QString& option : options)
            QVERIFY2(help.contains("  " + option + " ") || help.contains(" " + option + " ")
                         || help.contains(option + "\n"),
                     qPrintable(option));
        QVERIFY(!help.contains("--screenshots"));
        for (const QString& line : help.split('\n'))
            QVERIFY2(line.size() <= 100, qPrintable(line));
    }
};

MPRDO_TEST(TstParsing)
#include "tst_parsing.moc"

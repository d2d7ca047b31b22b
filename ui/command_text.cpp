// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/command_text.h"
#include "ui/document_text.h"
#include "ui/text_format.h"
#include <QFileInfo>
#include <QLocale>
#include <QRegularExpression>

namespace mprdo {

namespace {

/// Words of one command; an option that is as by default is not said.
class Command {
public:
    explicit Command(const QString& start)
        : m_text(start)
    {
    }

    void flag(const char* option) { m_text += QStringLiteral(" %1").arg(QLatin1String(option)); }
    void value(const char* option, const QString& value)
    {
        // A value that begins with a dash could be taken for the next option.
        const QLatin1String between(value.startsWith(QLatin1Char('-')) ? "=" : " ");
        m_text += QStringLiteral(" %1%2%3").arg(QLatin1String(option), between, shellQuoted(value));
    }
    void path(const char* option, const std::string& path)
    {
        if (!path.empty())
            value(option, QFileInfo(fromStd(path)).absoluteFilePath());
    }
    template <class T>
    void number(const char* option, T wanted, T usual)
    {
        if (wanted != usual)
            value(option, QString::number(wanted));
    }
    template <class E>
    void named(const char* option, E wanted, E usual)
    {
        if (wanted != usual)
            value(option, fromStd(name(wanted)));
    }
    void rgb(const char* option, const std::optional<Rgb>& values)
    {
        QStringList out;
        const bool one = values && (*values)[0] == (*values)[1] && (*values)[1] == (*values)[2]; // grey images take no three
        for (std::size_t i = 0; values && i < (one ? 1 : values->size()); ++i)
            out << QString::number((*values)[i], 'g', QLocale::FloatingPointShortest);
        if (values)
            value(option, out.join(QLatin1Char(',')));
    }
    const QString& text() const { return m_text; }

private:
    QString m_text;
};

/// Stages that a run of this rounding leaves out.
std::set<Stage> skipped(const RunConfig& config, Rounding rounding)
{
    std::set<Stage> out = config.skip;
    if (rounding != Rounding::Optimised)
        out.insert({Stage::Scales, Stage::Rounding});
    if (rounding == Rounding::Nearest)
        out.insert(Stage::Hessian);
    return out;
}

void addInput(Command& command, const RunConfig& config)
{
    const RunConfig usual;
    if (config.demo)
        command.flag("--demo");
    command.path("--model", config.modelPath);
    command.path("--data", config.dataPath);
    if (!config.output.empty())
        command.value("--output", fromStd(config.output));
    if (config.architecture.ends_with(".json")) // a description
        command.path("--arch", config.architecture);
    else if (!config.architecture.empty())
        command.value("--arch", fromStd(config.architecture));
    if (!config.stateDict.empty())
        command.value("--state-dict", fromStd(config.stateDict));
    if (config.input)
        command.value("--input", fromStd(inputSizeText(*config.input)));
    command.path("--classes", config.classesPath);
    command.rgb("--mean", config.mean);
    command.rgb("--std", config.std);
    const InputFormat& format = config.inputFormat;
    if (format.channelOrder)
        command.value("--channel-order", fromStd(name(*format.channelOrder)));
    if (format.range)
        command.value("--range", fromStd(name(*format.range)));
    if (format.layout)
        command.value("--layout", fromStd(name(*format.layout)));
    command.number("--calibration", config.calibration, usual.calibration);
    if (config.calibrationSeed)
        command.value("--calibration-seed", QString::number(*config.calibrationSeed));
    if (config.calibrationBalanced)
        command.flag("--calibration-balanced");
    QStringList classes;
    for (const std::string& name : config.calibrationClasses)
        classes << fromStd(name);
    if (!classes.isEmpty())
        command.value("--calibration-classes", classes.join(QLatin1Char(',')));
    command.number("--hold-out", config.holdOut, usual.holdOut);
    if (config.test < 0)
        command.value("--test", QStringLiteral("all"));
    else
        command.number("--test", config.test, usual.test);
}

void addDecisions(Command& command, const RunConfig& config, const QString& allocation)
{
    const RunConfig usual;
    QStringList bits;
    for (const Bits b : config.bits)
        bits << QString::number(b);
    if (config.bits != usual.bits)
        command.value("--bits", bits.join(QLatin1Char(',')));
    command.value("--allocation", allocation);
    command.named("--metric", config.metric, usual.metric);
    command.named("--sensitivity-rounding", config.sensitivityRounding, usual.sensitivityRounding);
    command.named("--grid", config.grid, usual.grid);
    command.number("--activations", config.activations, usual.activations);
    command.named("--activation-range", config.activationRange, usual.activationRange);
    command.named("--rate", config.rate, usual.rate);
}

void addWork(Command& command, const RunConfig& config, Rounding rounding)
{
    const RunConfig usual;
    command.number("--fine-tune-epochs", config.fineTuneEpochs, usual.fineTuneEpochs);
    if (config.stopAfter && *config.stopAfter >= Stage::Evaluate) // earlier, and there would be no run
        command.value("--stop-after", fromStd(name(*config.stopAfter)));
    for (const Stage stage : skipped(config, rounding))
        command.value("--skip", fromStd(name(stage)));
    command.named("--effort", config.effort, usual.effort);
    command.number("--seed", config.seed, usual.seed);
    command.number("--threads", config.threads, usual.threads);
    command.path("--session", config.sessionPath);
    if (config.out != usual.out)
        command.path("--out", config.out);
}

} // namespace

QString shellQuoted(const QString& word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
    if (plain.match(word).hasMatch())
        return word;
    return QLatin1Char('\'') + QString(word).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

QString commandText(const RunConfig& config, const ModelSnapshot& model, const RunRecord& run)
{
    const QString file = QStringLiteral("run-%1.json").arg(run.id);
    QStringList names;
    for (const LayerInfo& layer : model.layers)
        names << fromStd(layer.name);
    Command command(QStringLiteral("mprdo-ptq run"));
    addInput(command, config);
    addDecisions(command, config, file);
    addWork(command, config, run.rounding);
    return QStringLiteral("cat > %1 <<'END'\n%2END\n%3\n").arg(file, bitsJson(names, run.allocation), command.text());
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/program.h"
#include "app/command_line.h"
#include "app/interruption.h"
#include "app/model_text.h"
#include "app/progress_renderer.h"
#include "app/result_table.h"
#include "app/text_format.h"
#include "app/verification_text.h"
#include "core/api/verification_json.h"
#include <filesystem>

namespace mprdo::app {
namespace {

constexpr const char* kSlowBlas = "LibTorch multiplies matrices with the slow reference BLAS here; the package "
                                  "libopenblas0-openmp makes it many times faster";

/// Carries out one command with the services it was given.
class CommandRunner {
public:
    CommandRunner(const Services& services, const Console& console)
        : m_services(services)
        , m_console(console)
    {
    }

    int operator()(const WindowCommand& command)
    {
        if (!command.screenshots.empty()) {
            const auto failure = m_services.drawScreenshots(command.screenshots, command.config);
            if (failure)
                m_console.say(failure->message);
            return failure ? kExitFailed : kExitDone;
        }
        if (const auto problem = m_services.displayProblem()) {
            m_console.say(*problem);
            return kExitFailed;
        }
        return m_services.runWindow(command);
    }

    int operator()(const RunCommand& command)
    {
        std::optional<ProgressRenderer> progress;
        const RunControl control = listening(progress, command.quiet);
        const Interruption interruption(control);
        if (!command.quiet)
            warnOfSlowBlas();
        auto opened = m_services.openSession(command.config, control);
        if (!std::holds_alternative<std::shared_ptr<Session>>(opened))
            return failed(opened, progress, command.config.sessionPath);
        auto outcome = runGuarded([&] { return std::get<std::shared_ptr<Session>>(opened)->runAll(control); });
        if (!std::holds_alternative<RunReport>(outcome))
            return failed(outcome, progress, command.config.sessionPath);
        progress.reset();
        return conclude(command, std::get<RunReport>(outcome));
    }

    int operator()(const InspectCommand& command)
    {
        std::optional<ProgressRenderer> none;
        const auto outcome = m_services.inspectFile(command.path, command.architecture, command.output, command.input, command.layout, command.stateDict);
        if (const auto* model = std::get_if<ModelSnapshot>(&outcome))
            return print(command.json ? modelJson(*model) : modelText(*model));
        return failed(outcome, none, {});
    }

    int operator()(const EvaluateCommand& command)
    {
        std::optional<ProgressRenderer> progress;
        const RunControl control = listening(progress, command.quiet);
        const Interruption interruption(control);
        if (!command.quiet)
            warnOfSlowBlas();
        const auto outcome = m_services.evaluateFile(command.config, control);
        if (!std::holds_alternative<MethodRow>(outcome))
            return failed(outcome, progress, {});
        progress.reset();
        const MethodRow& row = std::get<MethodRow>(outcome);
        return print(command.json ? withLineBreak(m_services.encodeRow(row)) : methodTable({row}));
    }

    int operator()(const ExportCommand& command)
    {
        std::optional<ProgressRenderer> progress;
        const RunControl control = listening(progress, command.quiet);
        const Interruption interruption(control);
        const auto outcome = m_services.exportSession(command.config, control);
        if (!std::holds_alternative<ExportResult>(outcome))
            return failed(outcome, progress, {});
        progress.reset();
        const ExportResult& result = std::get<ExportResult>(outcome);
        const std::string verified = verificationText(result);
        const int printed = print(methodTable({result.reread}) + "\n" + fileList(result.files) + (verified.empty() ? "" : "\n") + verified);
        return judged(result.verification, printed);
    }

    /// A file that does not hold what it should is a failure, told in full.
    int operator()(const VerifyCommand& command)
    {
        std::optional<ProgressRenderer> progress;
        const RunControl control = listening(progress, command.quiet);
        const Interruption interruption(control);
        const auto outcome = m_services.verifyFile(command.config, control);
        if (!std::holds_alternative<OnnxVerification>(outcome))
            return failed(outcome, progress, {});
        progress.reset();
        const OnnxVerification& v = std::get<OnnxVerification>(outcome);
        return judged(v, print(command.json ? withLineBreak(verificationJson(v)) : verificationText(v)));
    }

    int operator()(const TrainDemoCommand& command)
    {
        std::optional<ProgressRenderer> progress;
        const RunControl control = listening(progress, command.quiet);
        const Interruption interruption(control);
        const auto outcome = m_services.trainDemo(command.out, command.epochs, command.seed, control);
        if (!std::holds_alternative<double>(outcome))
            return failed(outcome, progress, {});
        progress.reset();
        return print(command.out + ": " + fixed(std::get<double>(outcome), 2) + " % on the demo's test images\n");
    }

    int operator()(const HelpCommand& command) { return print(helpText(command.subcommand)); }

    int operator()(const VersionCommand&)
    {
        const Versions all = m_services.versions();
        return print("mprdo-ptq " MPRDO_VERSION "\n" + all.libtorch + "\n" + m_services.qtVersion() + "\n" + all.blas + "\n"
                     + (all.slowBlas ? "note: " + std::string(kSlowBlas) + "\n" : ""));
    }

private:
    RunControl listening(std::optional<ProgressRenderer>& progress, bool quiet)
    {
        if (quiet)
            return RunControl();
        progress.emplace(m_console);
        return RunControl([&progress](const Event& event) {
            if (progress)
                (*progress)(event);
        });
    }

    void warnOfSlowBlas()
    {
        if (m_services.versions().slowBlas)
            m_console.err << "note: " << kSlowBlas << '\n';
    }

    /// Files are complete here; the picture is drawn last, and its failure costs nothing but the exit code.
    int conclude(const RunCommand& command, const RunReport& report)
    {
        std::vector<WrittenFile> files = report.exported.files;
        std::optional<Failure> picture;
        if (report.stoppedAfter.empty()) {
            const std::string path = (std::filesystem::path(command.config.out) / "comparison.png").string();
            picture = m_services.drawFigure(report, path);
            std::error_code error;
            if (!picture)
                files.push_back({path, std::int64_t(std::filesystem::file_size(path, error))});
        }
        std::string text = command.json ? withLineBreak(report.json) : summary(report, files);
        const int printed = judged(report.exported.verification, print(text));
        if (!picture)
            return printed;
        m_console.say("comparison.png could not be drawn: " + picture->message + "; the other files are complete");
        return kExitFailed;
    }

    static std::string summary(const RunReport& report, const std::vector<WrittenFile>& files)
    {
        std::string out;
        if (!report.methods.empty())
            out += methodTable(report.methods);
        out += gainsLine(report.methods);
        if (!report.stoppedAfter.empty())
            out += "Stopped after the stage " + report.stoppedAfter + ", as asked\n";
        const std::string list = fileList(files), verified = verificationText(report.exported);
        return out + (out.empty() || list.empty() ? "" : "\n") + list + (verified.empty() ? "" : "\n") + verified;
    }

    /// The exit code of what was printed, a file that ONNX Runtime answers otherwise being a failure.
    int judged(const std::optional<OnnxVerification>& v, int printed)
    {
        if (!v || v->holds())
            return printed;
        m_console.say(v->path + ": " + v->runtime + " and this program differ by more than the bounds");
        return kExitFailed;
    }

    int print(const std::string& text)
    {
        m_console.out << text << std::flush;
        if (m_console.out.good())
            return kExitDone;
        m_console.say("standard output: cannot be written");
        return kExitFailed;
    }

    static std::string withLineBreak(const std::string& text) { return text.ends_with('\n') ? text : text + '\n'; }

    /// The sentence for a Failure or Cancelled, and its exit code.
    template <class T>
    int failed(const Outcome<T>& outcome, std::optional<ProgressRenderer>& progress, const std::string& session)
    {
        progress.reset();
        if (const auto* failure = std::get_if<Failure>(&outcome)) {
            m_console.say(failure->message + (failure->context.empty() ? "" : " (" + failure->context + ")"));
            return failure->code == ErrorCode::Usage ? kExitUsage : kExitFailed;
        }
        const std::string& where = std::get<Cancelled>(outcome).where;
        m_console.say("cancelled; "
                      + (!where.empty()          ? where
                             : !session.empty() ? "what was finished is kept in " + session
                                                : std::string("nothing was written")));
        return kExitCancelled;
    }

    const Services& m_services;
    const Console& m_console;
};

} // namespace

int runProgram(const std::vector<std::string>& words, const Services& services, const Console& console, const FilesView& files)
{
    const auto parsed = parseCommandLine(words, files);
    if (const auto* error = std::get_if<UsageError>(&parsed)) {
        console.say(error->message);
        return kExitUsage;
    }
    const auto outcome = runGuarded([&] { return std::visit(CommandRunner(services, console), std::get<Command>(parsed)); });
    if (const auto* code = std::get_if<int>(&outcome))
        return *code;
    if (const auto* failure = std::get_if<Failure>(&outcome))
        console.say(failure->message);
    return std::holds_alternative<Cancelled>(outcome) ? kExitCancelled : kExitFailed;
}

} // namespace mprdo::app

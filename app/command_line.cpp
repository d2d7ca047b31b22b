// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"
#include "app/nearest_name.h"
#include "app/option_table.h"
#include "app/other_options.h"
#include "app/run_options.h"
#include "app/text_format.h"

namespace mprdo::app {
namespace {

using Parsed = std::variant<Command, UsageError>;

template <class T>
Parsed widened(std::variant<T, UsageError> narrow)
{
    if (auto* error = std::get_if<UsageError>(&narrow))
        return std::move(*error);
    return Command(std::get<T>(std::move(narrow)));
}

Parsed parseSubcommand(const std::string& subcommand, const std::vector<std::string>& words, const FilesView& files)
{
    const std::vector<OptionRow>& table = subcommand == "run" ? runOptions()
        : subcommand == "inspect"                             ? inspectOptions()
        : subcommand == "evaluate"                            ? evaluateOptions()
        : subcommand == "export"                              ? exportOptions()
        : subcommand == "verify"                              ? verifyOptions()
                                                              : trainDemoOptions();
    auto read = readOptions(table, words);
    if (auto* error = std::get_if<UsageError>(&read))
        return *error;
    const GivenOptions& given = std::get<GivenOptions>(read);
    if (given.has("--help"))
        return Command(HelpCommand{subcommand});
    if (subcommand == "run")
        return widened(runCommand(given, files));
    if (subcommand == "inspect")
        return widened(inspectCommand(given));
    if (subcommand == "evaluate")
        return widened(evaluateCommand(given));
    if (subcommand == "export")
        return widened(exportCommand(given));
    if (subcommand == "verify")
        return widened(verifyCommand(given));
    return widened(trainDemoCommand(given));
}

Parsed parseWindow(const std::vector<std::string>& words, const FilesView& files)
{
    auto read = readOptions(windowOptions(), words);
    if (auto* error = std::get_if<UsageError>(&read))
        return *error;
    const GivenOptions& given = std::get<GivenOptions>(read);
    if (given.has("--help"))
        return Command(HelpCommand{});
    if (given.has("--version"))
        return Command(VersionCommand{});
    for (const std::string& path : given.positional) {
        if (files.isFolder(path))
            return UsageError{printable(path) + ": a folder, where a subcommand, a model or a session file must stand"};
        if (files.exists(path))
            continue;
        std::vector<std::string> candidates = subcommands();
        for (std::string& neighbour : files.neighbours(path))
            candidates.push_back(std::move(neighbour));
        return UsageError{printable(path) + ": neither a subcommand nor an existing file; did you mean "
                          + printable(nearestName(path, candidates)) + "?"};
    }
    return widened(windowCommand(given, files));
}

} // namespace

const std::vector<std::string>& subcommands()
{
    static const std::vector<std::string> names{"run", "inspect", "evaluate", "export", "verify", "train-demo"};
    return names;
}

Parsed parseCommandLine(const std::vector<std::string>& words, const FilesView& files)
{
    if (words.empty())
        return Command(WindowCommand{});
    for (const std::string& subcommand : subcommands())
        if (words.front() == subcommand)
            return parseSubcommand(subcommand, {words.begin() + 1, words.end()}, files);
    return parseWindow(words, files);
}

std::string helpText(const std::string& subcommand)
{
    if (subcommand == "run")
        return "Usage: mprdo-ptq run --model FILE --data DIR [options]\n"
               "       mprdo-ptq run --demo [options]\n\n"
               "Takes a trained network through all eight stages, without a window: prints the table of methods and\n"
               "leaves the report, a picture and the quantized model in --out.\n"
            + describeOptions(runOptions())
            + "\nExit codes: 0 done, 1 input or run failed, 2 wrong usage, 130 cancelled (Ctrl-C).\n";
    if (subcommand == "inspect")
        return "Usage: mprdo-ptq inspect FILE [options]\n\n"
               "What is in a model file: format, architecture or why it is unknown, layers, tensors, bytes.\n"
            + describeOptions(inspectOptions());
    if (subcommand == "evaluate")
        return "Usage: mprdo-ptq evaluate --model FILE --data DIR [options]\n\n"
               "The accuracy of a checkpoint or of a quant_export.pt on the test images; where they have no\n"
               "labels, its agreement with the FP32 checkpoint that --reference names.\n"
            + describeOptions(evaluateOptions());
    if (subcommand == "export")
        return "Usage: mprdo-ptq export --session FILE [options]\n\n"
               "Writes a run of a session in other formats, reads back what can be read and measures it again.\n"
            + describeOptions(exportOptions());
    if (subcommand == "verify")
        return "Usage: mprdo-ptq verify --model FILE.onnx --data DIR [options]\n\n"
               "Runs an ONNX file in ONNX Runtime (Node.js with the npm package onnxruntime-node), with its graph\n"
               "optimisation off and on, and compares every image with what this program computes. Exit code 1 where\n"
               "they differ by more than the bounds.\n"
            + describeOptions(verifyOptions());
    if (subcommand == "train-demo")
        return "Usage: mprdo-ptq train-demo [options]\n\n"
               "Trains the small network that the program ships for its demo, on the demo's images.\n"
            + describeOptions(trainDemoOptions());
    return "Usage: mprdo-ptq [MODEL|SESSION] [options]      the window\n"
           "       mprdo-ptq run ...                        all eight stages, without a window\n"
           "       mprdo-ptq inspect FILE                   what is in a model file\n"
           "       mprdo-ptq evaluate --model FILE --data DIR\n"
           "       mprdo-ptq export --session FILE --format onnx,pt,json,safetensors,c,mprz\n"
           "       mprdo-ptq verify --model FILE.onnx --data DIR\n"
           "       mprdo-ptq train-demo                     train the demo's network\n"
           "       mprdo-ptq SUBCOMMAND --help\n\n"
           "Mixed-precision, rate-distortion optimized post-training quantization.\n"
        + describeOptions(windowOptions());
}

} // namespace mprdo::app

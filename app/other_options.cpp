// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/other_options.h"
#include "app/export_options.h"
#include "app/option_values.h"

namespace mprdo::app {
namespace {

const OptionRow kHelp{.name = "--help", .help = "this text", .alias = "-h"};

void refusePositional(const GivenOptions& given, OptionValues& values, const std::string& subcommand)
{
    if (!given.positional.empty())
        values.fail(given.positional.front(), subcommand + " takes options alone");
}

} // namespace

const std::vector<OptionRow>& inspectOptions()
{
    static const std::vector<OptionRow> rows{
        {.name = "--arch", .value = "NAME|FILE",
         .help = "judge the file as this architecture, or by a .json file\nthat describes one (resources/formats.md)",
         .group = "Options"},
        {.name = "--state-dict", .value = "KEY", .help = "of a checkpoint that holds several: the one meant, as for run"},
        {.name = "--output", .value = "NAME", .help = "of several outputs: what the network is that makes this one"},
        {.name = "--input", .value = "3xHxW",
         .help = "size of the images where the file leaves it open, as 3x224x224,\n1x28x28 or 224; default: 32 for a state dict or TorchScript"},
        {.name = "--layout", .value = "nchw|nhwc", .help = "of the network's input; default: as its shape tells, else nchw"},
        {.name = "--json", .help = "the answer as JSON"},
        kHelp,
    };
    return rows;
}

const std::vector<OptionRow>& evaluateOptions()
{
    static const std::vector<OptionRow> rows{
        {.name = "--model", .value = "FILE", .help = "a checkpoint, or a quant_export.pt", .group = "Options"},
        {.name = "--data", .value = "DIR",
         .help = "images in a folder per class (in train/ and test/ or val/) or\nwithout labels in one, CIFAR's or MNIST's binary files, NumPy\narrays in a folder, or an .npz"},
        {.name = "--reference", .value = "FILE",
         .help = "the FP32 network to compare with; needed where the\nimages have no labels"},
        {.name = "--output", .value = "NAME", .help = "the one to evaluate of a network of several outputs"},
        {.name = "--arch", .value = "NAME|FILE",
         .help = "the architecture, or a .json file that describes it; default:\nrecognised, or the export's own"},
        {.name = "--state-dict", .value = "KEY", .help = "of a checkpoint that holds several: the one meant, as for run"},
        {.name = "--input", .value = "3xHxW",
         .help = "resize the images and cut their centres to this size, as\n3x224x224, 1x28x28 for a network of grey images, or 224;\ndefault: they all have one size, or that of the export"},
        {.name = "--classes", .value = "FILE",
         .help = "class list: one class name an output; default: the export's,\nor classes.txt or labels.txt beside the images"},
        {.name = "--mean", .value = "R,G,B", .help = "mean of the images, or one number for all channels; default:\nthe export's or the data's usual, 0 with --range 0-255"},
        {.name = "--std", .value = "R,G,B", .help = "standard deviation; default: the export's or the data's usual,\n1 with --range 0-255"},
        {.name = "--channel-order", .value = "rgb|bgr", .help = "in which the network reads channels; default: the export's, or rgb"},
        {.name = "--range", .value = "0-1|0-255", .help = "of the pixels, and of mean and std; default: the export's, or 0-1"},
        {.name = "--layout", .value = "nchw|nhwc", .help = "of the network's input; default: the export's, or as its\nshape tells"},
        {.name = "--test", .value = "N|all", .help = "the first N test images, or all of them; default all"},
        {.name = "--threads", .value = "N", .help = "default: as many as the machine has"},
        {.name = "--json", .help = "the row on standard output as JSON, and nothing else there"},
        {.name = "--quiet", .help = "no progress and no notices"},
        kHelp,
    };
    return rows;
}

const std::vector<OptionRow>& exportOptions()
{
    static const std::vector<OptionRow> rows = [] {
        std::vector<OptionRow> out{
            {.name = "--session", .value = "FILE", .help = "the session that the run is in", .group = "Options"},
            {.name = "--run", .value = "NAME", .help = "its name or number; default: the newest optimised one"},
        };
        const std::vector<OptionRow> what = exportOptionRows();
        out.insert(out.end(), what.begin(), what.end());
        out.push_back({.name = "--out", .value = "DIR", .help = "default final_rdo_ptq_output"});
        out.push_back({.name = "--quiet", .help = "no progress and no notices"});
        out.push_back(kHelp);
        return out;
    }();
    return rows;
}

const std::vector<OptionRow>& verifyOptions()
{
    static const std::vector<OptionRow> rows{
        {.name = "--model", .value = "FILE", .help = "an ONNX file", .group = "Options"},
        {.name = "--data", .value = "DIR", .help = "images, as for evaluate"},
        {.name = "--output", .value = "NAME", .help = "the one to compare of a file of several outputs"},
        {.name = "--reference", .value = "FILE", .help = "compare with this quant_export.pt or checkpoint; default: itself"},
        {.name = "--classes", .value = "FILE", .help = "class list: one class name an output, as for evaluate"},
        {.name = "--arch", .value = "NAME|FILE", .help = "the architecture of a checkpoint as reference; default: recognised"},
        {.name = "--state-dict", .value = "KEY", .help = "of a reference that holds several: the one meant, as for run"},
        {.name = "--runtime", .value = "DIR", .help = "holds node_modules/onnxruntime-node; default: the user's data folder"},
        {.name = "--input", .value = "3xHxW",
         .help = "resize the images and cut their centres to this size;\ndefault: they all have one size, or that of the export"},
        {.name = "--mean", .value = "R,G,B", .help = "mean of the images, or one number for all channels; default:\nthe file's or the data's usual, 0 with --range 0-255"},
        {.name = "--std", .value = "R,G,B", .help = "standard deviation; default: the file's or the data's usual,\n1 with --range 0-255"},
        {.name = "--channel-order", .value = "rgb|bgr", .help = "in which the network reads channels; default: the file's, or rgb"},
        {.name = "--range", .value = "0-1|0-255", .help = "of the pixels, and of mean and std; default: the file's, or 0-1"},
        {.name = "--layout", .value = "nchw|nhwc", .help = "of the network's input; default: as the file says or its\nshape tells"},
        {.name = "--test", .value = "N|all", .help = "the first N test images, or all of them; default 2000"},
        {.name = "--json", .help = "the result on standard output as JSON, and nothing else there"},
        {.name = "--quiet", .help = "no progress and no notices"},
        kHelp,
    };
    return rows;
}

const std::vector<OptionRow>& trainDemoOptions()
{
    static const std::vector<OptionRow> rows{
        {.name = "--out", .value = "FILE", .help = "the checkpoint to write; default demo.safetensors", .group = "Options"},
        {.name = "--epochs", .value = "N", .help = "default 30"},
        {.name = "--seed", .value = "N", .help = "of weights and order; default 42"},
        {.name = "--quiet", .help = "no progress and no notices"},
        kHelp,
    };
    return rows;
}

std::variant<InspectCommand, UsageError> inspectCommand(const GivenOptions& given)
{
    InspectCommand command;
    OptionValues values(given);
    if (given.positional.empty())
        values.fail("inspect", "the file to look into is missing");
    else if (given.positional.size() > 1)
        values.fail(given.positional[1], "inspect takes one file");
    else
        command.path = given.positional.front();
    values.text("--arch", command.architecture);
    values.text("--state-dict", command.stateDict);
    values.text("--output", command.output);
    values.inputSize("--input", command.input);
    InputFormat format;
    values.inputFormat(format);
    command.layout = format.layout;
    if (values.error())
        return *values.error();
    command.json = given.has("--json");
    return command;
}

std::variant<EvaluateCommand, UsageError> evaluateCommand(const GivenOptions& given)
{
    EvaluateCommand command;
    EvaluateConfig& config = command.config;
    OptionValues values(given);
    refusePositional(given, values, "evaluate");
    values.text("--model", config.modelPath);
    values.text("--data", config.dataPath);
    values.text("--reference", config.referencePath);
    values.text("--arch", config.architecture);
    values.text("--output", config.output);
    values.text("--state-dict", config.stateDict);
    values.inputSize("--input", config.input);
    values.text("--classes", config.classesPath);
    values.triple("--mean", false, config.mean);
    values.triple("--std", true, config.std);
    values.inputFormat(config.inputFormat);
    if (given.has("--test") && given.value("--test") != "all")
        values.integer("--test", 1, 1'000'000'000, config.test);
    std::int64_t threads = config.threads;
    values.integer("--threads", 1, 1024, threads);
    config.threads = int(threads);
    if (config.modelPath.empty())
        values.fail("--model", "is missing: a checkpoint or a quant_export.pt");
    if (config.dataPath.empty())
        values.fail("--data", "is missing: the folder of the images");
    if (values.error())
        return *values.error();
    command.json = given.has("--json");
    command.quiet = given.has("--quiet");
    return command;
}

std::variant<ExportCommand, UsageError> exportCommand(const GivenOptions& given)
{
    ExportCommand command;
    ExportConfig& config = command.config;
    OptionValues values(given);
    refusePositional(given, values, "export");
    config.out = "final_rdo_ptq_output";
    values.text("--session", config.sessionPath);
    values.text("--run", config.run);
    values.text("--out", config.out);
    readExportOptions(given, values, config.options);
    if (config.sessionPath.empty())
        values.fail("--session", "is missing: the file of a session");
    if (values.error())
        return *values.error();
    command.quiet = given.has("--quiet");
    return command;
}

std::variant<VerifyCommand, UsageError> verifyCommand(const GivenOptions& given)
{
    VerifyCommand command;
    VerifyConfig& config = command.config;
    OptionValues values(given);
    refusePositional(given, values, "verify");
    values.text("--model", config.modelPath);
    values.text("--data", config.dataPath);
    values.text("--reference", config.referencePath);
    values.text("--classes", config.classesPath);
    values.text("--arch", config.architecture);
    values.text("--state-dict", config.stateDict);
    values.text("--runtime", config.runtimePath);
    values.text("--output", config.output);
    values.inputSize("--input", config.input);
    values.triple("--mean", false, config.mean);
    values.triple("--std", true, config.std);
    values.inputFormat(config.inputFormat);
    if (given.has("--test") && given.value("--test") == "all")
        config.test = -1;
    else
        values.integer("--test", 1, 1'000'000'000, config.test);
    if (config.modelPath.empty())
        values.fail("--model", "is missing: an ONNX file");
    if (config.dataPath.empty())
        values.fail("--data", "is missing: the folder of the images");
    if (values.error())
        return *values.error();
    command.json = given.has("--json");
    command.quiet = given.has("--quiet");
    return command;
}

std::variant<TrainDemoCommand, UsageError> trainDemoCommand(const GivenOptions& given)
{
    TrainDemoCommand command;
    OptionValues values(given);
    refusePositional(given, values, "train-demo");
    values.text("--out", command.out);
    std::int64_t epochs = command.epochs;
    values.integer("--epochs", 1, 10'000, epochs);
    command.epochs = int(epochs);
    values.seed("--seed", command.seed);
    if (values.error())
        return *values.error();
    command.quiet = given.has("--quiet");
    return command;
}

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_options.h"
#include "app/export_options.h"
#include "core/api/average_bits.h"
#include <limits>

namespace mprdo::app {
namespace {

constexpr std::int64_t kMostImages = 1'000'000'000;
constexpr std::int64_t kMostThreads = 1024;
constexpr std::int64_t kMostEpochs = 10'000;

std::vector<OptionRow> inputRows()
{
    return {
        {.name = "--model", .value = "FILE", .help = "PyTorch (.pth, .pt: state dict or TorchScript), ONNX or safetensors", .group = "Input"},
        {.name = "--data", .value = "DIR",
         .help = "images in a folder per class (in train/ and test/ or val/) or\nwithout labels in one, CIFAR's or MNIST's binary files, NumPy\narrays in a folder, or an .npz"},
        {.name = "--demo", .help = "the built-in network and images instead of --model and --data"},
        {.name = "--output", .value = "NAME", .help = "the one to quantize where a network has several outputs; the\nrest is left out"},
        {.name = "--arch", .value = "NAME|FILE",
         .help = "the architecture, or a .json file that describes it\n(resources/formats.md); default: recognised from names\n"
                 "and shapes"},
        {.name = "--state-dict", .value = "KEY",
         .help = "of a checkpoint that holds several: the keys that lead to it\nand the prefix of its names, as model or state_dict.teacher"},
        {.name = "--input", .value = "3xHxW",
         .help = "resize the images and cut their centres to this size, as\n3x224x224, 1x28x28 for a network of grey images, or 224;\ndefault: they all have one size"},
        {.name = "--classes", .value = "FILE",
         .help = "class list: a text file with one class name (name of a\nfolder) an output, in the order of the outputs; default:\n"
                 "classes.txt or labels.txt beside the images"},
        {.name = "--mean", .value = "R,G,B",
         .help = "mean of the images, on the scale of --range, or one number\nfor all channels; default: the data set's usual, 0 with 0-255"},
        {.name = "--std", .value = "R,G,B", .help = "standard deviation, alike; default: the data set's usual,\n1 with 0-255"},
        {.name = "--channel-order", .value = "rgb|bgr", .help = "in which the network reads channels; mean and std are always\nred, green, blue; default rgb"},
        {.name = "--range", .value = "0-1|0-255", .help = "of the pixels, before mean and std; default 0-1"},
        {.name = "--layout", .value = "nchw|nhwc", .help = "of the network's input; default: as its shape tells, else nchw"},
        {.name = "--calibration", .value = "N", .help = "training images to fit on; default 512"},
        {.name = "--calibration-seed", .value = "N", .help = "draw them with this seed; default: the first N"},
        {.name = "--calibration-balanced", .help = "as many of them of each class"},
        {.name = "--calibration-classes", .value = "LIST", .help = "images of these classes alone; default: of all"},
        {.name = "--hold-out", .value = "N", .help = "further training images that judge every stage; default 1024"},
        {.name = "--test", .value = "N|all", .help = "the first N test images, or all of them; default 2000"},
    };
}

std::vector<OptionRow> decisionRows()
{
    return {
        {.name = "--bits", .value = "LIST", .help = "widths a layer may take, ascending, each 2 to 8; default 4,6,8",
         .group = "Decisions"},
        {.name = "--target-bits", .value = "X", .help = "at most so many bits per weight on average; default 1.0475\ntimes the lowest width, 4.19 for 4"},
        {.name = "--target-bytes", .value = "N", .help = "quant_export.pt (.mprz with --rate entropy) at most so large"},
        {.name = "--max-drop", .value = "P", .help = "the smallest allocation that drops at most P hold-out points"},
        {.name = "--lock", .value = "LAYER=BITS", .help = "a layer, or a pattern such as layer3.*, stays at a width; repeatable",
         .repeatable = true},
        {.name = "--keep-fp", .value = "LAYER", .help = "a layer or a pattern stays in FP32, 32 bits a weight; repeatable",
         .repeatable = true},
        {.name = "--allocation", .value = "FILE",
         .help = "take the widths from a quant_export.json or a {\"layer\": bits} file"},
        {.name = "--metric", .value = "NAME", .help = "sensitivity: kl, loss, sqnr, hessian or fisher; default kl"},
        {.name = "--sensitivity-rounding", .value = "NAME",
         .help = "how stage 2 rounds: nearest or closed-form; default nearest"},
        {.name = "--grid", .value = "NAME", .help = "integer grid: auto, symmetric or affine; default auto"},
        {.name = "--activations", .value = "8|4|none",
         .help = "round what layers read as well, to so many bits; default none"},
        {.name = "--activation-range", .value = "NAME",
         .help = "their ranges: min-max, percentile, mse, or auto: the one\nthat harms least; default auto"},
        {.name = "--rate", .value = "NAME",
         .help = "what a bit is: fixed, or entropy: of the entropy-coded\nquant_export.mprz; default fixed"},
    };
}

std::vector<OptionRow> workRows()
{
    return {
        {.name = "--fine-tune-epochs", .value = "N",
         .help = "epochs of stage 1, which makes the head anew where the data\nhas other classes than the network outputs; default 0", .group = "Work"},
        {.name = "--stop-after", .value = "STAGE",
         .help = "end after: fine-tune, sensitivity, allocate, scales,\nhessian, rounding, evaluate or compare"},
        {.name = "--skip", .value = "STAGE", .help = "leave a stage out; repeatable", .repeatable = true},
        {.name = "--effort", .value = "NAME", .help = "time for stages 4 to 6: fast, normal or best; default normal"},
        {.name = "--seed", .value = "N", .help = "of every random choice; default 42"},
        {.name = "--threads", .value = "N", .help = "default: as many as the machine has"},
        {.name = "--session", .value = "FILE",
         .help = "keep every finished step in FILE (.mprdo) and go on from it"},
    };
}

std::vector<OptionRow> joined(std::vector<std::vector<OptionRow>> parts)
{
    std::vector<OptionRow> out;
    for (auto& part : parts)
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

void readInput(const GivenOptions& given, OptionValues& values, RunConfig& config)
{
    config.demo = given.has("--demo");
    values.text("--model", config.modelPath);
    values.text("--data", config.dataPath);
    values.text("--output", config.output);
    values.text("--arch", config.architecture);
    values.text("--state-dict", config.stateDict);
    values.inputSize("--input", config.input);
    values.text("--classes", config.classesPath);
    values.triple("--mean", false, config.mean);
    values.triple("--std", true, config.std);
    values.inputFormat(config.inputFormat);
    values.integer("--calibration", 1, kMostImages, config.calibration);
    values.integer("--hold-out", 1, kMostImages, config.holdOut);
    if (given.has("--calibration-seed"))
        values.seed("--calibration-seed", config.calibrationSeed.emplace());
    config.calibrationBalanced = given.has("--calibration-balanced");
    values.list("--calibration-classes", config.calibrationClasses);
    if (given.has("--test") && given.value("--test") == "all")
        config.test = -1;
    else
        values.integer("--test", 1, kMostImages, config.test);
}

void readTarget(const GivenOptions& given, OptionValues& values, RunConfig& config)
{
    std::string first;
    for (const char* option : {"--target-bits", "--target-bytes", "--max-drop"}) {
        if (!given.has(option))
            continue;
        if (!first.empty())
            values.fail(option, "contradicts " + first + ": a run has one target");
        first = option;
    }
    if (!first.empty() && given.has("--allocation"))
        values.fail("--allocation", "contradicts " + first + ": the file fixes the widths");
    for (const char* option : {"--lock", "--keep-fp"})
        if (given.has(option) && given.has("--allocation"))
            values.fail("--allocation", std::string("contradicts ") + option + ": the file fixes the widths");
    if (given.has("--target-bits")) {
        TargetBits target;
        values.number("--target-bits", 0, kKeepFp32, target.averageBits);
        if (target.averageBits <= 0)
            values.fail("--target-bits", given.value("--target-bits") + " is not above 0");
        config.target = target;
    } else if (given.has("--target-bytes")) {
        TargetBytes target;
        values.integer("--target-bytes", 1, std::numeric_limits<std::int64_t>::max(), target.fileBytes);
        config.target = target;
    } else if (given.has("--max-drop")) {
        MaxDrop target;
        values.number("--max-drop", 0, 100, target.points);
        config.target = target;
    } else {
        config.target = usualTarget(config.bits);
    }
}

void readDecisions(const GivenOptions& given, OptionValues& values, RunConfig& config)
{
    values.widths("--bits", config.bits);
    readTarget(given, values, config);
    values.locks("--lock", config.locks);
    values.kept("--keep-fp", config.locks);
    values.text("--allocation", config.allocationPath);
    values.named<Metric>("--metric", {kMetrics.begin(), kMetrics.end()}, config.metric);
    values.named<Rounding>("--sensitivity-rounding", {Rounding::Nearest, Rounding::ClosedForm}, config.sensitivityRounding);
    values.named<GridMode>("--grid", {GridMode::Auto, GridMode::Symmetric, GridMode::Affine}, config.grid);
    if (given.has("--activations")) {
        const std::string& bits = given.value("--activations");
        if (bits != "8" && bits != "4" && bits != "none")
            values.fail("--activations", bits + " is not 8, 4 or none");
        config.activations = bits == "8" ? 8 : bits == "4" ? 4 : kKeepFp32;
    }
    values.named<RangeRule>("--activation-range", {kRangeRules.begin(), kRangeRules.end()}, config.activationRange);
    if (given.has("--activation-range") && config.activations == kKeepFp32)
        values.fail("--activation-range", "says nothing without --activations 8 or 4");
}

void readSkips(const GivenOptions& given, OptionValues& values, RunConfig& config)
{
    if (!given.has("--skip"))
        return;
    for (const std::string& text : given.values.at("--skip"))
        for (const std::string& part : splitAtCommas(text)) {
            const auto stage = values.oneOf<Stage>("--skip", part, {kStages.begin(), kStages.end()});
            if (!stage)
                return;
            if (*stage == Stage::Allocate || *stage == Stage::Evaluate)
                values.fail("--skip", "the stage " + part + " cannot be left out");
            if (*stage == Stage::Sensitivity && !given.has("--allocation"))
                values.fail("--skip", "without the stage sensitivity the widths must come from --allocation");
            config.skip.insert(*stage);
        }
}

void readWork(const GivenOptions& given, OptionValues& values, RunConfig& config)
{
    std::int64_t epochs = config.fineTuneEpochs;
    values.integer("--fine-tune-epochs", 0, kMostEpochs, epochs);
    config.fineTuneEpochs = int(epochs);
    if (given.has("--stop-after"))
        config.stopAfter = values.oneOf<Stage>("--stop-after", given.value("--stop-after"), {kStages.begin(), kStages.end()});
    readSkips(given, values, config);
    if (config.stopAfter && config.skip.count(*config.stopAfter) > 0)
        values.fail("--stop-after", "the stage " + std::string(name(*config.stopAfter)) + " is left out by --skip");
    values.named<RateKind>("--rate", {RateKind::Fixed, RateKind::Entropy}, config.rate);
    values.named<Effort>("--effort", {Effort::Fast, Effort::Normal, Effort::Best}, config.effort);
    values.seed("--seed", config.seed);
    std::int64_t threads = config.threads;
    values.integer("--threads", 1, kMostThreads, threads);
    config.threads = int(threads);
    values.text("--session", config.sessionPath);
    values.text("--out", config.out);
}

/// What stands for model and data, and whether it is enough. A window may start with less.
void checkSources(const GivenOptions& given, OptionValues& values, const RunConfig& config, const FilesView& files, bool window)
{
    const bool model = !config.modelPath.empty(), data = !config.dataPath.empty();
    if (config.demo && model)
        values.fail("--demo", "contradicts --model: the demo has its own network");
    if (config.demo && data)
        values.fail("--demo", "contradicts --data: the demo has its own images");
    if (config.demo && given.has("--input"))
        values.fail("--demo", "contradicts --input: the demo's images have the size of its network");
    if (config.demo && given.has("--classes"))
        values.fail("--demo", "contradicts --classes: the demo's network has its images' classes");
    for (const char* option : {"--channel-order", "--range", "--layout"})
        if (config.demo && given.has(option))
            values.fail("--demo", std::string("contradicts ") + option + ": the demo's images are fed as its network reads them");
    if (config.demo && given.has("--output"))
        values.fail("--demo", "contradicts --output: the demo's network has one output");
    if (config.demo && given.has("--state-dict"))
        values.fail("--demo", "contradicts --state-dict: the demo has its own network");
    if (config.demo && given.has("--arch"))
        values.fail("--demo", "contradicts --arch: the demo has its own network");
    if (config.demo || window)
        return;
    const bool known = !config.sessionPath.empty() && files.exists(config.sessionPath);
    if (!model && !known)
        values.fail("--model", data ? "is missing beside --data" : "is missing (or --demo for the built-in network)");
    if (!data && (!known || model))
        values.fail("--data", "is missing: the folder of the images");
}

} // namespace

const std::vector<OptionRow>& runOptions()
{
    static const std::vector<OptionRow> rows = joined({
        inputRows(),
        decisionRows(),
        workRows(),
        {{.name = "--out", .value = "DIR", .help = "folder of the results; default final_rdo_ptq_output", .group = "Output"}},
        exportOptionRows(),
        {{.name = "--json", .help = "the report on standard output, and nothing else there"},
         {.name = "--quiet", .help = "no progress and no notices"},
         {.name = "--help", .help = "this text", .alias = "-h"}},
    });
    return rows;
}

const std::vector<OptionRow>& windowOptions()
{
    static const std::vector<OptionRow> rows = joined({
        inputRows(),
        decisionRows(),
        workRows(),
        {{.name = "--out", .value = "DIR", .help = "where an export goes; default final_rdo_ptq_output", .group = "Other"},
         {.name = "--help", .help = "this text", .alias = "-h"},
         {.name = "--ui-map", .value = "FILE", .help = "for scripts: keep in FILE where every control stands on the screen"},
         {.name = "--version", .help = "the versions of the program and its libraries", .alias = "-V"},
         {.name = "--screenshots", .value = "DIR", .help = "pictures of the window, then the end", .hidden = true}},
    });
    return rows;
}

std::variant<RunCommand, UsageError> runCommand(const GivenOptions& given, const FilesView& files)
{
    RunCommand command;
    OptionValues values(given);
    if (!given.positional.empty())
        values.fail(given.positional.front(), "run takes options alone; a model goes behind --model");
    readInput(given, values, command.config);
    readDecisions(given, values, command.config);
    readWork(given, values, command.config);
    readExportOptions(given, values, command.config.exports);
    checkSources(given, values, command.config, files, false);
    if (values.error())
        return *values.error();
    command.json = given.has("--json");
    command.quiet = given.has("--quiet");
    return command;
}

std::variant<WindowCommand, UsageError> windowCommand(const GivenOptions& given, const FilesView& files)
{
    WindowCommand command;
    RunConfig& config = command.config;
    OptionValues values(given);
    readInput(given, values, config);
    readDecisions(given, values, config);
    readWork(given, values, config);
    if (given.positional.size() > 1)
        values.fail(given.positional[1], "a window opens one model or session");
    if (!given.positional.empty()) {
        const std::string& path = given.positional.front();
        const bool session = files.isSession(path);
        std::string& place = session ? config.sessionPath : config.modelPath;
        if (!place.empty())
            values.fail(path, session ? "contradicts --session" : "contradicts --model");
        place = path;
    }
    for (const auto& [option, texts] : given.values)
        command.given.insert(option);
    config.readAlong = true; // a window can look on while another process works
    checkSources(given, values, config, files, true);
    values.text("--screenshots", command.screenshots);
    values.text("--ui-map", command.uiMap);
    if (values.error())
        return *values.error();
    return command;
}

} // namespace mprdo::app

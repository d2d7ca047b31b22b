// SPDX-License-Identifier: GPL-3.0-or-later
// Every option of a run: the command line, the window and a session file mean the same thing by it.
#pragma once
#include "core/api/input_size.h"
#include "core/api/network_input.h"
#include "core/api/rgb.h"
#include "core/api/types.h"
#include <set>
#include <utility>
#include <variant>

namespace mprdo {

/// What the allocation must reach.
struct TargetBits {
    double averageBits = 4.19; ///< over all quantizable weights, in the currency of RunConfig::rate
    bool usual = false;        ///< nobody asked for it (usualTarget): raised to what locks leave where that is more
};
struct TargetBytes {
    std::int64_t fileBytes = 0; ///< bound on quant_export.pt on disk, or .mprz where the rate is entropy-coded
};
struct MaxDrop {
    double points = 0.5; ///< judged on the hold-out images; the smallest allocation that keeps it
};
using Target = std::variant<TargetBits, TargetBytes, MaxDrop>;

/// Stands in every refusal that a class list would answer: a window can ask for one then.
inline constexpr std::string_view kClassListOption = "--classes";

struct RunConfig {
    // input
    bool demo = false;             ///< built-in network and images; modelPath and dataPath are empty then
    std::string modelPath;
    std::string dataPath;
    std::string output;            ///< the one to quantize of a network of several, by its name; empty: it has one
    std::string architecture;      ///< empty: recognised from names and shapes; "FILE.json": described there
    std::string stateDict;         ///< keys and prefix that lead to it in a checkpoint of several; empty: told by what is there
    std::optional<Rgb> mean, std; ///< of red, green, blue, in inputFormat's range; empty: the data set's usual values, of 0-255 none
    std::optional<InputSize> input; ///< images are resized and cut to it; empty: they have one size
    InputFormat inputFormat;       ///< channel order, range and layout of what the network reads
    std::int64_t calibration = 512;
    std::int64_t holdOut = 1024;
    std::int64_t test = 2000;      ///< first N test images; -1: all
    std::optional<std::uint64_t> calibrationSeed; ///< empty: the first N training images
    bool calibrationBalanced = false; ///< as many images of each class, up to one
    std::vector<std::string> calibrationClasses; ///< images of these alone; empty: all
    std::string classesPath;       ///< class list, a text file with one name an output; empty: one beside the images, or none
    // decisions
    std::vector<Bits> bits{4, 6, 8};
    Target target = TargetBits{};
    RateKind rate = RateKind::Fixed;
    std::vector<std::pair<std::string, Bits>> locks; ///< layer name or pattern ("layer3.*"), width
    std::string allocationPath;    ///< quant_export.json or {layer: bits}; stages 4 to 7 run on it
    Metric metric = Metric::Kl;
    Rounding sensitivityRounding = Rounding::Nearest;
    GridMode grid = GridMode::Auto;
    Bits activations = kKeepFp32;  ///< 8 or 4: what layers read is rounded too; kKeepFp32: weights alone
    RangeRule activationRange = RangeRule::Auto;
    // work
    int fineTuneEpochs = 0;        ///< above 0 the head is made anew as well, where it does not fit the data's classes
    std::optional<Stage> stopAfter;
    std::set<Stage> skip;
    Effort effort = Effort::Normal;
    std::uint64_t seed = 42;
    int threads = 0;               ///< 0: what the machine has
    // output
    std::string out = "final_rdo_ptq_output";
    ExportOptions exports;
    std::string sessionPath;       ///< .mprdo file; empty: nothing is kept between runs
    bool readAlong = false;        ///< a session file that another process writes is read and nothing kept, instead of refused
};

} // namespace mprdo

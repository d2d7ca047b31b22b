// SPDX-License-Identifier: GPL-3.0-or-later
// Accuracy, size and time on all 10,000 test images, row by row; a row that stands in the file already is not measured again.
// Beside it OUT.md: the table of resources/benchmarks.md.
// bench_bars MODELS DATA OUT.tsv [NETWORK [ROW]] [seed=N] [effort=NAME]   MODELS: folder of the three checkpoints
#include "core/api/average_bits.h"
#include "core/api/rgb.h"
#include "core/api/session.h"
#include "core/base/error.h"
#include "tests/bench/bars_table.h"
#include "tests/bench/bench_main.h"
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <thread>

using namespace mprdo;

namespace {

struct Network {
    const char *name, *file;
    std::optional<Rgb> mean, std;
};

const std::vector<Network>& networks()
{
    static const std::vector<Network> all{
        {"resnet20", "resnet20-12fca82f.th", Rgb{0.485, 0.456, 0.406}, Rgb{0.229, 0.224, 0.225}}, // trained with ImageNet's
        {"resnet18", "resnet18_cifar10.pth", {}, {}},
        {"resnet18cifar", "resnet18cifar_cifar10.pth", {}, {}},
        {"demo", "", {}, {}}, // on its own test images; nothing was ever chosen by it
    };
    return all;
}

/// "2 x Intel(R) Xeon(R) Processor, LibTorch 1.13.1, OpenBLAS ..."
std::string machine()
{
    std::ifstream file("/proc/cpuinfo");
    std::string line, processor = "a processor";
    while (std::getline(file, line))
        if (line.starts_with("model name"))
            processor = line.substr(line.find(':') + 2);
    const Versions v = versions();
    return text(std::thread::hardware_concurrency(), " x ", processor, ", ", v.libtorch, ", ", v.blas);
}

/// width > 0: all layers at it, the first and the last at ends; else the allocator decides.
struct Row {
    const char* name;
    Bits width = 0, ends = 8;
    double target = 0;
    std::vector<Bits> set{2, 3, 4, 5, 6, 8};
    RateKind rate = RateKind::Fixed;
    Bits activations = kKeepFp32;
};

const std::vector<Row>& rows()
{
    static const std::vector<Row> all{
        {.name = "W8A8", .width = 8, .activations = 8},
        {.name = "W4A8", .width = 4, .activations = 8},
        {.name = "W4", .width = 4},
        {.name = "W3", .width = 3},
        {.name = "W2", .width = 2},
        {.name = "uniform2", .width = 2, .ends = 2},
        {.name = "4.19", .target = 4.19, .set = {4, 6, 8}},
        {.name = "3.0", .target = 3.0},
        {.name = "2.5", .target = 2.5},
        {.name = "2.25", .target = 2.25},
        {.name = "coded2.6", .target = 2.6, .rate = RateKind::Entropy},
        {.name = "coded2.1", .target = 2.1, .rate = RateKind::Entropy},
        {.name = "coded1.6", .target = 1.6, .rate = RateKind::Entropy},
        {.name = "coded0.8", .target = 0.8, .rate = RateKind::Entropy},
    };
    return all;
}

/// CPU seconds of the program in stages 2 and 3, and in 4 to 6.
struct Clock {
    std::clock_t begin = 0;
    std::map<Stage, double> seconds;

    void hear(const Event& event)
    {
        if (std::get_if<StageStarted>(&event))
            begin = std::clock();
        else if (const auto* finished = std::get_if<StageFinished>(&event))
            seconds[finished->stage] += double(std::clock() - begin) / CLOCKS_PER_SEC;
    }
    double of(std::initializer_list<Stage> stages) const
    {
        double sum = 0;
        for (const Stage stage : stages)
            if (const auto it = seconds.find(stage); it != seconds.end())
                sum += it->second;
        return sum;
    }
};

std::string measured(const std::string& models, const std::string& data, const Network& network, const Row& row,
                     std::uint64_t seed, Effort effort)
{
    RunConfig config;
    config.demo = *network.file == '\0';
    if (!config.demo) {
        config.modelPath = models + "/" + network.file;
        config.dataPath = data;
    }
    config.mean = network.mean;
    config.std = network.std;
    config.test = -1;
    config.seed = seed;
    config.effort = effort;
    config.bits = row.set;
    config.rate = row.rate;
    config.activations = row.activations;
    config.skip = {Stage::Compare};
    config.out.clear();
    if (row.target > 0)
        config.target = TargetBits{row.target};
    Clock clock;
    const RunControl control([&](const Event& event) { clock.hear(event); });
    auto opened = openSession(config, control);
    if (const auto* failure = std::get_if<Failure>(&opened))
        throw std::runtime_error(failure->message);
    Session& session = *std::get<std::shared_ptr<Session>>(opened);
    const MethodRow fp32 = session.prepare(control);
    MethodRow out;
    if (row.width > 0) {
        Allocation a{std::vector<Bits>(session.model().layers.size(), row.width)};
        a.bits.front() = a.bits.back() = row.ends;
        out = session.optimise(a, control)->row;
    } else {
        out = session.runAll(control).run->row;
    }
    const auto weights = double(weightCount(session.model().layers));
    char line[256];
    std::snprintf(line, sizeof line, "%s\t%s\t%llu\t%s\t%.2f\t%.2f\t%.3f\t%.3f\t%.5f\t%.1f\t%.1f", network.name, row.name,
                  static_cast<unsigned long long>(seed), std::string(name(effort)).c_str(), fp32.evaluation.accuracyPercent(),
                  out.evaluation.accuracyPercent(), out.averageBits, out.codedBytes > 0 ? 8 * double(out.codedBytes) / weights : 0.0,
                  out.holdOutKl, clock.of({Stage::Sensitivity, Stage::Allocate}),
                  clock.of({Stage::Scales, Stage::Hessian, Stage::Rounding}));
    return line;
}

int bench(const std::vector<std::string>& words)
{
    std::vector<std::string> plain;
    std::uint64_t seed = 42;
    Effort effort = Effort::Normal;
    for (const std::string& word : words)
        if (word.starts_with("seed="))
            seed = std::stoull(word.substr(5));
        else if (word.starts_with("effort="))
            effort = effortFromName(word.substr(7)).value_or(effort);
        else
            plain.push_back(word);
    std::ifstream before(plain.at(2));
    std::string line, known;
    while (std::getline(before, line))
        known += line + "\n";
    if (known.empty())
        std::ofstream(plain[2]) << "network\trow\tseed\teffort\tFP32 %\taccuracy %\tbits\tcoded bits\thold-out KL\tCPU s, 2-3\tCPU s, 4-6\n";
    for (const Network& network : networks())
        for (const Row& row : rows()) {
            if ((plain.size() > 3 && plain[3] != network.name) || (plain.size() > 4 && plain[4] != row.name))
                continue;
            const std::string key = text(network.name, "\t", row.name, "\t", seed, "\t", name(effort), "\t");
            if (known.find(key) != std::string::npos)
                continue;
            const std::string result = measured(plain[0], plain[1], network, row, seed, effort);
            std::printf("%s\n", result.c_str());
            std::fflush(stdout);
            std::ofstream(plain[2], std::ios::app) << result << "\n";
        }
    std::ifstream all(plain[2]);
    const std::string tsv((std::istreambuf_iterator<char>(all)), {});
    std::ofstream(plain[2].substr(0, plain[2].rfind('.')) + ".md") << "Machine: " << machine() << "\n" << barsTable(barsLines(tsv));
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 3, "bench_bars MODELS DATA OUT.tsv [NETWORK [ROW]] [seed=N] [effort=NAME]", [&] { return bench({argv + 1, argv + argc}); });
}

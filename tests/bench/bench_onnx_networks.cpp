// SPDX-License-Identifier: GPL-3.0-or-later
// Whole networks from ONNX to ONNX: written in FP32, opened, measured, allocated at 4.5 bits, optimised, written with integer weights, run in
// ONNX Runtime and compared, sizes beside what bits and scales need.
// bench_onnx_networks MODELS DATA [NETWORK] [activations=8] [trained=DIR]   MODELS: folder of the checkpoints; DIR: of
// mobilenet-v2-cifar.safetensors and vgg11-bn-cifar.safetensors as bench_train makes them, else these two have random weights
#include "core/api/rgb.h"
#include "core/api/session.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/data/temporary_folder.h"
#include "core/evaluate/evaluator.h"
#include "core/export/onnx_export.h"
#include "core/import/architectures.h"
#include "core/import/model_file.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/seconds.h"
#include "tests/support/attention_network.h"
#include <filesystem>

using namespace mprdo;

namespace {

using Shape = std::vector<std::int64_t>;

/// Running statistics that fit the random weights, from one batch of noise: else nothing would be left of a signal after fifty layers.
Graph settled(Graph graph)
{
    NoGrad noGrad;
    auto g = generator(3, "settle");
    Shape shape = graph.values.at(static_cast<std::size_t>(graph.inputs.at(0))).shape;
    shape[0] = 128;
    std::map<std::string, at::Tensor> found;
    ExecOptions options;
    options.training = true;
    options.batchStatistics = [&](const Node& node, const at::Tensor& mean, const at::Tensor& variance) {
        found[node.parameters.at("mean")] = mean.clone();
        found[node.parameters.at("variance")] = variance.clamp_min(1e-4);
    };
    execute(graph, {{graph.inputs[0], at::randn(shape, g)}}, graph.outputs, {}, options);
    for (auto& [name, value] : found)
        graph.parameters[name] = value;
    return graph;
}

struct Network {
    const char* name;
    const char* file;         ///< a checkpoint
    const char* architecture; ///< else random weights of it
    std::optional<Rgb> mean, std;
};

const std::vector<Network>& networks()
{
    static const std::vector<Network> all{
        {"ResNet-20", "resnet20-12fca82f.th", "", Rgb{0.485, 0.456, 0.406}, Rgb{0.229, 0.224, 0.225}},
        {"ResNet-18", "resnet18_cifar10.pth", "", {}, {}},
        {"MobileNetV2", "mobilenet-v2-cifar.safetensors", "mobilenet-v2-cifar", {}, {}},
        {"VGG-11", "vgg11-bn-cifar.safetensors", "vgg11-bn-cifar", {}, {}},
        {"VGG-16, random", "", "vgg16-bn-cifar", {}, {}},
        {"ResNet-50, random", "", "resnet50", {}, {}},
        {"small ViT, random", "", "", {}, {}},
    };
    return all;
}

Graph graphOf(const std::vector<std::string>& folders, const Network& n)
{
    const Shape input{3, 32, 32};
    for (const std::string& folder : folders)
        if (const std::string path = folder + "/" + n.file; *n.file && std::filesystem::exists(path))
            return importModel(readModelFile(path), n.architecture, input).graph;
    check(!*n.file || *n.architecture, ErrorCode::Io, folders.front(), ": no ", n.file);
    if (*n.architecture)
        return settled(buildArchitecture(n.architecture, initialStateDict(n.architecture, 10, 1), input));
    return test::attentionNetwork();
}

/// Bytes of the containers and of the scales, and of what stays FP32.
double bytesNeeded(const OnnxFile& file)
{
    double sum = 0;
    for (const auto& [name, tensor] : file.initializers) {
        const bool nibbles = tensor.elementType == onnx_type::kInt4 || tensor.elementType == onnx_type::kUint4;
        sum += double(tensor.value.numel()) * (nibbles ? 0.5 : double(tensor.value.element_size()));
    }
    return sum;
}

void one(const std::vector<std::string>& folders, const std::string& data, const Network& n, Bits activations)
{
    const TemporaryFolder folder(std::filesystem::temp_directory_path());
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    const Graph graph = graphOf(folders, n);
    ExportedModel fp32;
    fp32.model.graph = std::make_shared<const Graph>(graph);
    writeOnnx(path("fp32.onnx"), fp32);
    RunConfig config;
    config.modelPath = path("fp32.onnx");
    config.dataPath = data;
    config.mean = n.mean;
    config.std = n.std;
    config.effort = Effort::Fast;
    config.bits = {2, 3, 4, 5, 6, 8};
    config.target = TargetBits{4.5};
    config.activations = activations;
    config.skip = {Stage::Compare};
    config.out = path("out");
    RunReport report;
    double fp32Percent = 0;
    const double ran = seconds([&] {
        auto opened = openSession(config, RunControl());
        if (const auto* failure = std::get_if<Failure>(&opened))
            throw std::runtime_error(failure->message);
        const auto session = std::get<std::shared_ptr<Session>>(opened);
        fp32Percent = session->prepare(RunControl()).evaluation.accuracyPercent();
        report = session->runAll(RunControl());
    });
    const ExportedModel exported = readQuantExport(path("out") + "/quant_export.pt");
    writeOnnx(path("quantized.onnx"), exported);
    VerifyConfig verify;
    verify.modelPath = path("quantized.onnx");
    verify.referencePath = path("out") + "/quant_export.pt";
    verify.dataPath = data;
    auto compared = verifyOnnxFile(verify, RunControl());
    if (const auto* failure = std::get_if<Failure>(&compared))
        throw std::runtime_error(failure->message);
    const auto& v = std::get<OnnxVerification>(compared);
    const OnnxFile file = readOnnx(path("quantized.onnx"));
    const ExportedModel back = fromOnnx(file);
    bool same = back.model.weights.size() == exported.model.weights.size();
    for (const auto& [name, q] : exported.model.weights)
        same = same && back.model.weights.count(name) && at::equal(back.model.weights.at(name).codes, q.codes);
    const double size = double(std::filesystem::file_size(path("quantized.onnx"))), needed = bytesNeeded(file);
    std::printf("| %s | %s | %.2f | %.2f | %.2f | %.0f | %+.1f %% | %s | %.1e / %.1e | %ld / %ld of %ld | %s | %.0f |\n", n.name,
                activations == kKeepFp32 ? "FP32" : "8 bits", report.run->row.averageBits, fp32Percent, v.accuracyPercent, size,
                100 * (size / needed - 1), same ? "equal" : "DIFFER", v.levels[0].largestDifference, v.levels[1].largestDifference,
                long(v.levels[0].sameTop1), long(v.levels[1].sameTop1), long(v.images), v.holds() ? "holds" : "DOES NOT HOLD", ran);
    std::fflush(stdout);
}

int bench(const std::vector<std::string>& words)
{
    Bits activations = kKeepFp32;
    std::vector<std::string> plain, folders;
    for (const std::string& word : words)
        if (word == "activations=8")
            activations = 8;
        else if (word.starts_with("trained="))
            folders.push_back(word.substr(8));
        else
            plain.push_back(word);
    std::printf("| network | activations | bits | FP32, 2,000 images | quantized | file, bytes | above tensors | integers read back | largest difference, optimisation off / "
                "on | same class, off / on | verdict | s |\n|---|---|---:|---:|---:|---:|---:|---|---|---|---|---:|\n");
    folders.insert(folders.begin(), plain.at(0));
    for (const Network& n : networks())
        if (plain.size() < 3 || std::string(n.name).starts_with(plain[2]))
            one(folders, plain.at(1), n, activations);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 2, "bench_onnx_networks MODELS DATA [NETWORK] [activations=8] [trained=DIR]", [&] { return bench({argv + 1, argv + argc}); });
}

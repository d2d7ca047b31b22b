// SPDX-License-Identifier: GPL-3.0-or-later
// Networks from outside.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/torchscript.h"
#include "core/exec/executor.h"
#include "core/export/graph_text.h"
#include "core/export/onnx_export.h"
#include "core/import/network_description.h"
#include "core/import/onnx_import.h"
#include "core/import/torchscript.h"
#include "tests/core/export/export_fixture.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/support/every_kind_network.h"

namespace mprdo::fuzz {
namespace {

Files onnxFiles()
{
    ExportedModel fp32 = everyKind();
    fp32.model.weights.clear();
    fp32.model.activations.clear();
    return {encodeOnnx(toOnnx(everyKind())), encodeOnnx(toOnnx(everyKind(), {13})), encodeOnnx(toOnnx(fp32)), encodeOnnx(toOnnx(test::oddModel()))};
}
/// Read, imported, and run where that gives a network of small images.
void readOnnxModel(const std::string& bytes)
{
    const ExportedModel model = fromOnnx(decodeOnnx("fuzz.onnx", bytes));
    std::int64_t elements = 1;
    for (const std::int64_t d : model.inputShape)
        elements *= d;
    if (elements > 4096)
        return;
    for (const Value& value : model.model.graph->values) {
        std::int64_t size = 1;
        for (const std::int64_t d : value.shape)
            size *= d == -1 ? 1 : d;
        if (size > (1 << 20))
            return;
    }
    std::vector<std::int64_t> shape{1};
    shape.insert(shape.end(), model.inputShape.begin(), model.inputShape.end());
    try {
        forward(*model.model.graph, at::zeros(shape), model.model.overlay());
    } catch (const c10::Error& e) {
        throw std::runtime_error(std::string("imported, but it cannot be run: ") + e.what_without_backtrace());
    }
}

Files graphTexts() { return {graphToText(*test::everyKindNetwork()), graphToText(*test::oddModel().model.graph)}; }
void readGraph(const std::string& bytes)
{
    static const std::map<std::string, at::Tensor> ours = test::everyKindNetwork()->parameters, odd = test::oddModel().model.graph->parameters;
    try {
        graphFromText("fuzz", bytes, ours, "fuzz");
    } catch (const Error&) {
        graphFromText("fuzz", bytes, odd, "fuzz");
    }
}

/// Two modules, saved by LibTorch and without checksums.
Files scripts()
{
    Files out;
    for (const char* body : {"    y = torch.relu(torch.conv2d(x, self.w, self.b, [1, 1], [1, 1]))\n    return torch.flatten(torch.adaptive_avg_pool2d(y, [1, 1]), 1)\n",
                             "    y = torch.max_pool2d(x, [2, 2])\n    if y.size(0) > 0:\n        y = y * 2\n    return torch.mean(y + x[:, :, ::2, ::2], [2, 3])\n"}) {
        torch::jit::Module module("m");
        auto g = generator(7, "fuzz");
        module.register_parameter("w", at::randn({4, 3, 3, 3}, g), false);
        module.register_parameter("b", at::randn({4}, g), false);
        module.define(std::string("def forward(self, x):\n") + body);
        const std::string path = ownFile(".seed.pt", "");
        module.save(path);
        out.push_back(openContainer(readFile(path)));
    }
    return out;
}
void readScript(const std::string& bytes)
{
    TorchScriptOptions options;
    options.limit = std::chrono::milliseconds(5000); // a loop without an end is refused, too
    readTorchScript(ownFile(".pt", bytes), {3, 8, 8}, options);
}

StateDict describedTensors()
{
    auto g = generator(1, "fuzz");
    StateDict out;
    for (const auto& [name, shape] : std::map<std::string, std::vector<std::int64_t>>{
             {"a.weight", {4, 3, 3, 3}}, {"a.bias", {4}}, {"b.weight", {4, 2, 3, 3}}, {"fc.weight", {5, 4}}, {"fc.bias", {5}}})
        out[name] = at::randn(shape, g);
    for (const char* name : {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"})
        out[name] = at::ones({4});
    return out;
}
Files descriptions()
{
    return {R"({"name": "n", "input": [3, 8, 8], "nodes": [
 {"op": "conv2d", "name": "a", "inputs": ["input"], "attributes": {"padding": 1}},
 {"op": "batch_norm", "name": "bn", "attributes": {"epsilon": 1e-5}},
 {"op": "clamp", "attributes": {"min": 0, "max": "inf"}, "name": "c"},
 {"op": "conv2d", "name": "b", "attributes": {"padding": 1, "groups": 2, "stride": 1, "dilation": 1}},
 {"op": "add", "name": "sum", "inputs": ["b", "c"]},
 {"op": "max_pool2d", "attributes": {"kernel": 2, "stride": 2, "padding": 0}},
 {"op": "mean", "attributes": {"axes": [2, 3], "keep": 0}},
 {"op": "linear", "name": "fc", "parameters": {"weight": "fc.weight"}}], "output": "fc"})"};
}
void readDescribed(const std::string& bytes)
{
    static const StateDict tensors = describedTensors();
    describedGraph(readDescription("fuzz.json", bytes), tensors);
}

} // namespace

std::vector<Target> networkTargets()
{
    return {
        {"onnx", onnxFiles, readOnnxModel},
        {"torchscript", scripts, readScript},
        {"description", descriptions, readDescribed},
        {"graph-text", graphTexts, readGraph},
    };
}

} // namespace mprdo::fuzz

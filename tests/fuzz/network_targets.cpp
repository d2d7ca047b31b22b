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
#include "core/import/onnx_outputs.h"
#include "core/import/torchscript.h"
#include "tests/core/export/export_fixture.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/support/every_kind_network.h"

namespace mprdo::fuzz {
namespace {

/// As others write: names in other scripts, 16-bit numbers, a batch of one size, two outputs, nodes that no output needs, the newest opset.
OnnxFile otherForms()
{
    auto g = generator(5, "fuzz");
    const auto half = [&](std::vector<std::int64_t> shape) { return OnnxTensor{at::randn(shape, g).to(at::kHalf), onnx_type::kFloat16}; };
    OnnxFile out;
    out.irVersion = 11;
    out.opset = 25;
    out.graphName = "g";
    out.inputs = {{"\u5165\u529b", onnx_type::kFloat16, true, {1, 3, 8, 8}}};
    out.initializers = {{"w", half({4, 3, 3, 3})}, {"s", half({4})}, {"k", half({4, 5})}, {"axes", {at::tensor({2, 3}, at::kLong), onnx_type::kInt64}},
                        {"scales", {at::tensor({0.5f, 0.5f}), onnx_type::kFloat}}};
    using Attributes = std::map<std::string, OnnxAttribute>;
    const auto node = [&](const char* op, std::vector<std::string> inputs, std::vector<std::string> outputs, Attributes attributes = {}) {
        out.nodes.push_back({op, "", "\u5c64/" + outputs[0], std::move(inputs), std::move(outputs), std::move(attributes), false});
    };
    node("Resize", {"\u5165\u529b", "", "scales"}, {"r"}, {{"antialias", std::int64_t(1)}, {"mode", std::string("linear")}, {"axes", std::vector<std::int64_t>{2, 3}}});
    node("Conv", {"r", "w"}, {"c"}, {{"auto_pad", std::string("SAME_LOWER")}});
    node("BatchNormalization", {"c", "s", "s", "s", "s"}, {"b"}, {{"training_mode", std::int64_t(0)}});
    node("Split", {"b"}, {"p", "q"}, {{"axis", std::int64_t(1)}, {"num_outputs", std::int64_t(2)}});
    node("Concat", {"q", "p"}, {"j"}, {{"axis", std::int64_t(-3)}});
    node("ReduceMean", {"j", "axes"}, {"m"}, {{"keepdims", std::int64_t(0)}});
    node("MatMul", {"m", "k"}, {"\u51fa\u529b"});
    node("Unknown", {"m"}, {"second"});
    out.outputs = {{"\u51fa\u529b", onnx_type::kFloat16, true, {1, 5}}, {"second", 0, false, {}}};
    return out;
}

Files onnxFiles()
{
    ExportedModel fp32 = everyKind();
    fp32.model.weights.clear();
    fp32.model.activations.clear();
    return {encodeOnnx(otherForms()), encodeOnnx(toOnnx(everyKind())), encodeOnnx(toOnnx(everyKind(), {13})), encodeOnnx(toOnnx(fp32)), encodeOnnx(toOnnx(test::oddModel()))};
}
/// Read, imported, and run where that gives a network of small images.
void readOnnxModel(const std::string& bytes)
{
    OnnxFile file = decodeOnnx("fuzz.onnx", bytes);
    if (file.outputs.size() > 1)
        takeOutput(file, std::string(file.outputs[0].name));
    const ExportedModel model = fromOnnx(file);
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
    options.limit = std::chrono::seconds(sanitized() ? 60 : 20); // a loop without an end is refused, too; a busy machine takes its time to start a process
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

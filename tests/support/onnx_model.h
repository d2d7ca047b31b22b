// SPDX-License-Identifier: GPL-3.0-or-later
// An ONNX model written down node by node; the last node's first output is the model's.
#pragma once
#include "core/base/random.h"
#include "core/import/onnx_file.h"

namespace mprdo::test {

struct OnnxModel {
    using Ints = std::vector<std::int64_t>;
    using Attributes = std::map<std::string, OnnxAttribute>;

    OnnxFile file;

    explicit OnnxModel(Ints input = {-1, 3, 8, 8}, std::int64_t opset = 17)
    {
        file.path = "m.onnx";
        file.opset = opset;
        file.irVersion = opset > 22 ? 11 : opset > 20 ? 10 : 8;
        file.graphName = "g";
        file.inputs = {{"x", onnx_type::kFloat, true, std::move(input)}};
    }
    OnnxModel& floats(const std::string& name, const at::Tensor& value)
    {
        file.initializers[name] = {value.to(at::kFloat).contiguous(), onnx_type::kFloat};
        return *this;
    }
    OnnxModel& random(const std::string& name, const Ints& shape)
    {
        auto g = generator(file.initializers.size(), "onnx import");
        return floats(name, at::randn(shape, g));
    }
    /// From 0.5 to 1.5: variances, slopes.
    OnnxModel& positive(const std::string& name, const Ints& shape)
    {
        auto g = generator(file.initializers.size(), "onnx import, positive");
        return floats(name, at::rand(shape, g) + 0.5);
    }
    OnnxModel& ints(const std::string& name, const Ints& values)
    {
        file.initializers[name] = {at::tensor(values, at::kLong), onnx_type::kInt64};
        return *this;
    }
    OnnxModel& scalar(const std::string& name, std::int64_t value)
    {
        file.initializers[name] = {at::scalar_tensor(value, at::kLong), onnx_type::kInt64};
        return *this;
    }
    OnnxModel& node(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                    const Attributes& attributes = {}, const std::string& name = {})
    {
        file.nodes.push_back({op, "", name.empty() ? outputs.at(0) : name, inputs, outputs, attributes, false});
        file.outputs = {{outputs[0], onnx_type::kFloat, false, {}}};
        return *this;
    }
};

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_forms.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <array>

namespace mprdo::onnx {
namespace {

using Forms = std::vector<OnnxForm>;

constexpr std::size_t kAny = kAnyNumber;

/// One form for all opsets from since on.
Forms always(std::int64_t since, std::size_t least, std::size_t most, std::vector<std::string_view> attributes = {})
{
    return {{since, least, most, 1, std::move(attributes)}};
}

/// New types alone make no new form.
const std::map<std::string_view, Forms>& forms()
{
    static const std::map<std::string_view, Forms> all{
        {"Add", always(7, 2, 2)},
        {"AveragePool",
         {{7, 1, 1, 1, {"auto_pad", "count_include_pad", "kernel_shape!", "pads", "strides"}},
          {10, 1, 1, 1, {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape!", "pads", "strides"}},
          {19, 1, 1, 1, {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape!", "pads", "strides"}}}},
        {"BatchNormalization",
         {{7, 5, 5, 5, {"epsilon", "momentum", "spatial"}}, {9, 5, 5, 5, {"epsilon", "momentum"}}, {14, 5, 5, 3, {"epsilon", "momentum", "training_mode"}}}},
        {"Cast", {{6, 1, 1, 1, {"to!"}}, {19, 1, 1, 1, {"saturate", "to!"}}, {24, 1, 1, 1, {"round_mode", "saturate", "to!"}}}},
        {"Ceil", always(6, 1, 1)},
        {"Clip", {{6, 1, 1, 1, {"max", "min"}}, {11, 1, 3, 1, {}}}},
        {"Concat", always(4, 1, kAny, {"axis!"})},
        {"Constant",
         {{1, 0, 0, 1, {"value!"}},
          {11, 0, 0, 1, {"sparse_value", "value"}},
          {12, 0, 0, 1, {"sparse_value", "value", "value_float", "value_floats", "value_int", "value_ints", "value_string", "value_strings"}}}},
        {"ConstantOfShape", always(9, 1, 1, {"value"})},
        {"Conv", always(1, 2, 3, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"})},
        {"ConvTranspose", always(1, 2, 3, {"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"})},
        {"DequantizeLinear",
         {{10, 2, 3, 1, {}}, {13, 2, 3, 1, {"axis"}}, {21, 2, 3, 1, {"axis", "block_size"}}, {23, 2, 3, 1, {"axis", "block_size", "output_dtype"}}}},
        {"Div", always(7, 2, 2)},
        {"Dropout", {{7, 1, 1, 2, {"ratio"}}, {12, 1, 3, 2, {"seed"}}}},
        {"Equal", always(7, 2, 2)},
        {"Erf", always(9, 1, 1)},
        {"Expand", always(8, 2, 2)},
        {"Flatten", always(1, 1, 1, {"axis"})},
        {"Floor", always(6, 1, 1)},
        {"Gather", always(1, 2, 2, {"axis"})},
        {"Gelu", always(20, 1, 1, {"approximate"})},
        {"Gemm", {{7, 3, 3, 1, {"alpha", "beta", "transA", "transB"}}, {11, 2, 3, 1, {"alpha", "beta", "transA", "transB"}}}},
        {"GlobalAveragePool", always(1, 1, 1)},
        {"HardSigmoid", always(6, 1, 1, {"alpha", "beta"})},
        {"HardSwish", always(14, 1, 1)},
        {"Identity", always(1, 1, 1)},
        // Of opset 17; ONNX Runtime has it in the standard domain for all opsets, and its optimiser writes it into older files.
        {"LayerNormalization", {{1, 2, 3, 3, {"axis", "epsilon", "stash_type"}}}},
        {"LeakyRelu", always(6, 1, 1, {"alpha"})},
        {"LogSoftmax", always(1, 1, 1, {"axis"})},
        {"MatMul", always(1, 2, 2)},
        {"Max", always(6, 1, kAny)},
        {"MaxPool",
         {{1, 1, 1, 1, {"auto_pad", "kernel_shape!", "pads", "strides"}},
          {8, 1, 1, 2, {"auto_pad", "kernel_shape!", "pads", "storage_order", "strides"}},
          {10, 1, 1, 2, {"auto_pad", "ceil_mode", "dilations", "kernel_shape!", "pads", "storage_order", "strides"}}}},
        {"Min", always(6, 1, kAny)},
        {"Mul", always(7, 2, 2)},
        {"Neg", always(6, 1, 1)},
        {"PRelu", always(7, 2, 2)},
        {"Pad", {{2, 1, 1, 1, {"mode", "pads!", "value"}}, {11, 2, 3, 1, {"mode"}}, {18, 2, 4, 1, {"mode"}}}},
        {"Pow", always(7, 2, 2)},
        {"QuantizeLinear",
         {{10, 2, 3, 1, {}},
          {13, 2, 3, 1, {"axis"}},
          {19, 2, 3, 1, {"axis", "saturate"}},
          {21, 2, 3, 1, {"axis", "block_size", "output_dtype", "saturate"}},
          {23, 2, 3, 1, {"axis", "block_size", "output_dtype", "precision", "saturate"}}}},
        {"Range", always(11, 3, 3)},
        {"ReduceMean", {{1, 1, 1, 1, {"axes", "keepdims"}}, {18, 1, 2, 1, {"keepdims", "noop_with_empty_axes"}}}},
        {"Relu", always(6, 1, 1)},
        {"Reshape", {{5, 2, 2, 1, {}}, {14, 2, 2, 1, {"allowzero"}}}},
        {"Resize",
         {{10, 2, 2, 1, {"mode"}},
          {11, 3, 4, 1, {"coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value", "mode", "nearest_mode"}},
          {13, 1, 4, 1, {"coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value", "mode", "nearest_mode"}},
          {18, 1, 4, 1,
           {"antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value", "keep_aspect_ratio_policy",
            "mode", "nearest_mode"}}}},
        {"Shape", {{1, 1, 1, 1, {}}, {15, 1, 1, 1, {"end", "start"}}}},
        {"Sigmoid", always(6, 1, 1)},
        {"Slice", {{1, 1, 1, 1, {"axes", "ends!", "starts!"}}, {10, 3, 5, 1, {}}}},
        {"Softmax", always(1, 1, 1, {"axis"})},
        {"Split", {{2, 1, 1, kAny, {"axis", "split"}}, {13, 1, 2, kAny, {"axis"}}, {18, 1, 2, kAny, {"axis", "num_outputs"}}}},
        {"Sqrt", always(6, 1, 1)},
        {"Squeeze", {{1, 1, 1, 1, {"axes"}}, {13, 1, 2, 1, {}}}},
        {"Sub", always(7, 2, 2)},
        {"Tanh", always(6, 1, 1)},
        {"Transpose", always(1, 1, 1, {"perm"})},
        {"Unsqueeze", {{1, 1, 1, 1, {"axes!"}}, {13, 2, 2, 1, {}}}},
        {"Upsample", {{7, 1, 1, 1, {"mode", "scales!"}}, {9, 2, 2, 1, {"mode"}}, {10, 2, 2, 1, {"mode"}, true}}},
        {"Where", always(9, 3, 3)},
    };
    return all;
}

/// Attributes of older opsets that exporters go on writing, with the value at which they say nothing.
struct Leftover {
    std::string_view op, attribute;
    std::int64_t value;
};
constexpr std::array kLeftovers{Leftover{"BatchNormalization", "spatial", 1}, Leftover{"BatchNormalization", "is_test", 1},
                                Leftover{"Dropout", "is_test", 1}};

bool isLeftover(const Call& c, const std::string& attribute)
{
    return std::any_of(kLeftovers.begin(), kLeftovers.end(), [&](const Leftover& l) {
        return l.op == c.node.op && l.attribute == attribute && c.integer(attribute, 0) == l.value;
    });
}

std::string counted(std::size_t n, const char* what) { return text(n, " ", what, n == 1 ? "" : "s"); }

} // namespace

bool hasAttribute(const OnnxForm& form, const std::string& attribute)
{
    return std::find(form.attributes.begin(), form.attributes.end(), attribute) != form.attributes.end()
           || std::find(form.attributes.begin(), form.attributes.end(), attribute + "!") != form.attributes.end();
}

const std::vector<OnnxForm>& onnxForms(std::string_view op)
{
    static const std::vector<OnnxForm> none;
    const auto it = forms().find(op);
    return it == forms().end() ? none : it->second;
}

const OnnxForm* onnxForm(std::string_view op, std::int64_t opset)
{
    const OnnxForm* out = nullptr;
    for (const OnnxForm& form : onnxForms(op))
        if (form.since <= opset)
            out = &form;
    return out && !out->gone ? out : nullptr;
}

std::vector<std::string> onnxFormNames()
{
    std::vector<std::string> out;
    for (const auto& [op, all] : forms())
        out.emplace_back(op);
    return out;
}

void checkForm(const Call& c, std::int64_t opset)
{
    const std::vector<OnnxForm>& all = onnxForms(c.node.op);
    if (all.empty())
        return; // not known: whoever looks for its row says so
    const OnnxForm* form = onnxForm(c.node.op, opset);
    if (!form && all.front().since > opset)
        c.refuse("is no operator of opset ", opset, ": it came with opset ", all.front().since);
    if (!form)
        c.refuse("is no operator of opset ", opset, ": opset ", all.back().since, " took it away");
    for (const auto& [name, value] : c.node.attributes) {
        if (hasAttribute(*form, name) || isLeftover(c, name))
            continue;
        const auto other = std::find_if(all.begin(), all.end(), [&](const OnnxForm& f) { return hasAttribute(f, name); });
        if (other == all.end())
            c.refuse("has the attribute ", printable(name), ", which the operator does not have in any opset");
        const auto after = std::find_if(other, all.end(), [&](const OnnxForm& f) { return !hasAttribute(f, name); });
        if (other->since > opset)
            c.refuse("has the attribute ", name, ", which came with opset ", other->since, "; the file is of opset ", opset);
        c.refuse("has the attribute ", name, ", which there is up to opset ", after->since - 1, "; the file is of opset ", opset);
    }
    for (const std::string_view attribute : form->attributes)
        if (attribute.ends_with('!') && !c.has(std::string(attribute.substr(0, attribute.size() - 1))))
            c.bad("has no attribute ", attribute.substr(0, attribute.size() - 1));
    if (c.inputs() < form->leastInputs || c.inputs() > form->mostInputs)
        c.bad("has ", counted(c.inputs(), "input"), ", in opset ", opset, " it takes ",
              form->mostInputs == kAny                ? text("at least ", form->leastInputs)
              : form->leastInputs == form->mostInputs ? text(form->leastInputs)
                                                      : text(form->leastInputs, " to ", form->mostInputs));
    if (c.node.outputs.size() > form->mostOutputs)
        c.bad("has ", counted(c.node.outputs.size(), "output"), ", in opset ", opset, " it makes at most ", form->mostOutputs);
}

} // namespace mprdo::onnx

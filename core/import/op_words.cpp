// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/op_words.h"
#include "core/graph/guarded_builder.h"
#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace mprdo {
namespace {

constexpr auto kInteger = AttributeKind::Integer;
constexpr auto kNumber = AttributeKind::Number;
constexpr auto kIntegers = AttributeKind::Integers;
constexpr auto kPerAxis = AttributeKind::PerAxis;
constexpr auto kNumbers = AttributeKind::Numbers;
constexpr auto kWord = AttributeKind::Word;
constexpr double kMany = GuardedBuilder::kMaxAttribute;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLastAxis = 7;

/// Axis 0 is the batch, which no op may touch.
constexpr std::array kAttributes{
    AttributeWord{Op::Conv2d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::Conv2d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::Conv2d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::Conv2d, "groups", kInteger, 1, kMany},
    AttributeWord{Op::Conv1d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::Conv1d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::Conv1d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::Conv1d, "groups", kInteger, 1, kMany},
    AttributeWord{Op::ConvTranspose2d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::ConvTranspose2d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::ConvTranspose2d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::ConvTranspose2d, "groups", kInteger, 1, kMany},
    AttributeWord{Op::ConvTranspose2d, "output_padding", kPerAxis, 0, kMany},
    AttributeWord{Op::ConvTranspose1d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::ConvTranspose1d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::ConvTranspose1d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::ConvTranspose1d, "groups", kInteger, 1, kMany},
    AttributeWord{Op::ConvTranspose1d, "output_padding", kPerAxis, 0, kMany},
    AttributeWord{Op::BatchNorm, "epsilon", kNumber, 1e-12, 1},
    AttributeWord{Op::LayerNorm, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::LayerNorm, "epsilon", kNumber, 1e-12, 1},
    AttributeWord{Op::LeakyRelu, "alpha", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Clamp, "min", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Clamp, "max", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::HardSigmoid, "alpha", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::HardSigmoid, "beta", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Gelu, "approximate", kWord, 0, 0},
    AttributeWord{Op::Softmax, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::Softmax, "log", kInteger, 0, 1},
    AttributeWord{Op::MatMul, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Add, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Sub, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Mul, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Div, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Pow, "constant_first", kInteger, 0, 1},
    AttributeWord{Op::Concat, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::MaxPool2d, "kernel", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool2d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool2d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::MaxPool2d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool2d, "ceil", kInteger, 0, 1},
    AttributeWord{Op::MaxPool1d, "kernel", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool1d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool1d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::MaxPool1d, "dilation", kPerAxis, 1, kMany},
    AttributeWord{Op::MaxPool1d, "ceil", kInteger, 0, 1},
    AttributeWord{Op::AvgPool2d, "kernel", kPerAxis, 1, kMany},
    AttributeWord{Op::AvgPool2d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::AvgPool2d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::AvgPool2d, "ceil", kInteger, 0, 1},
    AttributeWord{Op::AvgPool2d, "count_padding", kInteger, 0, 1},
    AttributeWord{Op::AvgPool1d, "kernel", kPerAxis, 1, kMany},
    AttributeWord{Op::AvgPool1d, "stride", kPerAxis, 1, kMany},
    AttributeWord{Op::AvgPool1d, "padding", kPerAxis, 0, kMany},
    AttributeWord{Op::AvgPool1d, "ceil", kInteger, 0, 1},
    AttributeWord{Op::AvgPool1d, "count_padding", kInteger, 0, 1},
    AttributeWord{Op::AdaptiveAvgPool2d, "size", kPerAxis, 1, kMany},
    AttributeWord{Op::Mean, "axes", kIntegers, 1, kLastAxis},
    AttributeWord{Op::Mean, "keep", kInteger, 0, 1},
    AttributeWord{Op::Flatten, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::Reshape, "shape", kIntegers, 1, kMany},
    AttributeWord{Op::Transpose, "axes", kIntegers, 0, kLastAxis},
    AttributeWord{Op::Slice, "axes", kIntegers, 1, kLastAxis},
    AttributeWord{Op::Slice, "starts", kIntegers, 0, kMany},
    AttributeWord{Op::Slice, "ends", kIntegers, -1, kMany},
    AttributeWord{Op::Slice, "steps", kIntegers, -kMany, kMany},
    AttributeWord{Op::Gather, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::Gather, "indices", kIntegers, 0, kMany},
    AttributeWord{Op::Pad, "before", kIntegers, -kMany, kMany},
    AttributeWord{Op::Pad, "after", kIntegers, -kMany, kMany},
    AttributeWord{Op::Pad, "mode", kWord, 0, 0},
    AttributeWord{Op::Pad, "value", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Resize, "axes", kIntegers, 1, kLastAxis},
    AttributeWord{Op::Resize, "sizes", kIntegers, 1, kMany},
    AttributeWord{Op::Resize, "scales", kNumbers, 1e-6, kMany},
    AttributeWord{Op::Resize, "mode", kWord, 0, 0},
    AttributeWord{Op::Resize, "coordinates", kWord, 0, 0},
    AttributeWord{Op::Resize, "nearest", kWord, 0, 0},
    AttributeWord{Op::Resize, "cubic_a", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Resize, "exclude_outside", kInteger, 0, 1},
    AttributeWord{Op::Resize, "antialias", kInteger, 0, 1},
};

constexpr std::array kParameters{
    ParameterWord{Op::Conv2d, "weight", ".weight", true},
    ParameterWord{Op::Conv2d, "bias", ".bias", false},
    ParameterWord{Op::Conv1d, "weight", ".weight", true},
    ParameterWord{Op::Conv1d, "bias", ".bias", false},
    ParameterWord{Op::ConvTranspose2d, "weight", ".weight", true},
    ParameterWord{Op::ConvTranspose2d, "bias", ".bias", false},
    ParameterWord{Op::ConvTranspose1d, "weight", ".weight", true},
    ParameterWord{Op::ConvTranspose1d, "bias", ".bias", false},
    ParameterWord{Op::Linear, "weight", ".weight", true},
    ParameterWord{Op::Linear, "bias", ".bias", false},
    ParameterWord{Op::BatchNorm, "weight", ".weight", true},
    ParameterWord{Op::BatchNorm, "bias", ".bias", true},
    ParameterWord{Op::BatchNorm, "mean", ".running_mean", true},
    ParameterWord{Op::BatchNorm, "variance", ".running_var", true},
    ParameterWord{Op::LayerNorm, "weight", ".weight", false},
    ParameterWord{Op::LayerNorm, "bias", ".bias", false},
    ParameterWord{Op::PRelu, "slope", ".weight", true},
    ParameterWord{Op::MatMul, "constant", ".constant", false},
    ParameterWord{Op::Add, "constant", ".constant", false},
    ParameterWord{Op::Sub, "constant", ".constant", false},
    ParameterWord{Op::Mul, "constant", ".constant", false},
    ParameterWord{Op::Div, "constant", ".constant", false},
    ParameterWord{Op::Pow, "constant", ".constant", false},
    ParameterWord{Op::Constant, "value", ".value", true},
};

template <class Words>
auto ofOp(const Words& words, Op op)
{
    std::vector<typename Words::value_type> out;
    std::copy_if(words.begin(), words.end(), std::back_inserter(out), [&](const auto& word) { return word.op == op; });
    return out;
}

} // namespace

std::vector<AttributeWord> attributesOf(Op op) { return ofOp(kAttributes, op); }
std::vector<ParameterWord> parametersOf(Op op) { return ofOp(kParameters, op); }

} // namespace mprdo

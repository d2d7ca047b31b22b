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
constexpr double kMany = GuardedBuilder::kMaxAttribute;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLastAxis = 7;

/// Axis 0 is the batch, which no op may touch.
constexpr std::array kAttributes{
    AttributeWord{Op::Conv2d, "stride", kInteger, 1, kMany},
    AttributeWord{Op::Conv2d, "padding", kInteger, 0, kMany},
    AttributeWord{Op::Conv2d, "dilation", kInteger, 1, kMany},
    AttributeWord{Op::Conv2d, "groups", kInteger, 1, kMany},
    AttributeWord{Op::BatchNorm, "epsilon", kNumber, 1e-12, 1},
    AttributeWord{Op::Clamp, "min", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Clamp, "max", kNumber, -kInfinity, kInfinity},
    AttributeWord{Op::Concat, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::MaxPool2d, "kernel", kInteger, 1, kMany},
    AttributeWord{Op::MaxPool2d, "stride", kInteger, 1, kMany},
    AttributeWord{Op::MaxPool2d, "padding", kInteger, 0, kMany},
    AttributeWord{Op::AvgPool2d, "kernel", kInteger, 1, kMany},
    AttributeWord{Op::AvgPool2d, "stride", kInteger, 1, kMany},
    AttributeWord{Op::AvgPool2d, "padding", kInteger, 0, kMany},
    AttributeWord{Op::AdaptiveAvgPool2d, "size", kInteger, 1, kMany},
    AttributeWord{Op::Mean, "axes", kIntegers, 1, kLastAxis},
    AttributeWord{Op::Mean, "keep", kInteger, 0, 1},
    AttributeWord{Op::Flatten, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::Reshape, "shape", kIntegers, 1, kMany},
    AttributeWord{Op::Softmax, "axis", kInteger, 1, kLastAxis},
    AttributeWord{Op::Slice, "axes", kIntegers, 1, kLastAxis},
    AttributeWord{Op::Slice, "starts", kIntegers, 0, kMany},
    AttributeWord{Op::Slice, "steps", kIntegers, 1, kMany},
    AttributeWord{Op::Pad, "before", kIntegers, 0, kMany},
    AttributeWord{Op::Pad, "after", kIntegers, 0, kMany},
};

constexpr std::array kParameters{
    ParameterWord{Op::Conv2d, "weight", ".weight", true},
    ParameterWord{Op::Conv2d, "bias", ".bias", false},
    ParameterWord{Op::Linear, "weight", ".weight", true},
    ParameterWord{Op::Linear, "bias", ".bias", false},
    ParameterWord{Op::BatchNorm, "weight", ".weight", true},
    ParameterWord{Op::BatchNorm, "bias", ".bias", true},
    ParameterWord{Op::BatchNorm, "mean", ".running_mean", true},
    ParameterWord{Op::BatchNorm, "variance", ".running_var", true},
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

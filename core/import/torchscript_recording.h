// SPDX-License-Identifier: GPL-3.0-or-later
// What a TorchScript module did with a batch of images: the operators that ran, in order, as one straight line.
#pragma once
#include "core/base/torch.h"
#include <map>
#include <string>
#include <vector>

namespace mprdo::script {

using Ints = std::vector<std::int64_t>;

inline constexpr int kConstant = -1; ///< a tensor that no image changes
inline constexpr int kImages = 0;    ///< the module's input

/// An argument of a step, by its name in the operator's schema.
struct Argument {
    c10::IValue value;
    std::vector<int> values; ///< for each tensor in it, the number of the value that it is, or kConstant
};

/// A tensor that a step made.
struct Made {
    int value = kConstant;
    Ints shape;
    at::ScalarType type = at::kFloat;
};

struct Step {
    std::string op;    ///< "aten::relu", of "aten::relu_" too
    std::string scope; ///< path of the module that it ran in: "layer1.0.conv1"
    bool leaf = false; ///< that module holds no others
    std::map<std::string, Argument> arguments;
    std::vector<Made> made;
};

/// Values are numbered in the order in which they were made, the images being 0.
struct Recording {
    std::vector<Step> steps;
    std::vector<Ints> shapes; ///< of each value
    int output = kConstant;
    Ints outputShape;
    std::string outputs;             ///< all that forward gives, for people: "0 [N, 10] and 1 [N, 4]"
    std::size_t others = 0;          ///< of those that are not the output
    std::vector<at::Tensor> leftOut; ///< the module's tensors that only steps read which the output does not need
};

} // namespace mprdo::script

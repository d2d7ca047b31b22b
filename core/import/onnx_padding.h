// SPDX-License-Identifier: GPL-3.0-or-later
// kernel_shape, strides, dilations, pads and auto_pad of ONNX's windowed ops as the attributes of ours.
#pragma once
#include "core/import/onnx_importer.h"

namespace mprdo::onnx {

struct Sliding {
    Ints kernel, stride, dilation, before, after;

    /// stride, dilation and padding, each as one number where all axes agree.
    std::map<std::string, Attribute> attributes() const;
};

/// \param input sizes along the axes   \param kernel empty: kernel_shape says it
/// \throws Error{BadFile} a list of the wrong length, a number below 1 (padding: below 0); Error{Unsupported} an unknown auto_pad
Sliding slidingOf(const Call&, const Ints& input, const Ints& kernel);

/// As an attribute: one number where all are equal.
Attribute compact(const Ints&);

} // namespace mprdo::onnx

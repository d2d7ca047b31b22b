// SPDX-License-Identifier: GPL-3.0-or-later
// How each op is written; onnx_writers.cpp has the table.
#pragma once
#include "core/export/onnx_builder.h"

namespace mprdo::onnx {

using Ints = std::vector<std::int64_t>;

std::string writeConv(OnnxBuilder&, const Node&);
std::string writeConvTranspose(OnnxBuilder&, const Node&);
std::string writeLinear(OnnxBuilder&, const Node&);
std::string writeBatchNorm(OnnxBuilder&, const Node&);
std::string writeLayerNorm(OnnxBuilder&, const Node&);
std::string writeMaxPool(OnnxBuilder&, const Node&);
std::string writeAvgPool(OnnxBuilder&, const Node&);
std::string writeAdaptiveAvgPool(OnnxBuilder&, const Node&);

} // namespace mprdo::onnx

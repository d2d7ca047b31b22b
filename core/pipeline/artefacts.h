// SPDX-License-Identifier: GPL-3.0-or-later
// Results of stages as bytes for the cache, and the identity of a quantized model.
#pragma once
#include "core/exec/quantized_model.h"
#include <string>
#include <string_view>

namespace mprdo {

/// SHA-256 over every grid, code, corrected bias and activation's grid. Two models with one hash give the same logits.
std::string modelHash(const QuantizedModel&);

std::string encodeModel(const QuantizedModel&);
/// \throws Error{BadFile} when the bytes do not describe a quantization of this graph
QuantizedModel decodeModel(std::string_view, std::shared_ptr<const Graph>);

std::string encodeActivations(const std::map<ValueId, Grid>&);
/// \throws Error{BadFile} when a value is none of the graph's
std::map<ValueId, Grid> decodeActivations(std::string_view, const Graph&);

std::string encodeEvaluation(const Evaluation&);
Evaluation decodeEvaluation(std::string_view);

std::string encodeRecord(const StageRecord&);
StageRecord decodeRecord(std::string_view);

} // namespace mprdo

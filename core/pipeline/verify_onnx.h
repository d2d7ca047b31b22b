// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/onnx_verification.h"
#include "core/api/run_control.h"
#include "core/data/image_set.h"
#include "core/exec/quantized_model.h"
#include "core/pipeline/onnx_runtime.h"
#include <optional>

namespace mprdo {

/// Runs the file in ONNX Runtime, with its graph optimisation off and on, and compares with the model image by image.
/// \param folder as for runOnnxRuntime   \param layout in which the file reads the images; empty: as the model does
/// \param feeding how the file is fed; empty: as the files that this program writes
/// \param difference bound for the logits, in units of an image's largest one
/// \throws as runOnnxRuntime
OnnxVerification verifyOnnx(const std::string& path, const QuantizedModel&, const ImageSet&, const std::string& folder, const RunControl&,
                            std::optional<Layout> layout = {}, const RuntimeInput& feeding = {}, double difference = kVerifiedDifference);

/// The comparison alone. \param ours, theirs logits, float32 [N, outputs]   \throws Error{BadFile} shapes differ
RuntimeAgreement compareLogits(const std::string& path, const at::Tensor& ours, const at::Tensor& theirs, const at::Tensor& labels,
                               bool roundedActivations, double difference = kVerifiedDifference);

} // namespace mprdo

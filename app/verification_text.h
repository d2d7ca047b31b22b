// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/onnx_verification.h"
#include <string>

namespace mprdo::app {

/// What was compared, a line for each level of optimisation, and the verdict with its bounds.
std::string verificationText(const OnnxVerification&);
/// The same as JSON: {path, runtime, images, rounded_activations, accuracy, levels: [{optimisation, largest_difference, same_top1,
/// undecided, accuracy, holds}], holds}.
std::string verificationJson(const OnnxVerification&);

} // namespace mprdo::app

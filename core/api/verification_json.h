// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/onnx_verification.h"
#include <string>

namespace mprdo {

/// {path, runtime, images, rounded_activations, accuracy, levels: [{optimisation, largest_difference, same_top1, undecided, accuracy,
/// holds}], holds}; what is not a number is null.
std::string verificationJson(const OnnxVerification&);

} // namespace mprdo

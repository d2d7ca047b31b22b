// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include <string>

namespace mprdo::app {

/// What was compared, a line for each level of optimisation, and the verdict with its bounds.
std::string verificationText(const OnnxVerification&);
/// Of an export's ONNX file, or why there is none; empty where nobody asked.
std::string verificationText(const ExportResult&);

} // namespace mprdo::app

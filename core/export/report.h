// SPDX-License-Identifier: GPL-3.0-or-later
// final_report.json: everything a run measured.
#pragma once
#include "core/api/session.h"
#include <string>

namespace mprdo {

/// Keys as product.md and the contract name them: methods [{method, accuracy_percent, drop_points, average_bits,
/// average_live_bits, compression, entropy_bits, stored_bytes, correct, total, wilson_low, wilson_high, agreement_percent, mcnemar_p,
/// hold_out_kl}], gains, layers, stages, sensitivity, front, config, seed, fingerprints, versions, notices, exported,
/// onnx_runtime (what ONNX Runtime made of the ONNX file, or why it was not asked), confirmed (the run's row on test images never looked at before, or null), allocations_measured.
/// utcTime: "2026-01-31T12:00:00Z". Times and paths stand under "environment" and "seconds"/"peak_bytes" keys alone, so that
/// two runs of one seed differ there only.
std::string encodeReport(const RunReport&, const std::string& utcTime);

/// One row of "methods" as a JSON object.
std::string encodeMethodRow(const MethodRow&);

} // namespace mprdo

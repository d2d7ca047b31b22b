// SPDX-License-Identifier: GPL-3.0-or-later
// quant_export.*, proved after writing.
#pragma once
#include "core/api/run_control.h"
#include "core/export/quant_export.h"

namespace mprdo {

/// .pt and .json, and .mprz where the rate is entropy-coded.
std::vector<ExportFormat> usualFormats(RateKind);

/// Writes quant_export.* of the formats into folder and reads back those that can be read: the first is evaluated, the others must hold
/// the same model. Where none can be read back (.json, C), reread is the expected row.
/// \param expected the row that was measured before writing: the outcome must be equal image by image
/// \throws Error{Unsupported | NonFinite} a format that cannot hold the model, before anything is written; Error{Io} a file cannot be
/// written (whole files only); Error{Internal} a file does not give the same figures
ExportResult exportAndVerify(const ExportedModel&, const MethodRow& expected, const EvaluationSet&, const std::string& folder,
                             const ExportOptions&, const RunControl&);

} // namespace mprdo

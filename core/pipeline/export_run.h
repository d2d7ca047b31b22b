// SPDX-License-Identifier: GPL-3.0-or-later
// quant_export.pt, .json and .mprz, proved after writing.
#pragma once
#include "core/api/run_control.h"
#include "core/export/quant_export.h"

namespace mprdo {

/// Writes quant_export.pt and .json into folder, reads the former back and evaluates what was read. Where the rate is
/// entropy-coded it writes quant_export.mprz as well, which must give back the same model.
/// \param expected the row that was measured before writing: the outcome must be equal image by image
/// \throws Error{Io} a file cannot be written (whole files only); Error{Internal} the file does not give the same figures
ExportResult exportAndVerify(const ExportedModel&, const MethodRow& expected, const EvaluationSet&, const std::string& folder,
                             RateKind, const RunControl&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// quant_export.pt and .json, proved after writing.
#pragma once
#include "core/api/run_control.h"
#include "core/export/quant_export.h"

namespace mprdo {

/// Writes both files into folder, reads quant_export.pt back and evaluates what was read.
/// \param expected the row that was measured before writing: the outcome must be equal image by image
/// \throws Error{Io} a file cannot be written (whole files only); Error{Internal} the file does not give the same figures
ExportResult exportAndVerify(const ExportedModel&, const MethodRow& expected, const EvaluationSet&, const std::string& folder,
                             const RunControl&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What is written, said alike by run and export.
#pragma once
#include "app/option_values.h"

namespace mprdo::app {

/// --format, --onnx-opset, --verify
std::vector<OptionRow> exportOptionRows();
void readExportOptions(const GivenOptions&, OptionValues&, ExportOptions&);

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/method_row_json.h"
#include "core/export/report.h"

namespace mprdo {

std::string methodRowJson(const MethodRow& row) { return encodeMethodRow(row); }

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include <string>

namespace mprdo {

/// One row of the report's "methods" as a JSON object, the same keys and the same numbers.
std::string methodRowJson(const MethodRow&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A run's options as a session file keeps them.
#pragma once
#include "core/api/run_config.h"
#include <string>
#include <string_view>

namespace mprdo {

/// Every option but sessionPath.
std::string encodeConfig(const RunConfig&);
/// Options that are absent keep their defaults. \throws Error{BadFile} when the text is no such object
RunConfig decodeConfig(std::string_view);

} // namespace mprdo

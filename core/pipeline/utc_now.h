// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace mprdo {

/// The present time in UTC, as strftime formats it; at most 31 characters.
std::string utcNow(const char* format);

} // namespace mprdo

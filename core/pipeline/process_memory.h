// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace mprdo {

/// The highest resident size of this process so far, bytes (VmHWM of /proc/self/status); 0 where the system does not tell.
std::int64_t peakResidentBytes();

} // namespace mprdo

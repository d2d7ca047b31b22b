// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/utc_now.h"
#include <ctime>

namespace mprdo {

std::string utcNow(const char* format)
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char out[32];
    return {out, std::strftime(out, sizeof out, format, &parts)};
}

} // namespace mprdo

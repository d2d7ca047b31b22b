// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/process_memory.h"
#include <fstream>
#include <string>

namespace mprdo {

std::int64_t peakResidentBytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            std::int64_t kibibytes = 0;
            return status >> kibibytes ? kibibytes * 1024 : 0;
        }
    return 0;
}

} // namespace mprdo

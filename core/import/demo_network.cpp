// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/demo_network.h"

// The assembler reads the file while building (MPRDO_DEMO_NETWORK comes from CMake); nothing is opened at run time.
__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global mprdo_demo_network_begin\n"
        ".global mprdo_demo_network_end\n"
        "mprdo_demo_network_begin:\n"
        ".incbin \"" MPRDO_DEMO_NETWORK "\"\n"
        "mprdo_demo_network_end:\n"
        ".byte 0\n"
        ".previous\n");

extern "C" {
extern const char mprdo_demo_network_begin[];
extern const char mprdo_demo_network_end[];
}

namespace mprdo {

std::string_view demoNetworkFile()
{
    return {mprdo_demo_network_begin, static_cast<std::size_t>(mprdo_demo_network_end - mprdo_demo_network_begin)};
}

} // namespace mprdo

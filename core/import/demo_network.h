// SPDX-License-Identifier: GPL-3.0-or-later
// resources/demo_network.safetensors as it was when the program was built.
#pragma once
#include <string_view>

namespace mprdo {

/// The whole file; lives as long as the program.
std::string_view demoNetworkFile();

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// What the built-in demo tells apart; the order is the order of the network's outputs.
#pragma once
#include <array>

namespace mprdo {

inline constexpr std::array<const char*, 10> kDemoClassNames{"disc",  "hexagon", "square", "triangle", "star",
                                                             "cross", "ring",    "frame",  "crescent", "half disc"};

} // namespace mprdo

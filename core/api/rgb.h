// SPDX-License-Identifier: GPL-3.0-or-later
// "r,g,b", or one number for all channels: how mean and standard deviation of the pixels are written on the command line and in the
// window.
#pragma once
#include "core/api/outcome.h"
#include <array>
#include <string>

namespace mprdo {

/// Red, green, blue, whatever order the network reads them in; of grey images all three are the one value.
using Rgb = std::array<double, 3>;

/// Reads three finite numbers between commas, or one for all; spaces around them allowed; with positive each must be above 0. A Failure's
/// message is the condition alone: "0 is not above 0".
Outcome<Rgb> rgbFrom(const std::string& text, bool positive);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// "3x224x224": how the size to which images are cut is written on the command line, in the window and in messages.
#pragma once
#include "core/api/outcome.h"
#include <cstdint>
#include <string>

namespace mprdo {

/// What a network reads: three channels of height x width pixels.
struct InputSize {
    std::int64_t height = 0, width = 0;
    friend bool operator==(const InputSize&, const InputSize&) = default;
};

inline constexpr std::int64_t kLargestInputSide = 4096;

/// Reads "3xHxW", or "N" for 3xNxN; sides are 1 to kLargestInputSide. A Failure's message is the condition alone:
/// "\"224x224\" is not 3xHEIGHTxWIDTH".
Outcome<InputSize> inputSizeFrom(const std::string& text);
/// "3x224x224"
std::string inputSizeText(const InputSize&);

} // namespace mprdo

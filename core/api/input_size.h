// SPDX-License-Identifier: GPL-3.0-or-later
// "3x224x224", or "1x28x28" for grey images: how the size of a network's input is written on the command line, in the window and
// in messages.
#pragma once
#include "core/api/outcome.h"
#include <cstdint>
#include <string>

namespace mprdo {

/// What a network reads: channels of height x width pixels.
struct InputSize {
    std::int64_t height = 0, width = 0;
    std::int64_t channels = 0; ///< 3: RGB, 1: grey, 0: as many as the network reads
    friend bool operator==(const InputSize&, const InputSize&) = default;
};

inline constexpr std::int64_t kLargestInputSide = 4096;

/// Reads "3xHxW" or "1xHxW" ("HxWx3" and "HxWx1" mean the same), or "N" for N x N pixels of as many channels as the network reads;
/// sides are 1 to kLargestInputSide. A Failure's message is the condition alone: "\"224x224\" is not 3xHEIGHTxWIDTH".
Outcome<InputSize> inputSizeFrom(const std::string& text);
/// "3x224x224"; without channels "224" (or 3xHxW where the sides differ), as inputSizeFrom reads it.
std::string inputSizeText(const InputSize&);

} // namespace mprdo

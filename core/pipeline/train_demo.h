// SPDX-License-Identifier: GPL-3.0-or-later
// How the built-in network was made.
#pragma once
#include "core/api/run_control.h"
#include <cstdint>
#include <string>

namespace mprdo {

/// Trains a resnet8 from random weights (He) with stage 1 on the demo's training images, all but the hold-out ones, which
/// choose the best epoch; writes it as safetensors to path. Everything random comes from the seed; the images are those
/// of seed 42 that the demo shows.
/// \return accuracy in percent on the demo's 2,000 test images
/// \throws Error{Usage} fewer than one epoch; Error{Io} path cannot be written (checked before training); Cancelled
/// (nothing is written then)
/// Cost: about 0.5 TFLOP per epoch.
double trainDemoNetwork(const std::string& path, int epochs, std::uint64_t seed, const RunControl&);

} // namespace mprdo

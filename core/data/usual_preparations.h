// SPDX-License-Identifier: GPL-3.0-or-later
// How people usually prepare images: what a network may want where the given preparation does not suit it.
#pragma once
#include "core/data/image_set.h"
#include <string>
#include <vector>

namespace mprdo {

struct Preparation {
    std::string name;    ///< "mean and std of ImageNet"
    std::string options; ///< that ask for it: "--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"
    Preprocessing values;
};

/// Usual means and standard deviations, pixels as bytes, and (three channels) the other channel order with the given numbers.
/// \param given  what they keep but for that   \param channels  1 or 3
std::vector<Preparation> usualPreparations(const Preprocessing& given, std::int64_t channels);

} // namespace mprdo

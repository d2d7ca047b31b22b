// SPDX-License-Identifier: GPL-3.0-or-later
// Who decides a layer's width.
#pragma once
#include "core/api/types.h"

namespace mprdo {

enum class LayerState : std::uint8_t {
    Automatic, ///< the solver
    Manual,    ///< set by hand; the solver leaves it until it is made automatic again
    Locked     ///< also safe from painting and loading
};

/// One layer of the allocation document.
struct LayerCell {
    Bits bits = kMaxBits;
    LayerState state = LayerState::Automatic;
    friend bool operator==(const LayerCell&, const LayerCell&) = default;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/drop_prediction.h"
#include "ui/paired_drops.h"

namespace mprdo {

/// One prediction for nearest rounding and one for optimised runs, never mixed.
struct DropFits {
    DropPrediction nearest, optimised;

    /// Through the uniform rows and the runs of the session's own context; runs out of date have no say, nor has closed-form
    /// rounding, which is neither. \param whatIf  sizes, table and metric that distortions are summed with
    static DropFits make(const SessionModel&, const WhatIf& whatIf, const PairedDrops&);

    const DropPrediction& of(Rounding rounding) const { return rounding == Rounding::Optimised ? optimised : nearest; }
    /// Optimised as soon as it says anything: those are the runs that get exported.
    Rounding preferred() const { return optimised.known() ? Rounding::Optimised : Rounding::Nearest; }
};

/// Width of a row that gives every layer the same ("Uniform 4-bit PTQ"); nothing for the others.
std::optional<Bits> uniformWidth(const MethodRow&);

} // namespace mprdo

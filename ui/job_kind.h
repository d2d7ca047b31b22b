// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mprdo {

/// What a job is for. Of waiting jobs the one named first here goes first; a newer job of a kind replaces the older.
enum class JobKind {
    Open,
    Save,
    Measure,
    Optimise,
    Confirm,
    Export,
    Blame,
    Diagnose,
    Draws,
    Series, ///< one of several measurements, the next of which is asked for when it has ended
    Prepare,
    Sensitivity,
    Anchors,
    Allocate,
    Baselines,
    Front,
    Keep,
    Follow
};

} // namespace mprdo

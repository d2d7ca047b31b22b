// SPDX-License-Identifier: GPL-3.0-or-later
// A run as bytes for the session file.
#pragma once
#include "core/api/snapshots.h"
#include <string>
#include <string_view>

namespace mprdo {

struct KeptRun {
    RunRecord run;
    std::string modelKey; ///< of its weights, which are kept as the artefact "model"
    bool deleted = false; ///< taken out by the user; leaves the file when the session closes
};

std::string encodeRun(const KeptRun&);
/// \throws Error{BadFile} when the bytes are no run
KeptRun decodeRun(std::string_view);

} // namespace mprdo

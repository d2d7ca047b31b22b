// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/types.h"

namespace mprdo {

/// A run of a session to be written once more, in other formats.
struct ExportConfig {
    std::string sessionPath;
    std::string run;     ///< its name or number; empty: the newest optimised one
    std::string out;     ///< folder
    ExportOptions options;
};

} // namespace mprdo

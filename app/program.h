// SPDX-License-Identifier: GPL-3.0-or-later
// The program behind main(): words in, exit code out.
#pragma once
#include "app/console.h"
#include "app/files_view.h"
#include "app/services.h"
#include <string>
#include <vector>

namespace mprdo::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// Parses and carries out. 0 done, 1 input or run failed, 2 wrong usage, 130 cancelled. Throws nothing.
int runProgram(const std::vector<std::string>& words, const Services&, const Console&, const FilesView&);

} // namespace mprdo::app

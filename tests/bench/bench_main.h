// SPDX-License-Identifier: GPL-3.0-or-later
// What the main of a bench without a window does.
#pragma once
#include "core/api/process.h"
#include "core/base/error.h"
#include <cstdio>
#include <functional>
#include <string>

namespace mprdo {

/// \param usage  name and arguments, of which there are least at least
inline int benchMain(int argc, char** argv, int least, const std::string& usage, const std::function<int()>& bench)
{
    if (argc <= least) {
        std::fprintf(stderr, "usage: %s\n", usage.c_str());
        return 2;
    }
    prepareProcess(argv); // as the program itself does
    const auto outcome = runGuarded(bench);
    if (const auto* failure = std::get_if<Failure>(&outcome))
        std::fprintf(stderr, "%s: %s\n", usage.substr(0, usage.find(' ')).c_str(), failure->message.c_str());
    return std::holds_alternative<int>(outcome) ? 0 : 1;
}

} // namespace mprdo

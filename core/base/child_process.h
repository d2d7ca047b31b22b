// SPDX-License-Identifier: GPL-3.0-or-later
// A program run beside this one, so that what it does to itself stays its own.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mprdo {

struct ChildResult {
    int exitCode = -1;   ///< -1: ended by a signal
    int signal = 0;
    std::string output;  ///< of its standard output
    std::string errors;  ///< of its standard error, the last 64 KiB
};

struct ChildCommand {
    std::vector<std::string> words;            ///< the program (a path, or looked for in PATH) and its arguments
    std::vector<std::string> environment;      ///< "NAME=value" beside this process's own
    std::int64_t mostOutput = std::int64_t(1) << 32; ///< more than that: it is killed
};

/// Waits for its end; standard input is empty. idle is called about 20 times a second; what it throws ends the child.
/// \throws Error{Io} naming the program, when it cannot be started or its output cannot be read
ChildResult runChild(const ChildCommand&, const std::function<void()>& idle = {});

} // namespace mprdo

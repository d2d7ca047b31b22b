// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <ostream>
#include <string>

namespace mprdo::app {

/// Where a command talks to: results to out, everything else to err.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool errIsTerminal = false;
    std::function<int()> columns = [] { return 80; }; ///< width of the terminal now

    /// "mprdo-ptq: sentence" on err, without control characters.
    void say(const std::string& sentence) const;
};

/// The process's own streams.
Console standardConsole();

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console.h"
#include "app/text_format.h"
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mprdo::app {

void Console::say(const std::string& sentence) const { err << "mprdo-ptq: " << printable(sentence) << '\n' << std::flush; }

Console standardConsole()
{
    return {std::cout, std::cerr, isatty(STDERR_FILENO) == 1, [] {
                winsize size{};
                return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? int(size.ws_col) : 80;
            }};
}

} // namespace mprdo::app

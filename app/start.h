// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mprdo::app {

/// All of main(): settles the process, then runs the program on the real pipeline. \return exit code
int start(int argc, char** argv);

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_factory.h"
#include <QString>
#include <optional>
#include <set>
#include <string>

namespace mprdo {

/// What the window shows first.
struct WindowStart {
    QString versions;                 ///< lines for the About box
    SessionFactory factory;           ///< the application passes openSession
    RunConfig defaults;               ///< for the open dialog and the demo
    std::set<std::string> given;      ///< options that stood on the command line: they win over the user's settings
    std::optional<RunConfig> open;    ///< opened at once; empty: the start page
    QString uiMap;                    ///< a file that says where every control stands (ui/ui_map.h); empty: none
};

/// Makes the QApplication, shows the window and runs until it is closed. \return exit code
/// The caller makes sure that a display answers: without one Qt ends the process.
int runWindow(int& argc, char** argv, const WindowStart&);

} // namespace mprdo

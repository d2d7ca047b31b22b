// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_factory.h"
#include <QString>
#include <optional>

namespace mprdo {

/// What the window shows first.
struct WindowStart {
    QString versions;                 ///< lines for the About box
    SessionFactory factory;           ///< the application passes openSession
    RunConfig defaults;               ///< for the open dialog and the demo
    std::optional<RunConfig> open;    ///< opened at once; empty: the start page
};

/// Makes the QApplication, shows the window and runs until it is closed. \return exit code
/// The caller makes sure that a display answers: without one Qt ends the process.
int runWindow(int& argc, char** argv, const WindowStart&);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a window can be shown, found out without risking the process: Qt ends a program whose display does not answer.
#pragma once
#include <optional>
#include <string>

namespace mprdo::app {

/// Starts this program once more as a probe and waits for it, 10 s at most. The sentence that says why no window can be
/// shown; nothing where one can. Without DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM no probe is needed.
std::optional<std::string> displayProblem();

/// True in the process that displayProblem() starts.
bool isDisplayProbe();
/// What that process does: connects to the display and leaves. \return exit code
int probeDisplay(int argc, char** argv);

} // namespace mprdo::app

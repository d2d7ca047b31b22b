// SPDX-License-Identifier: GPL-3.0-or-later
// What a command line asks for.
#pragma once
#include "core/api/session.h"
#include <set>
#include <string>
#include <variant>

namespace mprdo::app {

struct RunCommand {
    RunConfig config;
    bool json = false, quiet = false;
};
struct InspectCommand {
    std::string path, architecture, output, stateDict;
    std::optional<InputSize> input;
    std::optional<Layout> layout;
    bool json = false;
};
struct EvaluateCommand {
    EvaluateConfig config;
    bool json = false, quiet = false;
};
struct ExportCommand {
    ExportConfig config;
    bool quiet = false;
};
struct VerifyCommand {
    VerifyConfig config;
    bool json = false, quiet = false;
};
/// Trains the network that resources/ ships for the demo.
struct TrainDemoCommand {
    std::string out = "demo.safetensors";
    std::uint64_t seed = 42;
    int epochs = 30;
    bool quiet = false;
};
/// The window, on what config names (nothing: the start page).
struct WindowCommand {
    RunConfig config;
    std::set<std::string> given; ///< options that stood there: they win over the user's settings
    std::string screenshots; ///< hidden: a folder that gets pictures of the window; the program then ends
    std::string uiMap;       ///< a file that says where every control stands; empty: none
};
/// The help of a subcommand; empty: of the program.
struct HelpCommand {
    std::string subcommand;
};
struct VersionCommand {};

using Command = std::variant<WindowCommand, RunCommand, InspectCommand, EvaluateCommand, ExportCommand, VerifyCommand, TrainDemoCommand, HelpCommand,
                             VersionCommand>;

} // namespace mprdo::app

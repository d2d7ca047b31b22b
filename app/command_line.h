// SPDX-License-Identifier: GPL-3.0-or-later
// From the words of a command line to the command they ask for.
#pragma once
#include "app/commands.h"
#include "app/files_view.h"
#include "app/usage_error.h"
#include <string>
#include <variant>
#include <vector>

namespace mprdo::app {

/// words: without the program's name. A first word that is neither a subcommand, an option nor an existing file is an
/// error that names the nearest subcommand or file.
std::variant<Command, UsageError> parseCommandLine(const std::vector<std::string>& words, const FilesView&);

/// The subcommands, in the order of the help.
const std::vector<std::string>& subcommands();

/// The text of `--help`: of a subcommand, or of the program when empty.
std::string helpText(const std::string& subcommand);

} // namespace mprdo::app

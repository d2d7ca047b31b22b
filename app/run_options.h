// SPDX-License-Identifier: GPL-3.0-or-later
// The options of `run` and of the window: one table, one meaning.
#pragma once
#include "app/commands.h"
#include "app/files_view.h"
#include "app/option_table.h"
#include <variant>
#include <vector>

namespace mprdo::app {

const std::vector<OptionRow>& runOptions();
const std::vector<OptionRow>& windowOptions();

/// Defaults are RunConfig's. Errors name the option and the condition; files are looked at only to tell whether
/// --session continues a file that is there (then it knows its model and data).
std::variant<RunCommand, UsageError> runCommand(const GivenOptions&, const FilesView&);
/// A positional word is a model or a session, told apart by contents.
std::variant<WindowCommand, UsageError> windowCommand(const GivenOptions&, const FilesView&);

} // namespace mprdo::app

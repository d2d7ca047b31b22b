// SPDX-License-Identifier: GPL-3.0-or-later
// The options of one subcommand as a table: what the parser accepts and what --help prints are the same rows.
#pragma once
#include "app/usage_error.h"
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace mprdo::app {

struct OptionRow {
    std::string name;          ///< "--bits"
    std::string value = {};    ///< "LIST"; empty: a switch
    std::string help = {};     ///< a line, or several
    bool repeatable = false;
    std::string group = {};    ///< heading in the help; set on the first row of a group
    std::string alias = {};    ///< "-h"
    bool hidden = false;       ///< not in the help
};

/// What stood on the command line, by the options' names.
struct GivenOptions {
    std::map<std::string, std::vector<std::string>> values; ///< a switch has one empty value
    std::vector<std::string> positional;

    bool has(const std::string& option) const { return values.count(option) > 0; }
    /// The value of an option that was given.
    const std::string& value(const std::string& option) const { return values.at(option).front(); }
};

/// Takes `--name value`, `--name=value` and switches; everything else that does not begin with '-' is positional, and so is
/// everything after `--`. A value may begin with one '-' (a negative number), not with two.
/// Errors: unknown option (names the nearest), missing value, a value for a switch, an option given twice.
std::variant<GivenOptions, UsageError> readOptions(const std::vector<OptionRow>& table, const std::vector<std::string>& words);

/// The rows as help text, grouped, two columns, at most 100 wide where the texts allow.
std::string describeOptions(const std::vector<OptionRow>& table);

} // namespace mprdo::app

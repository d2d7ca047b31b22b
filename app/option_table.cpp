// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/option_table.h"
#include "app/nearest_name.h"
#include <algorithm>

namespace mprdo::app {
namespace {

const OptionRow* find(const std::vector<OptionRow>& table, const std::string& name)
{
    const auto it = std::find_if(table.begin(), table.end(), [&](const OptionRow& row) {
        return row.name == name || (!row.alias.empty() && row.alias == name);
    });
    return it == table.end() ? nullptr : &*it;
}

UsageError unknown(const std::vector<OptionRow>& table, const std::string& name)
{
    std::vector<std::string> names;
    for (const OptionRow& row : table)
        if (!row.hidden)
            names.push_back(row.name);
    return {name + ": unknown option; did you mean " + nearestName(name, names) + "?"};
}

std::string left(const OptionRow& row)
{
    std::string out = "  " + (row.alias.empty() ? "" : row.alias + ", ") + row.name;
    return row.value.empty() ? out : out + " " + row.value;
}

} // namespace

std::variant<GivenOptions, UsageError> readOptions(const std::vector<OptionRow>& table, const std::vector<std::string>& words)
{
    GivenOptions given;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            given.positional.insert(given.positional.end(), words.begin() + std::ptrdiff_t(i) + 1, words.end());
            break;
        }
        if (word.size() < 2 || word[0] != '-') {
            given.positional.push_back(word);
            continue;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        const OptionRow* row = find(table, name);
        if (!row)
            return unknown(table, name);
        std::vector<std::string>& values = given.values[row->name];
        if (!values.empty() && !row->repeatable)
            return UsageError{row->name + ": given twice"};
        if (row->value.empty()) {
            if (equals != std::string::npos)
                return UsageError{row->name + ": takes no value"};
            values.emplace_back();
        } else if (equals != std::string::npos) {
            values.push_back(word.substr(equals + 1));
        } else if (i + 1 < words.size() && !words[i + 1].starts_with("--")) {
            values.push_back(words[++i]);
        } else {
            return UsageError{row->name + ": the value " + row->value + " is missing"};
        }
        if (!row->value.empty() && values.back().empty())
            return UsageError{row->name + ": the value " + row->value + " is empty"};
    }
    return given;
}

std::string describeOptions(const std::vector<OptionRow>& table)
{
    constexpr std::size_t kColumn = 32;
    std::string out;
    for (const OptionRow& row : table) {
        if (row.hidden)
            continue;
        if (!row.group.empty())
            out += "\n" + row.group + "\n";
        std::string line = left(row);
        line += line.size() + 2 > kColumn ? "\n" + std::string(kColumn, ' ') : std::string(kColumn - line.size(), ' ');
        for (const char c : row.help)
            line += c == '\n' ? "\n" + std::string(kColumn, ' ') : std::string(1, c);
        out += line + "\n";
    }
    return out;
}

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/class_list.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/nearest_name.h"
#include "core/data/image_tree.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace mprdo {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::int64_t kLargestList = 4 << 20;
constexpr std::size_t kLongestName = 1000;
constexpr std::string_view kSpaces = " \t\r\n\v\f";

std::string trimmed(std::string_view text)
{
    const std::size_t from = text.find_first_not_of(kSpaces);
    return from == std::string_view::npos ? std::string() : std::string(text.substr(from, text.find_last_not_of(kSpaces) - from + 1));
}

std::optional<std::int64_t> numberFrom(std::string_view text)
{
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() && out >= 0 ? std::optional(out) : std::nullopt;
}

/// Names by the numbers beside them; nothing where those do not count the lines from 0 or from 1.
std::optional<Names> placed(const std::vector<std::pair<std::int64_t, std::string>>& numbered)
{
    std::int64_t lowest = 1;
    for (const auto& [number, name] : numbered)
        lowest = std::min(lowest, number);
    Names out(numbered.size());
    std::vector<bool> there(numbered.size(), false);
    for (const auto& [number, name] : numbered) {
        const auto at = static_cast<std::size_t>(number - lowest);
        if (at >= out.size() || there[at] || name.empty())
            return std::nullopt;
        there[at] = true;
        out[at] = name;
    }
    return out;
}

/// "0 tench", "0: tench", "0,tench", "0) tench"
std::optional<Names> behindNumbers(const Names& lines)
{
    std::vector<std::pair<std::int64_t, std::string>> numbered;
    for (const std::string& line : lines) {
        const std::size_t end = line.find_first_not_of("0123456789");
        if (end == std::string::npos || end == 0 || end > 18 || std::string_view(" \t:,;)=.").find(line[end]) == std::string_view::npos)
            return std::nullopt;
        const std::size_t name = line.find_first_not_of(" \t:,;)=.", end);
        if (name == std::string::npos)
            return std::nullopt;
        numbered.emplace_back(*numberFrom(line.substr(0, end)), line.substr(name));
    }
    return placed(numbered);
}

/// "tench 0", "tench: 0", "tench,0"
std::optional<Names> beforeNumbers(const Names& lines)
{
    std::vector<std::pair<std::int64_t, std::string>> numbered;
    for (const std::string& line : lines) {
        const std::size_t last = line.find_last_of(" \t:,;=");
        const auto number = last == std::string::npos ? std::nullopt : numberFrom(line.substr(last + 1));
        const std::size_t end = last == std::string::npos ? last : line.find_last_not_of(" \t:,;=", last);
        if (!number || end == std::string::npos)
            return std::nullopt;
        numbered.emplace_back(*number, line.substr(0, end + 1));
    }
    return placed(numbered);
}

Names firstWords(const Names& lines)
{
    Names out;
    for (const std::string& line : lines)
        out.push_back(line.substr(0, line.find_first_of(" \t,;")));
    return out;
}

Names namesInJson(const std::string& path, const std::string& bytes)
{
    const auto nameOf = [&](const Json& value) {
        const bool pair = value.is_array() && !value.empty() && value[0].is_string(); // ["n01440764", "tench"]
        check(pair || value.is_string(), ErrorCode::BadFile, path, ": an entry that is no name");
        return trimmed(pair ? value[0].get<std::string>() : value.get<std::string>());
    };
    const Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
    check(json.is_array() || json.is_object(), ErrorCode::BadFile, path, ": neither a JSON list of names nor an object of names and numbers");
    Names out;
    if (json.is_array()) {
        for (const Json& value : json)
            out.push_back(nameOf(value));
        return out;
    }
    std::vector<std::pair<std::int64_t, std::string>> numbered;
    for (const auto& [key, value] : json.items()) {
        const auto number = value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : numberFrom(key);
        check(number.has_value() && *number >= 0, ErrorCode::BadFile, path, ": the entry ", printable(key), " has no number of an output");
        numbered.emplace_back(*number, value.is_number_integer() ? key : nameOf(value));
    }
    const auto names = placed(numbered);
    check(names.has_value(), ErrorCode::BadFile, path, ": its numbers do not count the outputs from 0 or from 1");
    return *names;
}

void checkDistinct(const ClassList& list, const Names& names)
{
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto [at, fresh] = seen.emplace(names[i], i);
        check(fresh, ErrorCode::BadFile, list.path, ": the outputs ", at->second, " and ", i, " are both called ", names[i]);
    }
}

std::string listIn(const fs::path& folder)
{
    std::error_code error;
    std::vector<std::string> found;
    for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
        std::error_code ignored;
        if (isClassListName(it->path().filename().string()) && it->is_regular_file(ignored))
            found.push_back(it->path().string());
    }
    return found.empty() ? std::string() : *std::min_element(found.begin(), found.end()); // classes.txt before labels.txt
}

} // namespace

bool isClassListName(const std::string& name)
{
    const std::string small = lowerCase(name);
    return small == "classes.txt" || small == "labels.txt";
}

std::string findClassList(const std::string& data)
{
    static const std::set<std::string> kParts{"train", "training", "test", "testing", "val", "valid", "validation"};
    std::error_code error;
    fs::path folder = fs::path(data).lexically_normal();
    if (!folder.has_filename()) // "data/"
        folder = folder.parent_path();
    if (!fs::is_directory(folder, error))
        return listIn(folder.has_parent_path() ? folder.parent_path() : fs::path("."));
    if (const std::string own = listIn(folder); !own.empty())
        return own;
    if (kParts.count(lowerCase(folder.filename().string())) > 0)
        if (const std::string beside = listIn(folder / ".."); !beside.empty())
            return beside;
    for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error))
        if (kParts.count(lowerCase(it->path().filename().string())) > 0)
            if (const std::string inside = listIn(it->path()); !inside.empty())
                return inside;
    return {};
}

ClassList readClassList(const std::string& path)
{
    const std::string bytes = readFile(path, kLargestList);
    check(bytes.find('\0') == std::string::npos, ErrorCode::BadFile, path, ": no text");
    std::string_view left = bytes;
    if (left.starts_with("\xef\xbb\xbf")) // the mark that Windows puts before UTF-8
        left.remove_prefix(3);
    ClassList out{path, {}};
    if (lowerCase(fs::path(path).extension().string()) == ".json") {
        out.lines = namesInJson(path, std::string(left));
    } else {
        std::istringstream lines{std::string(left)};
        for (std::string line; std::getline(lines, line);)
            out.lines.push_back(trimmed(line));
        while (!out.lines.empty() && out.lines.back().empty())
            out.lines.pop_back();
    }
    check(!out.lines.empty(), ErrorCode::BadFile, path, ": no names in it");
    for (std::size_t i = 0; i < out.lines.size(); ++i) {
        const std::string& line = out.lines[i];
        check(!line.empty(), ErrorCode::BadFile, path, ": line ", i + 1, " is empty");
        check(std::none_of(line.begin(), line.end(), [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }) && line.size() <= kLongestName,
              ErrorCode::BadFile, path, ": line ", i + 1, " is no name (a control character in it, or over ", kLongestName, " bytes)");
    }
    return out;
}

std::vector<std::string> outputNames(const ClassList& list, const std::vector<std::string>& classes, const std::string& path)
{
    std::vector<Names> readings;
    if (classes.empty()) {
        const auto numbered = behindNumbers(list.lines);
        readings.push_back(numbered ? *numbered : list.lines);
    } else {
        readings.push_back(list.lines);
        for (const auto& numbered : {behindNumbers(list.lines), beforeNumbers(list.lines)})
            if (numbered) {
                readings.push_back(*numbered);
                readings.push_back(firstWords(*numbered));
            }
        readings.push_back(firstWords(list.lines));
    }
    const Names* best = nullptr;
    std::size_t most = 0;
    std::string missing;
    for (const Names& names : readings) {
        const std::set<std::string> known(names.begin(), names.end());
        std::size_t found = 0;
        std::string lacks;
        for (const std::string& name : classes)
            if (known.count(name) > 0)
                ++found;
            else if (lacks.empty())
                lacks = name;
        if (best == nullptr || found > most) {
            best = &names;
            most = found;
            missing = lacks;
        }
        if (lacks.empty())
            break;
    }
    check(missing.empty(), ErrorCode::Usage, path, ": the class ", missing, " is not in the class list ", list.path, ", where the nearest is ",
          nearestName(missing, *best));
    checkDistinct(list, *best);
    return *best;
}

void mapClasses(Dataset& data, const std::vector<std::string>& names)
{
    std::map<std::string, std::int64_t> positions;
    for (std::size_t i = 0; i < names.size(); ++i)
        positions.emplace(names[i], std::int64_t(i));
    std::vector<std::int64_t> outputs;
    for (const std::string& name : data.classes) {
        const auto at = positions.find(name);
        check(at != positions.end(), ErrorCode::Internal, data.path, ": the class ", name, " is no output");
        outputs.push_back(at->second);
    }
    const at::Tensor table = at::tensor(outputs, at::kLong);
    for (ImageSet* set : {&data.train, &data.test})
        if (set->labels.defined())
            set->labels = table.index_select(0, set->labels);
    data.classes = names;
}

} // namespace mprdo

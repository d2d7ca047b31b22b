// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/nearest_name.h"
#include "core/base/plain_text.h"
#include "core/graph/guarded_builder.h"
#include "core/graph/op_table.h"
#include "core/import/network_description.h"
#include "core/import/op_words.h"
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace mprdo {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = std::size_t(1) << 24;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxList = 4096;
const std::string kInput = "input"; ///< the images' name

/// Reads one description; messages are about the node that is being read.
class DescriptionReader {
public:
    DescriptionReader(const std::string& file, const json& root)
        : m_root(root)
    {
        m_out.file = file;
    }

    NetworkDescription read()
    {
        m_place = "";
        onlyKeys(m_root, {"name", "input", "nodes", "output"});
        m_out.name = printable(member(m_root, "name"), "name");
        m_out.input = integers(member(m_root, "input"), "input", 1, double(GuardedBuilder::kMaxAttribute));
        if (m_out.input.size() != 3)
            bad("input has ", m_out.input.size(), " numbers, [channels, height, width] are needed");
        const json& nodes = member(m_root, "nodes");
        if (!nodes.is_array() || nodes.empty() || nodes.size() > GuardedBuilder::kMaxNodes)
            bad("nodes is not a list of 1 to ", GuardedBuilder::kMaxNodes, " nodes");
        for (std::size_t i = 0; i < nodes.size(); ++i)
            readNode(nodes, i);
        m_place = "";
        readOutput();
        everyNodeIsRead();
        return std::move(m_out);
    }

private:
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(m_out.file, ": ", m_place, parts...));
    }

    const json& member(const json& object, const char* key) const
    {
        const auto it = object.find(key);
        if (it == object.end())
            bad("there is no ", key);
        return *it;
    }

    /// A word that is none of the allowed ones is answered with the nearest.
    [[noreturn]] void unknown(const std::string& what, const std::string& word, const std::vector<std::string>& allowed) const
    {
        const std::string nearest = nearestName(word, allowed);
        bad(what, " ", json(word.substr(0, kMaxName)).dump(-1, ' ', true, json::error_handler_t::replace),
            nearest.empty() ? "" : "; the nearest is " + nearest);
    }

    void onlyKeys(const json& object, const std::vector<std::string>& allowed) const
    {
        for (const auto& [key, value] : object.items())
            if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
                unknown("unknown key", key, allowed);
    }

    std::string printable(const json& value, const std::string& what) const
    {
        if (!value.is_string())
            bad(what, " is not a text");
        const auto& word = value.get_ref<const std::string&>();
        if (word.empty() || word.size() > kMaxName || !isPlainText(word) || word.find(' ') != std::string::npos)
            bad(what, " is not a word of 1 to ", kMaxName, " bytes without spaces and control characters");
        return word;
    }

    void inBounds(double number, const std::string& what, double least, double most) const
    {
        if (!(number >= least && number <= most))
            bad(what, " is ", number, ", from ", least, " to ", static_cast<std::int64_t>(most), " is possible");
    }

    std::int64_t integer(const json& value, const std::string& what, double least, double most) const
    {
        if (!value.is_number_integer())
            bad(what, " is not an integer");
        inBounds(value.get<double>(), what, least, most);
        return value.get<std::int64_t>();
    }

    std::vector<std::int64_t> integers(const json& value, const std::string& what, double least, double most) const
    {
        if (!value.is_array() || value.size() > kMaxList)
            bad(what, " is not a short list of integers");
        std::vector<std::int64_t> out;
        for (const json& item : value)
            out.push_back(integer(item, what, least, most));
        return out;
    }

    std::vector<double> numbers(const json& value, const std::string& what, double least, double most) const
    {
        if (!value.is_array() || value.size() > kMaxList)
            bad(what, " is not a short list of numbers");
        std::vector<double> out;
        for (const json& item : value)
            out.push_back(number(item, what, least, most));
        return out;
    }

    double number(const json& value, const std::string& what, double least, double most) const
    {
        if (value == "inf")
            return std::numeric_limits<double>::infinity();
        if (value == "-inf")
            return -std::numeric_limits<double>::infinity();
        if (!value.is_number())
            bad(what, " is not a number");
        inBounds(value.get<double>(), what, least, most);
        return value.get<double>();
    }

    Attribute attribute(const AttributeWord& word, const json& value) const
    {
        const std::string what(word.name);
        if (word.kind == AttributeKind::Integers || (word.kind == AttributeKind::PerAxis && value.is_array()))
            return integers(value, what, word.least, word.most);
        if (word.kind == AttributeKind::Numbers)
            return numbers(value, what, word.least, word.most);
        if (word.kind == AttributeKind::Word)
            return printable(value, what);
        if (word.kind == AttributeKind::Number)
            return number(value, what, word.least, word.most);
        return integer(value, what, word.least, word.most);
    }

    void readNode(const json& nodes, std::size_t index)
    {
        const json& node = nodes[index];
        m_place = text("node ", index + 1, ": ");
        if (!node.is_object())
            bad("is not an object");
        NetworkDescription::Node out;
        out.op = op(printable(member(node, "op"), "op"));
        out.name = node.contains("name") ? printable(node["name"], "name") : text(name(out.op), "_", index + 1);
        if (out.name == kInput || !m_numbers.emplace(out.name, index + 1).second)
            bad("the name ", out.name, " is taken");
        m_place = out.name + ": ";
        onlyKeys(node, {"op", "name", "inputs", "parameters", "attributes"});
        out.inputs = inputs(nodes, index);
        const OpRow& row = opRow(out.op);
        const auto arity = static_cast<int>(out.inputs.size());
        if (arity < row.minInputs || arity > row.maxInputs)
            bad(row.name, " takes ", row.minInputs, row.minInputs == row.maxInputs ? "" : text(" to ", row.maxInputs),
                row.maxInputs == 1 ? " input" : " inputs", ", has ", arity);
        readParameters(node, out);
        readAttributes(node, out);
        m_out.nodes.push_back(std::move(out));
    }

    Op op(const std::string& word) const
    {
        if (const auto known = opFromName(word))
            return *known;
        std::vector<std::string> names;
        for (const OpRow& row : opRows())
            names.emplace_back(row.name);
        unknown("unknown op", word, names);
    }

    /// Without "inputs": what stands before.
    std::vector<std::size_t> inputs(const json& nodes, std::size_t index) const
    {
        const auto it = nodes[index].find("inputs");
        if (it == nodes[index].end())
            return {index};
        if (!it->is_array() || it->size() > kMaxList)
            bad("inputs is not a list of at most ", kMaxList, " names");
        std::vector<std::size_t> out;
        for (const json& item : *it) {
            const std::string word = printable(item, "an input");
            const auto number = word == kInput ? std::size_t(0) : numberOf(word, nodes);
            if (number > index)
                bad("reads itself");
            out.push_back(number);
        }
        return out;
    }

    std::size_t numberOf(const std::string& word, const json& nodes) const
    {
        if (const auto it = m_numbers.find(word); it != m_numbers.end())
            return it->second;
        const bool later = std::any_of(nodes.begin(), nodes.end(), [&](const json& node) {
            return node.is_object() && node.contains("name") && node["name"] == word;
        });
        if (later)
            bad("the input ", word, " is made only later: nodes stand in the order of execution");
        std::vector<std::string> names{kInput};
        for (const auto& [name, number] : m_numbers)
            names.push_back(name);
        unknown("no node before it makes the input", word, names);
    }

    void readParameters(const json& node, NetworkDescription::Node& out) const
    {
        const auto it = node.find("parameters");
        if (it == node.end())
            return;
        if (!it->is_object())
            bad("parameters is not an object");
        std::vector<std::string> roles;
        for (const ParameterWord& word : parametersOf(out.op))
            roles.emplace_back(word.role);
        for (const auto& [role, tensor] : it->items()) {
            if (std::find(roles.begin(), roles.end(), role) == roles.end())
                unknown(text(name(out.op), " has no parameter"), role, roles);
            out.parameters[role] = printable(tensor, role);
        }
    }

    void readAttributes(const json& node, NetworkDescription::Node& out) const
    {
        const auto it = node.find("attributes");
        if (it == node.end())
            return;
        if (!it->is_object())
            bad("attributes is not an object");
        const std::vector<AttributeWord> words = attributesOf(out.op);
        for (const auto& [key, value] : it->items()) {
            const auto word = std::find_if(words.begin(), words.end(), [&k = key](const auto& w) { return w.name == k; });
            if (word == words.end()) {
                std::vector<std::string> names;
                for (const AttributeWord& w : words)
                    names.emplace_back(w.name);
                unknown(text(name(out.op), " has no attribute"), key, names);
            }
            out.attributes[key] = attribute(*word, value);
        }
    }

    /// Without "output": the last node.
    void readOutput()
    {
        m_out.output = m_out.nodes.size();
        if (!m_root.contains("output"))
            return;
        const std::string word = printable(m_root["output"], "output");
        const auto it = m_numbers.find(word);
        if (it == m_numbers.end()) {
            std::vector<std::string> names;
            for (const auto& [name, number] : m_numbers)
                names.push_back(name);
            unknown("no node makes the output", word, names);
        }
        m_out.output = it->second;
    }

    /// A node that nobody reads would be quantized and change nothing.
    void everyNodeIsRead()
    {
        std::set<std::size_t> read{m_out.output};
        for (std::size_t number = m_out.nodes.size(); number > 0; --number) {
            const NetworkDescription::Node& node = m_out.nodes[number - 1];
            if (!read.count(number))
                bad(node.name, ": does not lead to the output");
            read.insert(node.inputs.begin(), node.inputs.end());
        }
        if (!read.count(0))
            bad("no node reads the input");
    }

    const json& m_root;
    NetworkDescription m_out;
    std::map<std::string, std::size_t> m_numbers; ///< of the nodes read so far
    std::string m_place;
};

/// "line 3, column 7" of a byte, counted from 1.
std::string placeOf(std::string_view source, std::size_t byte)
{
    const std::string_view before = source.substr(0, byte == 0 ? 0 : byte - 1);
    const std::size_t lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return text("line ", std::count(before.begin(), before.end(), '\n') + 1, ", column ", before.size() - lineStart + 1);
}

} // namespace

NetworkDescription readDescription(const std::string& file, std::string_view source)
{
    check(source.size() <= kMaxText, ErrorCode::BadFile, file, ": ", source.size(), " bytes are too many for a description");
    json root;
    try {
        root = json::parse(source);
    } catch (const json::parse_error& e) {
        throw Error(ErrorCode::BadFile, text(file, ": not JSON at ", placeOf(source, e.byte)));
    } catch (const json::exception&) {
        throw Error(ErrorCode::BadFile, text(file, ": a number has no double precision value"));
    }
    check(root.is_object(), ErrorCode::BadFile, file, ": not a JSON object with name, input, nodes and output");
    return DescriptionReader(file, root).read();
}

NetworkDescription readDescription(const std::string& file)
{
    return readDescription(file, readFile(file, kMaxText));
}

} // namespace mprdo

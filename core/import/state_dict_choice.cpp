// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/state_dict_choice.h"
#include "core/base/error.h"
#include "core/import/architectures.h"
#include "core/import/element_types.h"
#include "core/import/structure.h"
#include <algorithm>
#include <map>
#include <set>

namespace mprdo {
namespace {

constexpr std::size_t kMostPrefixes = 64, kNamedKeys = 8, kSmallPart = 4;

/// The tensors under a prefix, without it.
StateDict under(const StateDict& tensors, const std::string& prefix)
{
    StateDict out;
    for (auto it = tensors.lower_bound(prefix); it != tensors.end() && it->first.starts_with(prefix); ++it)
        out.emplace_hint(out.end(), it->first.substr(prefix.size()), it->second);
    return out;
}

NamedTensors under(const NamedTensors& tensors, const std::string& prefix)
{
    NamedTensors out;
    for (const auto& [name, tensor] : tensors)
        if (name.starts_with(prefix))
            out.emplace_back(name.substr(prefix.size()), tensor);
    return out;
}

/// What stands before a tensor with which a known network begins, in the file's order; by the number of dots.
std::map<std::int64_t, std::vector<std::string>> possiblePrefixes(const NamedTensors& tensors)
{
    std::map<std::int64_t, std::vector<std::string>> out;
    std::set<std::string> seen;
    for (const auto& [name, tensor] : tensors)
        for (const Family& family : families()) {
            if (!name.ends_with(family.firstTensor))
                continue;
            const std::string prefix = name.substr(0, name.size() - family.firstTensor.size());
            if ((prefix.empty() || prefix.back() == '.') && seen.size() < kMostPrefixes && seen.insert(prefix).second)
                out[std::count(prefix.begin(), prefix.end(), '.')].push_back(prefix);
        }
    return out;
}

/// Prefixes of known networks, with as few dots as there are; several where several networks stand side by side.
/// \param whole  every tensor of the network must be there
std::vector<std::string> knownByName(const NamedTensors& tensors, bool whole)
{
    const StateDict all(tensors.begin(), tensors.end());
    for (const auto& [dots, prefixes] : possiblePrefixes(tensors)) {
        std::vector<std::string> out;
        bool found = false;
        for (const std::string& prefix : prefixes) {
            const StateDict part = under(all, prefix);
            const std::string architecture = recogniseArchitecture(part).architecture;
            found |= !architecture.empty();
            if (!architecture.empty() && (!whole || holdsArchitecture(architecture, part)))
                out.push_back(prefix);
        }
        if (found) // one that lacks a tensor is not replaced by another one further in
            return out;
    }
    return {};
}

/// The whole, or parts of it by the first word or the first two words of the names.
std::vector<std::string> knownByStructure(const NamedTensors& tensors)
{
    if (!structureMatches(tensors).empty())
        return {std::string()};
    for (int words = 1; words <= 2; ++words) {
        std::vector<std::string> prefixes, out;
        std::set<std::string> seen;
        for (const auto& [name, tensor] : tensors) {
            std::size_t dot = name.find('.');
            if (words == 2 && dot != std::string::npos)
                dot = name.find('.', dot + 1);
            if (dot != std::string::npos && seen.size() < kMostPrefixes && seen.insert(name.substr(0, dot + 1)).second)
                prefixes.push_back(name.substr(0, dot + 1));
        }
        for (const std::string& prefix : prefixes)
            if (!structureMatches(under(tensors, prefix)).empty())
                out.push_back(prefix);
        if (!out.empty())
            return out;
    }
    return {};
}

std::string labelOf(const std::vector<OfferedStateDict>& offers, const StateDictChoice& choice)
{
    const std::string &key = offers[choice.place].key, prefix = choice.prefix.substr(0, choice.prefix.size() - !choice.prefix.empty());
    return key.empty() || prefix.empty() ? key + prefix : key + "." + prefix;
}

std::string listed(const std::vector<OfferedStateDict>& offers, const std::vector<StateDictChoice>& choices)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(choices.size(), kNamedKeys); ++i) {
        const std::string label = labelOf(offers, choices[i]);
        out += (i ? ", " : "") + (label.empty() ? std::string("the outermost") : printable(label));
    }
    return choices.size() > kNamedKeys ? out + ", ..." : out;
}

/// What a key names: a dict as a whole, whose networks are looked for, or names under a prefix in it.
std::vector<StateDictChoice> named(const std::vector<OfferedStateDict>& offers, const std::vector<StateDictChoice>& known,
                                   const std::string& wanted)
{
    std::vector<StateDictChoice> out;
    for (const StateDictChoice& choice : known)
        if (labelOf(offers, choice) == wanted)
            return {choice};
    for (std::size_t place = 0; place < offers.size(); ++place) {
        if (offers[place].key != wanted)
            continue;
        std::copy_if(known.begin(), known.end(), std::back_inserter(out), [&](const auto& c) { return c.place == place; });
        return out.empty() ? std::vector<StateDictChoice>{{place, {}}} : out;
    }
    for (std::size_t place = 0; place < offers.size(); ++place) {
        const std::string before = offers[place].key.empty() ? std::string() : offers[place].key + ".";
        if (!wanted.starts_with(before))
            continue;
        const std::string prefix = wanted.substr(before.size()) + ".";
        const auto& shapes = offers[place].shapes;
        if (std::any_of(shapes.begin(), shapes.end(), [&](const auto& t) { return t.first.starts_with(prefix); }))
            out.push_back({place, prefix});
    }
    return out;
}

bool hasMatrix(const NamedTensors& tensors)
{
    return std::any_of(tensors.begin(), tensors.end(), [](const auto& t) { return t.second.dim() >= 2; });
}

/// Those that hold a tensor of two dimensions or more and not far fewer tensors than the largest (a mean or a criterion's weights
/// beside); where none does, the largest.
std::vector<StateDictChoice> plausible(const std::vector<OfferedStateDict>& offers)
{
    std::size_t most = 0;
    for (std::size_t place = 0; place < offers.size(); ++place)
        if (std::pair(hasMatrix(offers[place].shapes), offers[place].shapes.size())
            > std::pair(hasMatrix(offers[most].shapes), offers[most].shapes.size()))
            most = place;
    std::vector<StateDictChoice> out;
    for (std::size_t place = 0; place < offers.size(); ++place)
        if (place == most || (hasMatrix(offers[place].shapes) && kSmallPart * offers[place].shapes.size() > offers[most].shapes.size()))
            out.push_back({place, {}});
    return out;
}

} // namespace

std::string withoutWrappers(std::string name)
{
    const auto startsWithWrapper = [&](std::string_view wrapper) { return name.starts_with(wrapper) && name.size() > wrapper.size(); };
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view wrapper : {"module.", "_orig_mod."})
            if (startsWithWrapper(wrapper)) {
                name.erase(0, wrapper.size());
                again = true;
            }
    }
    if (constexpr std::string_view features = "features.module."; name.starts_with(features)) // only its convolutions ran in parallel
        name.erase(features.size() - 7, 7);
    for (const std::string_view wrapper : {"_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."})
        for (auto at = name.find(wrapper); at != std::string::npos; at = name.find(wrapper, at))
            if (at == 0 || name[at - 1] == '.')
                name.erase(at, wrapper.size());
            else
                ++at;
    return name;
}

StateDictChoice chooseStateDict(const std::string& file, const std::vector<OfferedStateDict>& offers, const std::string& wanted,
                                const std::function<bool(const StateDictChoice&, const StateDictChoice&)>& same)
{
    std::vector<StateDictChoice> known;
    for (std::size_t place = 0; place < offers.size(); ++place) {
        std::vector<std::string> prefixes = knownByName(offers[place].shapes, true);
        if (prefixes.empty())
            prefixes = knownByStructure(offers[place].shapes);
        if (prefixes.empty())
            prefixes = knownByName(offers[place].shapes, false); // what is missing will be named
        for (const std::string& prefix : prefixes)
            known.push_back({place, prefix});
    }
    std::vector<StateDictChoice> choices = known.empty() ? plausible(offers) : known;
    if (!wanted.empty()) {
        const std::vector<StateDictChoice> there = choices;
        choices = named(offers, known, wanted);
        check(!choices.empty(), ErrorCode::Usage, "state-dict: ", file, " has no state dict under ", printable(wanted),
              "; it has ", listed(offers, there));
    }
    const StateDictChoice first = choices.front();
    std::erase_if(choices, [&](const StateDictChoice& c) { return (c.place != first.place || c.prefix != first.prefix) && same(first, c); });
    check(choices.size() == 1, ErrorCode::Unsupported, file, ": holds several state dicts: ", listed(offers, choices),
          "; --state-dict KEY says which of them is meant");
    return choices.front();
}

} // namespace mprdo

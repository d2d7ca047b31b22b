// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/structure.h"
#include "core/base/error.h"
#include "core/import/architectures.h"
#include "core/import/extra_tensors.h"
#include <algorithm>
#include <array>
#include <optional>

namespace mprdo {
namespace {

constexpr std::size_t kMostMatches = 8, kMostTensors = 5000;
constexpr std::array<std::string_view, 4> kRoles{".weight", ".bias", ".running_mean", ".running_var"};

/// A layer with tensors: a convolution, a batch norm or a linear layer.
struct Module {
    std::string name;
    std::array<std::vector<std::int64_t>, 4> shapes;
    std::array<bool, 4> has{};
    std::size_t kind() const { return has[3] ? 1 : shapes[0].size() == 2 ? 2 : 0; } ///< convolution, batch norm, linear
};

/// Modules by kind, each kind in its order.
using Kinds = std::array<std::vector<Module>, 3>;

/// "layer1.0.conv1" and role 0 of "layer1.0.conv1.weight"; nullopt: no tensor of a layer.
std::optional<std::pair<std::string, std::size_t>> moduleOf(const std::string& name)
{
    for (std::size_t role = 0; role < kRoles.size(); ++role)
        if (name.size() > kRoles[role].size() && name.ends_with(kRoles[role]))
            return std::pair(name.substr(0, name.size() - kRoles[role].size()), role);
    return std::nullopt;
}

/// Modules in the order of their first tensors. nullopt: a tensor belongs to none.
template <class Tensors>
std::optional<std::vector<Module>> modulesOf(const Tensors& tensors)
{
    std::vector<Module> out;
    std::map<std::string, std::size_t> places;
    for (const auto& [name, shape] : tensors) {
        const auto module = moduleOf(name);
        if (!module)
            return std::nullopt;
        const auto [place, isNew] = places.try_emplace(module->first, out.size());
        if (isNew)
            out.emplace_back().name = module->first;
        out[place->second].shapes[module->second] = shape;
        out[place->second].has[module->second] = true;
    }
    for (const Module& m : out) {
        const bool norm = m.has[1] && m.has[2] && m.has[3], plain = !m.has[2] && !m.has[3];
        if (!m.has[0] || !(norm ? m.shapes[0].size() == 1 : plain && (m.shapes[0].size() == 4 || m.shapes[0].size() == 2)))
            return std::nullopt;
    }
    return out;
}

Kinds byKind(const std::vector<Module>& modules)
{
    Kinds out;
    for (const Module& m : modules)
        out[m.kind()].push_back(m);
    return out;
}

/// Numbers in names as numbers: "layer.2" comes before "layer.10".
bool naturallyLess(const Module& a, const Module& b)
{
    const std::string &x = a.name, &y = b.name;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
        if (digit(x[i]) && digit(y[j])) {
            std::size_t p = i, q = j;
            while (p < x.size() && digit(x[p]))
                ++p;
            while (q < y.size() && digit(y[q]))
                ++q;
            while (i + 1 < p && x[i] == '0')
                ++i;
            while (j + 1 < q && y[j] == '0')
                ++j;
            if (p - i != q - j)
                return p - i < q - j;
            if (const int order = x.compare(i, p - i, y, j, q - j))
                return order < 0;
            i = p;
            j = q;
        } else {
            if (x[i] != y[j])
                return x[i] < y[j];
            ++i;
            ++j;
        }
    }
    return x.size() < y.size();
}

std::vector<Module> modulesOf(const NetworkPlan& plan, const StateDict& hints, std::int64_t classes)
{
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors;
    for (const ParameterSpec& p : parametersOf(plan, hints, classes))
        tensors.emplace_back(p.name, p.shape);
    return modulesOf(tensors).value_or(std::vector<Module>());
}

/// "layer2.0." of "layer2.0.shortcut.0"; "": no module of a shortcut.
std::string blockOfShortcut(const std::string& name)
{
    for (const char* word : {".shortcut.", ".downsample."})
        if (const auto at = name.find(word); at != std::string::npos)
            return name.substr(0, at + 1);
    return {};
}

/// The same modules with each block's shortcut before the block.
std::vector<Module> shortcutsFirst(const std::vector<Module>& modules)
{
    std::vector<Module> out;
    for (const Module& m : modules) {
        const std::string block = blockOfShortcut(m.name);
        const auto before = block.empty() ? out.end() : std::find_if(out.begin(), out.end(), [&](const Module& o) {
            return o.name.starts_with(block) && blockOfShortcut(o.name).empty();
        });
        out.insert(before, m);
    }
    return out;
}

/// The plan's linear layers where the file has another number of them: VGG's are as many as the file has.
void takeLinearNames(std::vector<Module>& linears, std::size_t count, const std::string& architecture)
{
    if (linears.size() == count || count == 0 || !architecture.starts_with("vgg"))
        return;
    linears.resize(count);
    for (std::size_t i = 0; i < count; ++i)
        linears[i].name = count == 1 ? "classifier" : text("classifier.", 3 * i);
}

/// The file's modules in the places of the plan's. Empty: they do not fit.
std::vector<std::pair<std::string, std::string>> placed(const NetworkPlan& plan, const std::string& architecture, const Kinds& order,
                                                        const Kinds& file, const StateDict& tensors)
{
    Kinds known = order;
    takeLinearNames(known[2], file[2].size(), architecture);
    std::vector<std::pair<std::string, std::string>> names;
    StateDict hints;
    for (std::size_t kind = 0; kind < file.size(); ++kind) {
        if (known[kind].size() != file[kind].size())
            return {};
        for (std::size_t i = 0; i < file[kind].size(); ++i)
            for (std::size_t role = 0; role < kRoles.size(); ++role)
                if (file[kind][i].has[role]) {
                    names.emplace_back(known[kind][i].name + std::string(kRoles[role]), file[kind][i].name + std::string(kRoles[role]));
                    hints[names.back().first] = tensors.at(names.back().second);
                }
    }
    const std::vector<ParameterSpec> specs = parametersOf(plan, hints, 1); // now with the file's widths
    const bool fits = specs.size() == names.size() && std::all_of(specs.begin(), specs.end(), [&](const ParameterSpec& p) {
        const auto it = hints.find(p.name);
        return it != hints.end() && it->second.sizes().vec() == p.shape;
    });
    return fits ? names : std::vector<std::pair<std::string, std::string>>();
}

/// What the plans list without tensors, once.
const std::vector<Module>& usualModules(const std::string& architecture)
{
    static const std::map<std::string, std::vector<Module>> all = [] {
        std::map<std::string, std::vector<Module>> out;
        for (const std::string& name : architectureNames())
            out[name] = modulesOf(*networkPlan(name), {}, 10);
        return out;
    }();
    return all.at(architecture);
}

/// As many convolutions and batch norms: most networks are told apart by that.
bool mayFit(const std::vector<Module>& known, const std::vector<Module>& file)
{
    const auto count = [](const std::vector<Module>& modules, std::size_t kind) {
        return std::count_if(modules.begin(), modules.end(), [&](const Module& m) { return m.kind() == kind; });
    };
    return count(known, 0) == count(file, 0) && count(known, 1) == count(file, 1);
}

/// All tensors must have a place.
std::vector<StructureMatch> matchesOf(const NamedTensors& tensors, const std::string& architecture)
{
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> listed;
    for (const auto& [name, tensor] : tensors)
        listed.emplace_back(name, tensor.sizes().vec());
    const StateDict shapes(tensors.begin(), tensors.end());
    const auto modules = modulesOf(listed);
    if (!modules)
        return {};
    std::vector<Module> sorted = *modules;
    std::sort(sorted.begin(), sorted.end(), naturallyLess);
    std::vector<StructureMatch> out;
    for (const std::string& name : architecture.empty() ? architectureNames() : std::vector{knownArchitecture(architecture)}) {
        const auto plan = networkPlan(name);
        const std::vector<Module>& usual = usualModules(name);
        if (!mayFit(usual, *modules))
            continue;
        for (const std::vector<Module>* file : {&modules.value(), static_cast<const std::vector<Module>*>(&sorted)})
            for (const bool first : {false, true}) {
                auto names = placed(*plan, name, byKind(first ? shortcutsFirst(usual) : usual), byKind(*file), shapes);
                std::sort(names.begin(), names.end());
                const bool known = std::any_of(out.begin(), out.end(), [&](const StructureMatch& m) {
                    return m.architecture == name && m.names == names;
                });
                if (!names.empty() && !known && out.size() < kMostMatches)
                    out.push_back({name, std::move(names)});
            }
    }
    return out;
}

} // namespace

StateDict StructureMatch::renamed(const StateDict& tensors) const
{
    StateDict out;
    for (const auto& [known, file] : names)
        out[known] = tensors.at(file);
    return out;
}

std::vector<StructureMatch> structureMatches(const NamedTensors& tensors, const std::string& architecture)
{
    if (tensors.size() > kMostTensors)
        return {};
    const StateDict all(tensors.begin(), tensors.end());
    NamedTensors layers, network; // without counters and the like; without a criterion's weights as well
    for (const auto& [name, tensor] : tensors) {
        const bool beside = takesNoPart(name, all, [&](const std::string& n) { return n != name && moduleOf(n) && !isBesideNetwork(n); });
        if (!beside || moduleOf(name))
            layers.emplace_back(name, tensor);
        if (!beside)
            network.emplace_back(name, tensor);
    }
    std::vector<StructureMatch> out = matchesOf(layers, architecture);
    return out.empty() && network.size() < layers.size() ? matchesOf(network, architecture) : out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/architectures.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/import/extra_tensors.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestSide = 4096;
constexpr std::size_t kMostTensors = 20'000;   ///< of a file; looking at what is no part of the network takes the square of it
constexpr std::int64_t kUsualClasses = 10; ///< what a missing head is said to lack

/// Missing, misshaped and extra tensors, each named; the number of classes comes from the head.
StateDict checkedTensors(const std::string& architecture, const NetworkPlan& plan, const StateDict& tensors)
{
    StateDict out;
    for (const ParameterSpec& p : parametersOf(plan, tensors, kUsualClasses)) {
        const auto it = tensors.find(p.name);
        check(it != tensors.end(), ErrorCode::ShapeMismatch, p.name, ": missing; ", architecture, " expects ", shapeText(p.shape));
        check(it->second.sizes().vec() == p.shape, ErrorCode::ShapeMismatch, p.name, ": expected ", shapeText(p.shape),
              ", file has ", shapeText(it->second.sizes()));
        out.emplace(p.name, at::Tensor());
    }
    check(tensors.size() <= kMostTensors, ErrorCode::ShapeMismatch, "the file has ", tensors.size(), " tensors, ", architecture, " has ",
          out.size());
    for (const auto& [name, tensor] : tensors)
        check(out.count(name) || takesNoPart(name, tensors, [&](const std::string& n) { return out.count(n) > 0; }),
              ErrorCode::ShapeMismatch, name, ": ", architecture, " has no tensor of that name");
    for (auto& [name, tensor] : out)
        tensor = checkedValues(name, tensors.at(name));
    return out;
}

at::Tensor uniform(const std::vector<std::int64_t>& shape, std::int64_t fanIn, std::uint64_t seed, const std::string& name)
{
    auto draw = generator(seed, name);
    const double bound = 1.0 / std::sqrt(static_cast<double>(fanIn));
    return at::rand(shape, draw) * (2 * bound) - bound;
}

at::Tensor filled(const ParameterSpec& p, std::uint64_t seed)
{
    if (p.fill == Fill::Uniform)
        return uniform(p.shape, p.fanIn, seed, p.name);
    if (p.fill == Fill::He) {
        auto draw = generator(seed, p.name);
        return at::randn(p.shape, draw) * std::sqrt(2.0 / static_cast<double>(p.fanIn));
    }
    return at::full(p.shape, p.fill == Fill::One ? 1.0 : 0.0, at::kFloat);
}

} // namespace

const std::vector<std::string>& architectureNames()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Family& family : families())
            all.insert(all.end(), family.names.begin(), family.names.end());
        return all;
    }();
    return names;
}

Graph buildArchitecture(const std::string& given, const StateDict& tensors, const std::vector<std::int64_t>& inputShape)
{
    const std::string architecture = knownArchitecture(given);
    const auto plan = networkPlan(architecture);
    const std::int64_t channels = imageChannels(*plan, tensors);
    check(inputShape.size() == 3 && inputShape[0] == channels && inputShape[1] >= 1 && inputShape[2] >= 1
              && inputShape[1] <= kLargestSide && inputShape[2] <= kLargestSide,
          ErrorCode::ShapeMismatch, "input shape ", shapeText(inputShape), ": ", architecture, " expects [", channels,
          ", H, W] with H and W from 1 to ", kLargestSide);
    GraphBuilder g;
    for (const auto& [name, tensor] : checkedTensors(architecture, *plan, tensors))
        g.parameter(name, tensor);
    const Feature images{g.input("input", inputShape), inputShape[0]};
    NetworkWriter writer(tensors, kUsualClasses, &g);
    return g.finish(plan->write(writer, images).value, architecture);
}

std::vector<std::string> architecturesLike(const std::string& given, const StateDict& tensors)
{
    const std::string architecture = knownArchitecture(given);
    const auto listed = [&](const std::string& name) {
        std::vector<std::pair<std::string, std::vector<std::int64_t>>> out;
        for (const ParameterSpec& p : parametersOf(*networkPlan(name), tensors, kUsualClasses))
            out.emplace_back(p.name, p.shape);
        return out;
    };
    std::vector<std::string> out;
    const auto own = listed(architecture);
    const std::string family = architecture.substr(0, architecture.find('-'));
    for (const std::string& name : architectureNames())
        if (name != architecture && name.starts_with(family) && listed(name) == own)
            out.push_back(name);
    return out;
}

bool holdsArchitecture(const std::string& architecture, const StateDict& tensors)
{
    const std::vector<ParameterSpec> all = parametersOf(*networkPlan(architecture), tensors, kUsualClasses);
    return std::all_of(all.begin(), all.end(), [&](const ParameterSpec& p) {
        const auto it = tensors.find(p.name);
        return it != tensors.end() && it->second.sizes().vec() == p.shape;
    });
}

StateDict initialStateDict(const std::string& architecture, std::int64_t classes, std::uint64_t seed)
{
    check(classes >= 1, ErrorCode::Usage, architecture, ": cannot have ", classes, " classes");
    StateDict out;
    for (const ParameterSpec& p : parametersOf(*networkPlan(architecture), {}, classes))
        out[p.name] = filled(p, seed);
    return out;
}

Graph replaceHead(const Graph& source, std::int64_t classes, std::uint64_t seed)
{
    check(classes >= 1, ErrorCode::Usage, "a head cannot have ", classes, " classes");
    Graph graph = source;
    const auto node = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) {
        return n.op == Op::Linear && n.outputs[0] == graph.outputs.at(0);
    });
    check(node != graph.nodes.end(), ErrorCode::Unsupported, graph.architecture,
          ": does not end in a linear layer, so its head cannot be made anew");
    at::Tensor& weight = graph.parameters.at(node->parameters.at("weight"));
    const std::int64_t features = weight.size(1);
    weight = uniform({classes, features}, features, seed, node->parameters.at("weight"));
    if (const auto bias = node->parameters.find("bias"); bias != node->parameters.end())
        graph.parameters.at(bias->second) = uniform({classes}, features, seed, bias->second);
    graph.values[static_cast<std::size_t>(node->outputs[0])].shape.back() = classes;
    return graph;
}

std::vector<std::pair<std::string, at::Tensor>> stateDictOf(const Graph& graph)
{
    std::vector<std::pair<std::string, at::Tensor>> out;
    std::set<std::string> written;
    for (const Node& node : graph.nodes)
        for (const char* role : {"weight", "bias", "mean", "variance"})
            if (const auto it = node.parameters.find(role); it != node.parameters.end() && written.insert(it->second).second)
                out.emplace_back(it->second, graph.parameter(it->second));
    return out;
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_order.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

namespace mprdo {
namespace {

using Makers = std::unordered_map<std::string, std::size_t>; ///< value -> place of the node

Makers makersOf(const std::string& file, const std::vector<OnnxNode>& nodes, const std::map<std::string, std::string>& given)
{
    Makers out;
    for (std::size_t n = 0; n < nodes.size(); ++n)
        for (const std::string& value : nodes[n].outputs) {
            if (value.empty())
                continue;
            const std::string what = onnxNodeText(file, nodes[n]);
            const auto other = given.find(value);
            check(other == given.end(), ErrorCode::BadFile, what, ": its output ", printable(value), " is ",
                  other == given.end() ? "" : other->second, " too");
            const auto [made, isNew] = out.emplace(value, n);
            check(isNew, ErrorCode::BadFile, what, ": its output ", printable(value), " is made by node ",
                  printable(nodes[made->second].name), " too");
        }
    return out;
}

/// For each node the places of those it waits for, each once.
std::vector<std::vector<std::size_t>> sourcesOf(const std::string& file, const std::vector<OnnxNode>& nodes, const Makers& makers,
                                                const std::map<std::string, std::string>& given)
{
    std::vector<std::vector<std::size_t>> out(nodes.size());
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        const auto use = [&](const std::string& value) {
            const auto maker = makers.find(value);
            check(maker != makers.end() || given.contains(value), ErrorCode::BadFile, onnxNodeText(file, nodes[n]),
                  ": missing initializer or node output ", printable(value));
            if (maker != makers.end())
                out[n].push_back(maker->second);
        };
        for (const std::string& input : nodes[n].inputs)
            if (!input.empty())
                use(input);
        for (const std::string& name : nodes[n].captured)
            if (!name.empty())
                use(name);
        std::sort(out[n].begin(), out[n].end());
        out[n].erase(std::unique(out[n].begin(), out[n].end()), out[n].end());
    }
    return out;
}

/// A node on a cycle: going from source to source among those that cannot run, one comes round.
std::size_t onCycle(const std::vector<std::vector<std::size_t>>& sources, const std::vector<bool>& done)
{
    std::size_t n = static_cast<std::size_t>(std::find(done.begin(), done.end(), false) - done.begin());
    std::vector<bool> seen(done.size(), false);
    while (!seen[n]) {
        seen[n] = true;
        n = *std::find_if(sources[n].begin(), sources[n].end(), [&](std::size_t s) { return !done[s]; });
    }
    return n;
}

} // namespace

std::vector<OnnxNode> orderOnnxNodes(const std::string& file, std::vector<OnnxNode> nodes,
                                     const std::map<std::string, std::string>& given, const std::vector<std::string>& outputs)
{
    const Makers makers = makersOf(file, nodes, given);
    const auto sources = sourcesOf(file, nodes, makers, given);
    for (const std::string& output : outputs)
        check(makers.contains(output) || given.contains(output), ErrorCode::BadFile, file, ": output ", printable(output),
              " is made by no node");

    std::vector<std::vector<std::size_t>> users(nodes.size());
    std::vector<std::size_t> waitsFor(nodes.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        for (const std::size_t source : sources[n])
            users[source].push_back(n);
        waitsFor[n] = sources[n].size();
        if (waitsFor[n] == 0)
            ready.push(n);
    }
    std::vector<OnnxNode> out;
    std::vector<bool> done(nodes.size(), false);
    while (!ready.empty()) {
        const std::size_t n = ready.top();
        ready.pop();
        done[n] = true;
        out.push_back(std::move(nodes[n]));
        for (const std::size_t user : users[n])
            if (--waitsFor[user] == 0)
                ready.push(user);
    }
    if (out.size() < nodes.size()) {
        const OnnxNode& stuck = nodes[onCycle(sources, done)];
        throw Error(ErrorCode::BadFile, text(onnxNodeText(file, stuck), ": waits for its own output: the graph has a cycle"));
    }
    return out;
}

} // namespace mprdo

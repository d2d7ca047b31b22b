// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_outputs.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <set>
#include <unordered_map>

namespace mprdo {
namespace {

constexpr std::size_t kNamed = 8; ///< of a long list; the rest is counted

template <class All, class Text>
std::string listed(const All& all, Text textOf)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(kNamed, all.size()); ++i)
        out += (i == 0 ? "" : i + 1 == all.size() ? " and " : ", ") + textOf(all[i]);
    return all.size() > kNamed ? text(out, " and ", all.size() - kNamed, " more") : out;
}

/// Nodes stand in topological order: from the last to the first, each is needed if what it makes is.
void dropUnneeded(OnnxFile& file)
{
    std::set<std::string> wanted;
    for (const OnnxValueInfo& output : file.outputs)
        wanted.insert(output.name);
    std::vector<OnnxNode> kept;
    for (auto node = file.nodes.rbegin(); node != file.nodes.rend(); ++node) {
        if (std::none_of(node->outputs.begin(), node->outputs.end(), [&](const std::string& o) { return !o.empty() && wanted.contains(o); }))
            continue;
        wanted.insert(node->inputs.begin(), node->inputs.end());
        wanted.insert(node->captured.begin(), node->captured.end());
        kept.push_back(std::move(*node));
    }
    std::reverse(kept.begin(), kept.end());
    file.nodes = std::move(kept);
}

/// A Constant node's tensor is as good as an initializer.
const at::Tensor* constantOf(const OnnxNode& node)
{
    const auto value = node.op == "Constant" ? node.attributes.find("value") : node.attributes.end();
    const auto* tensor = value == node.attributes.end() ? nullptr : std::get_if<OnnxTensor>(&value->second);
    return tensor ? &tensor->value : nullptr;
}

} // namespace

std::set<std::string> namesRead(const OnnxFile& file)
{
    std::set<std::string> out;
    for (const OnnxNode& node : file.nodes) {
        out.insert(node.inputs.begin(), node.inputs.end());
        out.insert(node.captured.begin(), node.captured.end());
    }
    for (const OnnxValueInfo& output : file.outputs)
        out.insert(output.name);
    return out;
}

std::string outputText(const OnnxValueInfo& output)
{
    std::string out = printable(output.name);
    if (!output.hasShape)
        return out;
    out += " [";
    for (std::size_t i = 0; i < output.shape.size(); ++i)
        out += (i ? ", " : "") + (output.shape[i] >= 0 ? std::to_string(output.shape[i]) : i == 0 ? "N" : "?");
    return out + "]";
}

std::string outputsText(const std::vector<OnnxValueInfo>& outputs) { return listed(outputs, outputText); }

void refuseSeveralOutputs(const OnnxFile& file)
{
    throw Error(ErrorCode::Unsupported, text(file.path, ": has ", file.outputs.size(), " outputs, ", outputsText(file.outputs),
                                             "; one can be quantized: --output NAME takes it and leaves out what the others alone need"));
}

LeftOut takeOutput(OnnxFile& file, const std::string& name)
{
    LeftOut out;
    const auto taken = std::find_if(file.outputs.begin(), file.outputs.end(), [&](const OnnxValueInfo& o) { return o.name == name; });
    check(taken != file.outputs.end(), ErrorCode::Usage, file.path, ": has no output named ", printable(name), ", it has ",
          outputsText(file.outputs));
    for (const OnnxValueInfo& output : file.outputs)
        if (output.name != name)
            out.outputs.push_back(output);
    if (out.outputs.empty())
        return out;
    std::map<std::string, std::int64_t> before;
    for (const auto& [tensorName, tensor] : file.initializers)
        before[tensorName] = tensor.value.numel();
    for (const OnnxNode& node : file.nodes)
        if (const at::Tensor* value = constantOf(node); value && at::isFloatingType(value->scalar_type()) && value->numel() > 1)
            before[node.outputs.at(0)] = value->numel();
    file.outputs = {*taken};
    dropUnneeded(file);
    const std::set<std::string> used = namesRead(file);
    std::erase_if(file.initializers, [&](const auto& entry) { return !used.contains(entry.first); });
    for (const auto& [tensorName, count] : before)
        if (!used.contains(tensorName)) {
            out.tensors.push_back(tensorName);
            out.numbers += count;
        }
    return out;
}

std::string leftOutText(const std::string& taken, const LeftOut& left)
{
    if (left.outputs.empty())
        return {};
    const bool one = left.outputs.size() == 1;
    const std::string out = text("Of the outputs ", printable(taken), " is taken; ", outputsText(left.outputs), one ? " is" : " are",
                                 " left out, here and in exports");
    if (left.tensors.empty())
        return text(out, "; no tensor belongs to ", one ? "it" : "them", " alone.");
    return text(out, ", and with ", one ? "it " : "them ", left.tensors.size(), left.tensors.size() == 1 ? " tensor of " : " tensors of ", left.numbers,
                " numbers that ", one ? "it alone reads: " : "they alone read: ",
                listed(left.tensors, [](const std::string& t) { return printable(t); }), ".");
}

} // namespace mprdo

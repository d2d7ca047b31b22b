// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/vgg_plan.h"
#include "core/base/error.h"
#include <charconv>
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kWide = 7; ///< torchvision's classifier sees 7x7 positions

const std::map<int, std::vector<std::int64_t>>& stagesByDepth()
{
    static const std::map<int, std::vector<std::int64_t>> all{
        {11, {1, 1, 2, 2, 2}}, {13, {2, 2, 2, 2, 2}}, {16, {2, 2, 3, 3, 3}}, {19, {2, 2, 4, 4, 4}}};
    return all;
}

/// N of every "group.N.weight" of so many dimensions.
std::set<std::int64_t> modules(const StateDict& tensors, const std::string& group, std::int64_t dimensions)
{
    std::set<std::int64_t> out;
    for (const auto& [name, tensor] : tensors) {
        if (!name.starts_with(group + ".") || !name.ends_with(".weight") || tensor.dim() != dimensions)
            continue;
        const char *begin = name.data() + group.size() + 1, *end = name.data() + name.size() - 7;
        std::int64_t number = 0;
        const auto parsed = std::from_chars(begin, end, number);
        if (begin < end && parsed.ec == std::errc() && parsed.ptr == end)
            out.insert(number);
    }
    return out;
}

/// Names of the linear layers in their order.
std::vector<std::string> classifiers(const StateDict& tensors)
{
    if (tensors.count("classifier.weight"))
        return {"classifier"};
    std::vector<std::string> out;
    for (const std::int64_t number : modules(tensors, "classifier", 2))
        out.push_back(text("classifier.", number));
    return out;
}

Recognition recognise(const StateDict& tensors, const std::vector<std::int64_t>&)
{
    const std::set<std::int64_t> found = modules(tensors, "features", 4);
    const std::vector<std::string> linear = classifiers(tensors);
    if (found.empty())
        return {{}, text("features.0.weight has the shape ", shapeText(tensors.at("features.0.weight").sizes()),
                         ", not that of a convolution")};
    if (linear.empty())
        return {{}, "no linear layer named classifier or classifier.0, with which every VGG ends"};
    for (const std::string& name : vggFamily().names) {
        const std::vector<std::int64_t> expected = VggPlan(name).convolutions();
        if (std::set(expected.begin(), expected.end()) != found)
            continue;
        const std::int64_t channels = tensors.at(text("features.", *found.rbegin(), ".weight")).size(0);
        const at::Tensor& first = tensors.at(linear.front() + ".weight");
        const std::int64_t inputs = first.dim() == 2 ? first.size(1) : 0;
        if (inputs == channels)
            return {name + "-cifar", {}}; // names come without "-cifar" first
        if (inputs == channels * kWide * kWide)
            return {name, {}};
        return {{}, text(linear.front(), " takes ", inputs, " inputs; after ", channels, " channels ", name, " has ",
                         channels * kWide * kWide, ", ", name, "-cifar ", channels)};
    }
    return {{}, text("the ", found.size(), " convolutions features.0 to features.", *found.rbegin(),
                     " do not stand where VGG-11, 13, 16 or 19 has them")};
}

} // namespace

VggPlan::VggPlan(const std::string& architecture)
    : m_stages(stagesByDepth().at(std::stoi(architecture.substr(3)))) // "vgg" has three letters
    , m_norm(architecture.find("-bn") != std::string::npos)
    , m_cifar(architecture.ends_with("-cifar"))
{
}

std::vector<std::int64_t> VggPlan::convolutions() const
{
    std::vector<std::int64_t> out;
    std::int64_t module = 0;
    for (const std::int64_t count : m_stages) {
        for (std::int64_t i = 0; i < count; ++i, module += m_norm ? 3 : 2)
            out.push_back(module);
        ++module; // the pool
    }
    return out;
}

Feature VggPlan::write(NetworkWriter& w, Feature x) const
{
    const bool bias = w.fresh() || w.has("features.0.bias");
    std::int64_t module = 0, usual = 64;
    const auto name = [&] { return text("features.", module++); };
    for (const std::int64_t count : m_stages) {
        for (std::int64_t i = 0; i < count; ++i) {
            const std::string conv = name();
            x = w.conv(conv, x, {.channels = w.width(conv, usual), .bias = bias});
            if (m_norm)
                x = w.norm(name(), x);
            x = w.relu(name(), x);
        }
        x = w.maxPool(name(), x, 2, 2, 0);
        usual = std::min<std::int64_t>(2 * usual, 512);
    }
    x = w.pooledRow(x, m_cifar ? 1 : kWide);
    std::vector<std::string> linear = classifiers(w.tensors());
    if (linear.empty())
        linear = m_cifar ? std::vector<std::string>{"classifier"}
                         : std::vector<std::string>{"classifier.0", "classifier.3", "classifier.6"};
    for (std::size_t i = 0; i + 1 < linear.size(); ++i)
        x = w.relu(linear[i] + ".relu", w.linear(linear[i], x, w.width(linear[i], 4096)));
    return w.head(linear.back(), x);
}

Family vggFamily()
{
    std::vector<std::string> names;
    for (const char* variant : {"", "-bn", "-cifar", "-bn-cifar"})
        for (const auto& [depth, stages] : stagesByDepth())
            names.push_back(text("vgg", depth, variant));
    return {"features.0.weight", names,
            [](const std::string& architecture) -> std::unique_ptr<NetworkPlan> {
                return std::make_unique<VggPlan>(architecture);
            },
            recognise};
}

} // namespace mprdo

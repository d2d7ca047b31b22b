// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/architectures.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include "core/import/residual_plan.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestSide = 4096;

/// Levenshtein distance.
std::size_t distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

ResidualPlan planOf(const std::string& architecture)
{
    if (auto plan = residualPlan(architecture))
        return *plan;
    const auto& names = architectureNames();
    const auto nearest = std::min_element(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
        return distance(architecture, a) < distance(architecture, b);
    });
    throw Error(ErrorCode::Usage, text("unknown architecture \"", architecture, "\"; the nearest known one is ", *nearest));
}

/// Two spellings of the same modules are in use: downsample and shortcut, fc and linear.
void adoptNames(ResidualPlan& plan, const StateDict& tensors)
{
    for (const char* projection : {"downsample", "shortcut"})
        if (tensors.count(ResidualPlan::blockName(1, 0) + "." + projection + ".0.weight"))
            plan.projection = projection;
    for (const char* head : {"fc", "linear"})
        if (tensors.count(std::string(head) + ".weight"))
            plan.head = head;
}

bool isBookkeeping(const std::string& name) { return name.ends_with("num_batches_tracked"); }

/// As float32; every element finite, variances not negative.
at::Tensor checkedValues(const std::string& name, const at::Tensor& tensor)
{
    check(at::isFloatingType(tensor.scalar_type()) || at::isIntegralType(tensor.scalar_type(), true), ErrorCode::Unsupported,
          name, ": cannot convert elements of type ", toString(tensor.scalar_type()), " to float32");
    const at::Tensor values = tensor.detach().to(at::kFloat).contiguous();
    const float* p = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
        check(std::isfinite(p[i]), ErrorCode::NonFinite, name, ": element ", i, " is ", std::isnan(p[i]) ? "NaN" : "infinite");
    if (name.ends_with(".running_var"))
        for (std::int64_t i = 0; i < values.numel(); ++i)
            check(p[i] >= 0, ErrorCode::NonFinite, name, ": element ", i, " is negative, which has no square root");
    return values;
}

/// Missing, misshaped and extra tensors, each named; the number of classes comes from the head.
StateDict checkedTensors(const ResidualPlan& plan, const StateDict& tensors)
{
    const auto head = tensors.find(plan.head + ".weight");
    const std::int64_t classes
        = head != tensors.end() && head->second.dim() == 2 && head->second.size(0) > 0 ? head->second.size(0) : 10;
    StateDict out;
    for (const auto& [name, shape] : plan.parameterShapes(classes)) {
        const auto it = tensors.find(name);
        check(it != tensors.end(), ErrorCode::ShapeMismatch, name, ": missing; ", plan.architecture, " expects ", shapeText(shape));
        check(it->second.sizes().vec() == shape, ErrorCode::ShapeMismatch, name, ": expected ", shapeText(shape), ", file has ",
              shapeText(it->second.sizes()));
        out.emplace(name, at::Tensor());
    }
    for (const auto& [name, tensor] : tensors)
        check(out.count(name) || isBookkeeping(name), ErrorCode::ShapeMismatch, name, ": ", plan.architecture,
              " has no tensor of that name");
    for (auto& [name, tensor] : out)
        tensor = checkedValues(name, tensors.at(name));
    return out;
}

ValueId addShortcut(GraphBuilder& g, const ResidualPlan& plan, const std::string& block, ValueId x, std::int64_t to)
{
    const std::int64_t from = g.shape(x)[1];
    if (from == to)
        return x;
    if (plan.shortcut == Shortcut::Projection) {
        const std::string name = block + "." + plan.projection;
        return g.batchNorm(name + ".1", g.conv2d(name + ".0", x, 2, 0));
    }
    using Ints = std::vector<std::int64_t>;
    x = g.add(Op::Slice, block + ".shortcut.slice", {x}, {}, {{"axes", Ints{2, 3}}, {"starts", Ints{0, 0}}, {"steps", Ints{2, 2}}});
    const std::int64_t before = (to - from) / 2;
    return g.add(Op::Pad, block + ".shortcut.pad", {x}, {},
                 {{"before", Ints{0, before, 0, 0}}, {"after", Ints{0, to - from - before, 0, 0}}});
}

ValueId addBlock(GraphBuilder& g, const ResidualPlan& plan, const std::string& block, ValueId x, std::int64_t to)
{
    const std::int64_t stride = g.shape(x)[1] == to ? 1 : 2;
    ValueId y = g.relu(block + ".relu1", g.batchNorm(block + ".bn1", g.conv2d(block + ".conv1", x, stride, 1)));
    y = g.batchNorm(block + ".bn2", g.conv2d(block + ".conv2", y, 1, 1));
    return g.relu(block + ".relu2", g.add(Op::Add, block + ".add", {y, addShortcut(g, plan, block, x, to)}));
}

at::Tensor uniformHead(const std::vector<std::int64_t>& shape, std::int64_t fanIn, std::uint64_t seed, const std::string& name)
{
    auto draw = generator(seed, name);
    const double bound = 1.0 / std::sqrt(static_cast<double>(fanIn));
    return at::rand(shape, draw) * (2 * bound) - bound;
}

} // namespace

const std::vector<std::string>& architectureNames()
{
    static const std::vector<std::string> names{
        "resnet18",   "resnet34",   "resnet18-cifar", "resnet34-cifar", "resnet20",   "resnet32",   "resnet44",
        "resnet56",   "resnet110",  "resnet20-b",     "resnet32-b",     "resnet44-b", "resnet56-b", "resnet110-b",
        "resnet8"};
    return names;
}

Graph buildArchitecture(const std::string& architecture, const StateDict& tensors, const std::vector<std::int64_t>& inputShape)
{
    ResidualPlan plan = planOf(architecture);
    adoptNames(plan, tensors);
    check(inputShape.size() == 3 && inputShape[0] == 3 && inputShape[1] >= 1 && inputShape[2] >= 1
              && inputShape[1] <= kLargestSide && inputShape[2] <= kLargestSide,
          ErrorCode::ShapeMismatch, "input shape ", shapeText(inputShape), ": ", architecture,
          " expects [3, H, W] with H and W from 1 to ", kLargestSide);
    GraphBuilder g;
    for (const auto& [name, tensor] : checkedTensors(plan, tensors))
        g.parameter(name, tensor);
    ValueId x = g.input("input", inputShape);
    x = g.conv2d("conv1", x, plan.imageNetStem ? 2 : 1, plan.imageNetStem ? 3 : 1);
    x = g.relu("relu", g.batchNorm("bn1", x));
    if (plan.imageNetStem)
        x = g.add(Op::MaxPool2d, "maxpool", {x}, {},
                  {{"kernel", std::int64_t(3)}, {"stride", std::int64_t(2)}, {"padding", std::int64_t(1)}});
    for (std::size_t stage = 0; stage < plan.blocks.size(); ++stage)
        for (std::int64_t b = 0; b < plan.blocks[stage]; ++b)
            x = addBlock(g, plan, ResidualPlan::blockName(stage, b), x, plan.stageWidth(stage));
    x = g.add(Op::AdaptiveAvgPool2d, "avgpool", {x}, {}, {{"size", std::int64_t(1)}});
    x = g.add(Op::Flatten, "flatten", {x});
    return g.finish(g.linear(plan.head, x), architecture);
}

StateDict initialStateDict(const std::string& architecture, std::int64_t classes, std::uint64_t seed)
{
    check(classes >= 1, ErrorCode::Usage, architecture, ": cannot have ", classes, " classes");
    const ResidualPlan plan = planOf(architecture);
    StateDict out;
    std::int64_t features = 0;
    for (const auto& [name, shape] : plan.parameterShapes(classes)) {
        const std::int64_t fanIn = std::accumulate(shape.begin() + 1, shape.end(), std::int64_t(1), std::multiplies<>());
        if (shape.size() == 4) {
            auto draw = generator(seed, name);
            out[name] = at::randn(shape, draw) * std::sqrt(2.0 / static_cast<double>(fanIn));
        } else if (name.starts_with(plan.head + ".")) {
            features = shape.size() == 2 ? fanIn : features; // the weight comes before the bias
            out[name] = uniformHead(shape, features, seed, name);
        } else {
            const bool one = name.ends_with(".weight") || name.ends_with(".running_var");
            out[name] = at::full(shape, one ? 1.0 : 0.0, at::kFloat);
        }
    }
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
    weight = uniformHead({classes, features}, features, seed, node->parameters.at("weight"));
    if (const auto bias = node->parameters.find("bias"); bias != node->parameters.end())
        graph.parameters.at(bias->second) = uniformHead({classes}, features, seed, bias->second);
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

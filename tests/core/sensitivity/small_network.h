// SPDX-License-Identifier: GPL-3.0-or-later
// A random network that has every kind of layer: plain, grouped, strided, tied, on a residual branch, linear.
#pragma once
#include "core/base/artefact_cache.h"
#include "core/base/random.h"
#include "core/data/image_set.h"
#include "core/graph/graph_builder.h"
#include <map>
#include <memory>

namespace mprdo::test {

inline constexpr std::int64_t kClasses = 5;

inline std::shared_ptr<const Graph> smallNetwork()
{
    auto g = generator(11, "small network");
    GraphBuilder b;
    const auto parameter = [&](const char* name, const std::vector<std::int64_t>& shape, double scale) {
        b.parameter(name, at::randn(shape, g) * scale);
    };
    parameter("conv1.weight", {8, 3, 3, 3}, 0.3);
    parameter("conv1.bias", {8}, 0.1);
    parameter("grouped.weight", {8, 4, 3, 3}, 0.3);
    parameter("tied.weight", {8, 8, 3, 3}, 0.2);
    parameter("shortcut.weight", {8, 8, 1, 1}, 0.4);
    parameter("down.weight", {8, 8, 3, 3}, 0.2);
    parameter("down.bias", {8}, 0.1);
    parameter("linear.weight", {kClasses, 8}, 0.6);
    parameter("linear.bias", {kClasses}, 0.1);
    const ValueId images = b.input("images", {3, 6, 6});
    const ValueId x = b.relu("relu1", b.conv2d("conv1", images, 1, 1));
    const ValueId grouped = b.relu("relu2", b.conv2d("grouped", x, 1, 1, 2));
    const std::map<std::string, std::string> tied{{"weight", "tied.weight"}};
    const std::map<std::string, Attribute> same{{"stride", std::int64_t(1)}, {"padding", std::int64_t(1)}};
    const ValueId once = b.relu("relu3", b.add(Op::Conv2d, "tied_once", {grouped}, tied, same));
    const ValueId twice = b.add(Op::Conv2d, "tied_twice", {once}, tied, same);
    const ValueId sum = b.relu("relu4", b.add(Op::Add, "add", {twice, b.conv2d("shortcut", x, 1, 0)}));
    const ValueId down = b.relu("relu5", b.conv2d("down", sum, 2, 1));
    const ValueId mean = b.add(Op::Mean, "mean", {down}, {}, {{"axes", std::vector<std::int64_t>{2, 3}}});
    return std::make_shared<const Graph>(b.finish(b.linear("linear", mean), "test"));
}

inline CalibrationSet randomImages(std::int64_t count)
{
    auto g = generator(12, "images");
    ImageSet set;
    set.images = at::randint(0, 256, {count, 3, 6, 6}, g, at::kByte);
    set.labels = at::randint(0, kClasses, {count}, g, at::kLong);
    set.preprocessing = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    return {set};
}

/// Keeps everything in memory and counts.
class CountingCache final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string& kind, const std::string& key) override
    {
        const auto it = m_kept.find(kind + key);
        hits += it != m_kept.end();
        return it == m_kept.end() ? std::nullopt : std::optional(it->second);
    }
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override
    {
        ++keeps[kind];
        m_kept[kind + key] = bytes;
    }
    std::map<std::string, int> keeps; ///< by kind
    int hits = 0;

private:
    std::map<std::string, std::string> m_kept;
};

inline bool close(double a, double b, double relative)
{
    return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b)) + 1e-12;
}

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/extra_tensors.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <array>
#include <map>
#include <sstream>

namespace mprdo {
namespace {

constexpr std::size_t kNamed = 8;

/// Left behind by profilers in every module (thop, ptflops).
constexpr std::array<std::string_view, 5> kProfilers{"total_ops", "total_params", "__flops__", "__params__", "__macs__"};
/// Of whole modules beside the network.
constexpr std::array<std::string_view, 6> kBesideModules{"criterion", "loss", "teacher", "ema", "metric", "optimizer"};
/// Of single tensors beside it.
constexpr std::array<std::string_view, 17> kBesideTensors{"anchor", "mask", "mean", "std", "epoch", "step", "best", "average", "updates",
                                                          "decay", "center", "grid", "stride", "queue", "class_weights", "prior", "version"};

std::string lower(std::string s)
{
    std::transform(s.begin(), s.end(), s.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return s;
}

template <std::size_t N>
bool mentions(const std::string& s, const std::array<std::string_view, N>& words)
{
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return s.find(w) != std::string::npos; });
}

/// "layer1.0" of "layer1.0.conv1"; "" without a dot.
std::string owner(const std::string& name)
{
    const auto dot = name.rfind('.');
    return dot == std::string::npos ? std::string() : name.substr(0, dot);
}
std::string last(const std::string& name) { return name.substr(name.rfind('.') + 1); }

bool isRole(const std::string& word)
{
    return word == "weight" || word == "bias" || word == "running_mean" || word == "running_var" || word == "gamma" || word == "beta";
}

/// A mask that only covers weights that are zero.
bool coversZeros(const at::Tensor& mask, const at::Tensor& weight)
{
    return mask.numel() == weight.numel() && mask.dim() == weight.dim()
        && !at::logical_and(mask.to(at::kFloat) == 0, weight.to(at::kFloat) != 0).any().item<bool>();
}

} // namespace

bool isBesideNetwork(const std::string& name) { return mentions(lower(name.substr(0, name.find('.'))), kBesideModules); }

bool takesNoPart(const std::string& name, const StateDict& tensors, const std::function<bool(const std::string&)>& used)
{
    const std::string word = last(name), module = owner(name);
    const at::Tensor& tensor = tensors.at(name);
    if (isBookkeeping(name) || std::find(kProfilers.begin(), kProfilers.end(), word) != kProfilers.end())
        return true;
    if (tensor.numel() <= 1 && at::isIntegralType(tensor.scalar_type(), true) && !isRole(word))
        return true;
    for (const char* of : {".weight", ".bias"}) // "conv1.mask", "conv1.weight_mask" beside "conv1.weight"
        if (const auto it = tensors.find(module + of);
            it != tensors.end() && used(it->first) && lower(word).find("mask") != std::string::npos
            && it->second.sizes() == tensor.sizes())
            return coversZeros(tensor, it->second);
    const std::string first = name.substr(0, name.find('.'));
    const bool within = std::any_of(tensors.begin(), tensors.end(), [&](const auto& t) {
        return (t.first.starts_with(first + ".") || (!module.empty() && t.first.starts_with(module + "."))) && used(t.first);
    });
    if (within)
        return false;
    if (!module.empty() && isBesideNetwork(name))
        return true;
    return !isRole(word) && mentions(lower(word), kBesideTensors);
}

std::string leftOutNotice(const std::vector<std::pair<std::string, at::Tensor>>& tensors)
{
    if (tensors.empty())
        return {};
    std::ostringstream out;
    out << tensors.size() << (tensors.size() == 1 ? " tensor is no part of the network and left out: "
                                                  : " tensors are no part of the network and left out: ");
    for (std::size_t i = 0; i < std::min(tensors.size(), kNamed); ++i) {
        const auto& [name, tensor] = tensors[i];
        out << (i ? ", " : "") << printable(name) << ' ' << shapeText(tensor.sizes());
        const std::string word = lower(last(name));
        const bool ofImages = word.find("mean") != std::string::npos || word.find("std") != std::string::npos;
        if (ofImages && tensor.numel() >= 1 && tensor.numel() <= 3 && at::isFloatingType(tensor.scalar_type())) {
            const at::Tensor values = tensor.to(at::kFloat).contiguous();
            out << " (";
            for (std::int64_t c = 0; c < values.numel(); ++c)
                out << (c ? ", " : "") << values.data_ptr<float>()[c];
            out << ": the run's mean and std must do what the network did with it)";
        }
    }
    out << (tensors.size() > kNamed ? ", ..." : ".");
    return out.str();
}

std::vector<std::pair<std::string, at::Tensor>> wholeWeights(std::vector<std::pair<std::string, at::Tensor>> tensors,
                                                             std::vector<std::string>& parts)
{
    std::map<std::string, at::Tensor> all(tensors.begin(), tensors.end());
    std::vector<std::pair<std::string, at::Tensor>> out;
    const auto find = [&](const std::string& name) -> const at::Tensor* {
        const auto it = all.find(name);
        return it == all.end() || it->second.dim() == 0 || !at::isFloatingType(it->second.scalar_type()) ? nullptr : &it->second;
    };
    for (auto& [name, tensor] : tensors) {
        const auto stem = [&](std::string_view ending) { return name.substr(0, name.size() - ending.size()); };
        if (name.ends_with("_orig") && !all.count(stem("_orig"))) {
            const at::Tensor *mask = find(stem("_orig") + "_mask"), *values = find(name);
            if (mask && values && mask->sizes() == values->sizes()) {
                out.emplace_back(stem("_orig"), *values * *mask);
                parts.push_back(stem("_orig"));
                continue;
            }
        }
        if (name.ends_with("_mask") && find(stem("_mask") + "_orig") && find(stem("_mask") + "_orig")->sizes() == tensor.sizes()
            && !all.count(stem("_mask")))
            continue; // taken with its values
        bool scaled = false;
        for (const auto& [direction, length, whole] :
             {std::array<std::string_view, 3>{"weight_v", "weight_g", "weight"},
              std::array<std::string_view, 3>{"parametrizations.weight.original1", "parametrizations.weight.original0", "weight"}}) {
            const bool isDirection = name == direction || name.ends_with("." + std::string(direction));
            const bool isLength = name == length || name.ends_with("." + std::string(length));
            if (!isDirection && !isLength)
                continue;
            const std::string base = stem(isDirection ? direction : length);
            const at::Tensor *v = find(base + std::string(direction)), *g = find(base + std::string(length));
            if (!v || !g || v->dim() != g->dim() || all.count(base + std::string(whole)))
                continue;
            std::vector<std::int64_t> over;
            bool fits = true;
            for (std::int64_t d = 0; d < v->dim(); ++d) {
                if (g->size(d) == 1 && v->size(d) != 1)
                    over.push_back(d);
                fits = fits && (g->size(d) == 1 || g->size(d) == v->size(d));
            }
            if (!fits)
                continue;
            scaled = true;
            if (isDirection) {
                const at::Tensor wide = v->to(at::kDouble);
                const at::Tensor norm = over.empty() ? wide.abs() : wide.square().sum(over, true).sqrt();
                out.emplace_back(base + std::string(whole), (wide * (g->to(at::kDouble) / norm)).to(at::kFloat));
                parts.push_back(base + std::string(whole));
            }
        }
        if (!scaled)
            out.emplace_back(name, tensor);
    }
    return out;
}

} // namespace mprdo

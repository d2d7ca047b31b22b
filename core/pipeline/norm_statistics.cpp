// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/norm_statistics.h"
#include "core/base/error.h"
#include "core/exec/executor.h"
#include <algorithm>
#include <cmath>
#include <map>

namespace mprdo {
namespace {

constexpr std::int64_t kFewImages = 64, kSmallSide = 64, kBatch = 32;
constexpr double kUsualEpsilon = 1e-5;

/// Sums over images and positions, per channel, in double precision.
struct Sums {
    at::Tensor sum, squares;
    double count = 0;

    void add(const at::Tensor& values)
    {
        std::vector<std::int64_t> over;
        for (std::int64_t d = 0; d < values.dim(); ++d)
            if (d != 1)
                over.push_back(d);
        const at::Tensor wide = values.to(at::kDouble);
        const at::Tensor s = wide.sum(over), q = wide.square().sum(over);
        sum = sum.defined() ? sum + s : s;
        squares = squares.defined() ? squares + q : q;
        count += double(values.numel()) / double(values.size(1));
    }
};

std::string percentText(double fraction)
{
    return !std::isfinite(fraction) ? "more than 1000 %" : fraction > 10 ? "more than 1000 %" : text(std::round(1000 * fraction) / 10, " %");
}

/// "usually 12 %, at most 30 % at layer1.0.bn1"
std::string deviationText(const NormFit& fit)
{
    return text("usually ", percentText(fit.usual), ", at most ", percentText(fit.largest), " at ", fit.norm);
}

void chooseAlternative(ImportedModel& model, const ImageSet& images, const RunControl& control)
{
    if (model.alternatives.empty())
        return;
    const std::vector<NormDeviation> own = normDeviations(model.graph, images, control, kFewImages);
    if (own.empty() || fitOf(own).holds())
        return;
    const std::string names = model.graph.architecture + " or " + architecturesOf(model.alternatives);
    for (const Graph& other : model.alternatives) {
        const std::vector<NormDeviation> measured = normDeviations(other, images, control, kFewImages);
        if (measured.empty() || !fitOf(measured).holds())
            continue;
        model.graph = other;
        addGraph(model.snapshot, model.graph);
        model.snapshot.notices.push_back(text("By its tensors the file is ", names, ", which differ in strides and pools; the means and variances of its ",
                                              "batch norms, measured on the images, are those of ", other.architecture, ", which is taken."));
        return;
    }
    model.snapshot.notices.push_back(text("By its tensors the file is ", names, ", which differ in strides and pools; the means and variances measured on ",
                                          "the images confirm none of them (they deviate by ", deviationText(fitOf(own)),
                                          "): it is read as ", model.graph.architecture, ", but may be another network or want other --mean and --std."));
}

} // namespace

std::vector<NormDeviation> normDeviations(const Graph& graph, const ImageSet& images, const RunControl& control, std::int64_t most)
{
    NoGrad noGrad;
    std::map<ValueId, Sums> sums;
    Overlay overlay;
    for (const Node& node : graph.nodes)
        if (node.op == Op::BatchNorm)
            sums[node.inputs[0]];
    for (auto& [value, sum] : sums)
        overlay.values[value] = [&sum = sum](const at::Tensor& t) {
            sum.add(t);
            return t;
        };
    const std::int64_t side = std::max(images.images.size(2), images.images.size(3));
    const std::int64_t count = std::min({images.size(), most, side > kSmallSide ? kFewImages : most});
    for (std::int64_t begin = 0; begin < count; begin += kBatch) {
        control.throwIfCancelled();
        std::vector<std::int64_t> picked;
        for (std::int64_t i = begin; i < std::min(begin + kBatch, count); ++i)
            picked.push_back(i * images.size() / count);
        execute(graph, {{graph.inputs.at(0), images.pick(at::tensor(picked, at::kLong))}}, {graph.outputs.at(0)}, overlay);
    }
    std::vector<NormDeviation> out;
    for (const Node& node : graph.nodes) {
        if (node.op != Op::BatchNorm)
            continue;
        const Sums& s = sums.at(node.inputs[0]);
        const at::Tensor mean = s.sum / s.count, variance = s.squares / s.count - mean.square();
        const at::Tensor stored = graph.parameter(node.parameters.at("variance")).to(at::kDouble);
        const at::Tensor scale = stored + node.number("epsilon", kUsualEpsilon);
        const at::Tensor byMean = (mean - graph.parameter(node.parameters.at("mean")).to(at::kDouble)).abs() / scale.sqrt();
        const at::Tensor bySpread = (((variance + node.number("epsilon", kUsualEpsilon)) / scale).sqrt() - 1).abs();
        out.push_back({node.name, byMean.median().item<double>(), bySpread.median().item<double>()});
    }
    return out;
}

NormFit fitOf(const std::vector<NormDeviation>& all)
{
    std::vector<double> sizes;
    for (const NormDeviation& d : all)
        sizes.push_back(std::isnan(d.larger()) ? INFINITY : d.larger());
    const auto largest = std::max_element(sizes.begin(), sizes.end());
    NormFit out{0, *largest, all[static_cast<std::size_t>(largest - sizes.begin())].norm};
    std::sort(sizes.begin(), sizes.end());
    out.usual = sizes[sizes.size() / 2];
    return out;
}

void settleGuesses(ImportedModel& model, const ImageSet& images, const std::string& path, const RunControl& control)
{
    if (model.guesses.empty())
        return chooseAlternative(model, images, control);
    const std::string names = architecturesOf(model.guesses);
    std::size_t best = 0;
    std::vector<NormDeviation> deviations;
    for (std::size_t i = 0; i < model.guesses.size(); ++i) {
        const std::vector<NormDeviation> measured = normDeviations(model.guesses[i], images, control);
        if (measured.empty())
            continue;
        if (deviations.empty() || !(fitOf(measured).largest >= fitOf(deviations).largest)) {
            best = i;
            deviations = measured;
        }
    }
    check(model.named || !deviations.empty(), ErrorCode::Unsupported, path, ": looks like ", names,
          " under other names, but has no batch norms by which the data could confirm that; --arch ", model.guesses.front().architecture,
          " takes it as that network");
    const bool fits = !deviations.empty() && fitOf(deviations).holds();
    const std::string& taken = model.guesses[best].architecture;
    const std::string measured = deviations.empty() ? std::string() : deviationText(fitOf(deviations));
    check(model.named || fits, ErrorCode::Unsupported, path, ": looks like ", names, " under other names, but means and variances measured on "
          "the images differ from those of its batch norms (", measured, "; ", percentText(kUsualDeviation), " and ", percentText(kLargestDeviation),
          " are taken), so it is another network or wants other --mean and --std; --arch ", taken, " takes it as that network all the same");
    model.graph = model.guesses[best];
    model.guesses.clear();
    addGraph(model.snapshot, model.graph);
    std::string notice = text("The file looks like ", taken, " under other names: it is read by the shapes of its layers in their order");
    notice += fits ? text("; the means and variances of ", deviations.size(), " batch norms, measured on the images, do not contradict it (they deviate by ",
                          measured, "); strides, activations and pools are those of ", taken, ", which they cannot prove.")
        : deviations.empty() ? std::string(", for --arch says so; without batch norms no data can confirm it.")
                             : text(", for --arch says so, but means and variances measured on the images differ from those of its batch norms "
                                    "(", measured, "): it may be another network or want other --mean and --std.");
    model.snapshot.notices.push_back(notice);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/norm_statistics.h"
#include "core/base/error.h"
#include "core/data/usual_preparations.h"
#include "core/exec/executor.h"
#include "core/pipeline/graph_variants.h"
#include <algorithm>
#include <cmath>
#include <map>

namespace mprdo {
namespace {

constexpr std::int64_t kFewImages = 64, kSmallSide = 64, kBatch = 32;
constexpr std::int64_t kFirstLook = 8, kSecondLook = 64;
constexpr double kUsualEpsilon = 1e-5, kMostCounted = 10;
// In ResNet-20 and two ResNet-18 an activation left out or a stride changed makes the mean over norms 1.25 to 17 times as large, a ReLU more 0.99 to 1.8 times.
constexpr double kClearly = 0.95;

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

/// "; they fit with mean and std of ImageNet (--mean ...)", where one usual preparation does.
std::string fittingPreparation(const Graph& graph, const ImageSet& images, const RunControl& control)
{
    for (const Preparation& other : usualPreparations(images.preprocessing, images.images.size(1))) {
        ImageSet prepared = images;
        prepared.preprocessing = other.values;
        if (fitOf(normDeviations(graph, prepared, control, kSecondLook)).holds())
            return text("; they fit with ", other.name, " (", other.options, ")");
    }
    return {};
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
    NormFit out;
    for (const NormDeviation& d : all) {
        sizes.push_back(std::isnan(d.larger()) ? INFINITY : d.larger());
        out.mean += std::min(sizes.back(), kMostCounted) / double(all.size());
    }
    const auto largest = std::max_element(sizes.begin(), sizes.end());
    out.largest = *largest;
    out.norm = all[static_cast<std::size_t>(largest - sizes.begin())].norm;
    std::sort(sizes.begin(), sizes.end());
    out.usual = sizes[sizes.size() / 2];
    return out;
}

std::optional<Rival> rivalOf(const Graph& graph, const ImageSet& images, const RunControl& control)
{
    const auto fit = [&](const Graph& of, std::int64_t most) { return fitOf(normDeviations(of, images, control, most)); };
    const NormFit first = fit(graph, kFirstLook), own = fit(graph, kSecondLook);
    std::optional<Rival> best;
    for (const GraphVariant& variant : graphVariants(graph)) {
        control.throwIfCancelled();
        try {
            if (fit(variant.graph, kFirstLook).mean >= first.mean)
                continue;
            if (const NormFit second = fit(variant.graph, kSecondLook); second.mean < (best ? best->fit.mean : kClearly * own.mean))
                best = Rival{variant.difference, own, second};
        } catch (const std::exception&) { // it does not run: shapes do not fit
        }
    }
    return best;
}

void settleGuesses(ImportedModel& model, const ImageSet& images, const std::string& path, const RunControl& control)
{
    if (model.guesses.empty())
        return chooseAlternative(model, images, control);
    const std::string names = architecturesOf(model.guesses);
    const Graph* best = &model.guesses.front();
    std::optional<NormFit> fit;
    for (const Graph& guess : model.guesses) {
        const std::vector<NormDeviation> measured = normDeviations(guess, images, control);
        if (measured.empty())
            continue;
        if (const NormFit one = fitOf(measured); !fit || one.mean < fit->mean) {
            best = &guess;
            fit = one;
        }
    }
    const std::string taken = best->architecture;
    const std::string looks = text(path, ": looks like ", names, " under other names");
    check(model.named || fit, ErrorCode::Unsupported, looks, ", but has no batch norms by which the data could confirm that; --arch ", taken,
          " takes it as that network");
    std::string doubt;
    const auto rival = fit ? rivalOf(*best, images, control) : std::nullopt;
    if (rival && (fit->holds() || rival->fit.holds()))
        doubt = text("the same tensors suit the images better ", rival->difference, ": batch norms deviate by ", percentText(rival->fit.mean), " in the mean, not by ", percentText(rival->own.mean));
    else if (fit && !fit->holds())
        doubt = text("means and variances measured on the images differ from those of its batch norms (", deviationText(*fit), "; ",
                     percentText(kUsualDeviation), " and ", percentText(kLargestDeviation), " are taken)", fittingPreparation(*best, images, control));
    check(model.named || doubt.empty(), ErrorCode::Unsupported, looks, ", but ", doubt, "; --arch ", taken, " takes it as that network all the same");
    std::string notice = text("The file looks like ", taken, " under other names: it is read by the shapes of its layers in their order");
    if (!fit)
        notice += ", for --arch says so; without batch norms no data can confirm it.";
    else if (!doubt.empty())
        notice += text(", for --arch says so, but ", doubt, ": it may be another network.");
    else
        notice += text("; the means and variances of its batch norms are those measured on the images (they deviate by ", deviationText(*fit),
                       "), and none with another stride, activation or pool at one place before the last of them suits the images clearly better.");
    model.graph = Graph(*best); // best lies among the guesses
    model.guesses.clear();
    addGraph(model.snapshot, model.graph);
    model.snapshot.notices.push_back(notice);
}

} // namespace mprdo

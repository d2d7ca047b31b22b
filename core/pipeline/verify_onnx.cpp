// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/verify_onnx.h"
#include "core/base/error.h"
#include "core/evaluate/evaluator.h"
#include "core/pipeline/onnx_runtime.h"
#include <cmath>
#include <limits>

namespace mprdo {
namespace {

/// labels undefined: NaN
double accuracy(const at::Tensor& logits, const at::Tensor& labels)
{
    if (!labels.defined())
        return std::numeric_limits<double>::quiet_NaN();
    return 100 * logits.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

/// float64 [N, outputs]; one probability as those of both classes.
at::Tensor rowsOf(const at::Tensor& output)
{
    const at::Tensor rows = output.to(at::kDouble).reshape({output.size(0), -1});
    return rows.size(1) == 1 ? at::cat({1 - rows, rows}, 1) : rows;
}

} // namespace

RuntimeAgreement compareLogits(const std::string& path, const at::Tensor& ours, const at::Tensor& theirs, const at::Tensor& labels,
                               bool roundedActivations, double bound)
{
    NoGrad noGrad;
    check(ours.sizes() == theirs.sizes(), ErrorCode::BadFile, path, ": ONNX Runtime makes logits of the shape ", shapeText(theirs.sizes()),
          ", this program of ", shapeText(ours.sizes()));
    const at::Tensor a = rowsOf(ours), b = rowsOf(theirs);
    const at::Tensor largest = a.abs().amax(1).clamp_min(1e-30); // [N]
    const at::Tensor difference = (a - b).abs().amax(1) / largest;
    const at::Tensor same = a.argmax(1).eq(b.argmax(1));
    const at::Tensor best = std::get<0>(a.topk(std::min<std::int64_t>(2, a.size(1)), 1));
    const at::Tensor close = best.size(1) < 2 ? at::zeros_like(same) : (best.select(1, 0) - best.select(1, 1)).le(bound * largest);
    RuntimeAgreement out;
    out.largestDifference = difference.max().item<double>();
    out.sameTop1 = same.sum().item<std::int64_t>();
    out.undecided = (same.logical_not() & close).sum().item<std::int64_t>();
    out.accuracyPercent = accuracy(b, labels);
    const std::int64_t images = a.size(0);
    if (roundedActivations)
        out.holds = 100.0 * double(out.sameTop1) >= kVerifiedAgreementPercent * double(images)
                    && !(std::abs(out.accuracyPercent - accuracy(a, labels)) > kVerifiedAccuracyPoints + 1e-9);
    else
        out.holds = out.largestDifference <= bound && out.sameTop1 + out.undecided == images;
    return out;
}

OnnxVerification verifyOnnx(const std::string& path, const QuantizedModel& model, const ImageSet& images, const std::string& folder,
                            const RunControl& control, std::optional<Layout> layout, const RuntimeInput& feeding, double difference)
{
    NoGrad noGrad;
    OnnxVerification out;
    out.path = path;
    out.images = images.size();
    out.bound = difference;
    out.roundedActivations = !model.activations.empty();
    const at::Tensor ours = outputs(*model.graph, model.overlay(), images, control);
    ImageSet fed = images;
    fed.preprocessing.layout = layout.value_or(fed.preprocessing.layout);
    const at::Tensor batch = fed.batch(0, fed.size());
    out.accuracyPercent = accuracy(rowsOf(ours), images.labels);
    const std::vector<RuntimeJob> jobs{{path, batch, "disabled", feeding}, {path, batch, "all", feeding}};
    const RuntimeAnswers theirs = runOnnxRuntime(jobs, folder, control);
    out.runtime = "ONNX Runtime " + theirs.version;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        out.levels.push_back(compareLogits(path, ours, theirs.outputs[i], images.labels, out.roundedActivations, difference));
        out.levels.back().optimisation = jobs[i].level;
    }
    return out;
}

} // namespace mprdo

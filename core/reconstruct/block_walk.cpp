// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/block_walk.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/timer.h"
#include "core/quant/code_rate.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/mirrored.h"
#include "core/reconstruct/wanted_output.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::size_t kRemembered = 3;    ///< outputs of a block: the start's, the best and the one held against it
constexpr std::int64_t kQuickImages = 128;
constexpr std::int64_t kGateImages = 512; ///< hold-out images that judge a block; the whole set judges the stage

ValueMap runBlock(const Graph& graph, const Block& block, const at::Tensor& x, const Overlay& overlay,
                  const std::vector<ValueId>& fetches, const RunControl& run)
{
    NoGrad noGrad;
    std::map<ValueId, std::vector<at::Tensor>> parts;
    for (std::int64_t b = 0; b < x.size(0); b += kBatch) {
        run.throwIfCancelled();
        const at::Tensor part = x.slice(0, b, std::min(x.size(0), b + kBatch));
        for (const auto& [value, tensor] : execute(graph, {{block.input, part}}, fetches, overlay))
            parts[value].push_back(tensor);
    }
    ValueMap out;
    for (const auto& [value, tensors] : parts)
        out[value] = at::cat(tensors);
    return out;
}

at::Tensor runBlock(const Graph& graph, const Block& block, const at::Tensor& x, const Overlay& overlay, const RunControl& run)
{
    return runBlock(graph, block, x, overlay, {block.output}, run).at(block.output);
}

/// The block's output, and where each of its layers is judged.
std::vector<ValueId> judgedValues(const Graph& graph, const Block& block, const std::vector<Layer>& layers)
{
    std::vector<ValueId> out{block.output};
    for (const std::size_t l : block.layers)
        for (const std::size_t n : layers[l].nodes)
            if (n >= block.begin && n < block.end)
                if (const ValueId v = wantedOutput(graph, block, graph.nodes[n]).value; std::find(out.begin(), out.end(), v) == out.end())
                    out.push_back(v);
    return out;
}

std::string keyOf(const Block& block, const std::vector<Layer>& layers, const QuantizedModel& model)
{
    return Hash().add(encodeBlock(block, layers, model)).hex();
}

double cost(const Block& block, const std::vector<std::int64_t>& macs)
{
    double sum = 1;
    for (std::size_t n = block.begin; n < block.end; ++n)
        sum += double(macs[n]);
    return sum;
}

struct Finished {
    double before = 0, after = 0;
    bool accepted = false;
    std::vector<StageRecord::Sweep> sweeps;
    std::string state;
};

std::string encode(const Finished& f)
{
    ByteWriter out;
    out.number(f.before).number(f.after).integer(f.accepted).integer(static_cast<std::int64_t>(f.sweeps.size()));
    for (const auto& s : f.sweeps)
        out.string(s.block).integer(s.sweep).number(s.error).number(s.rateBits);
    out.string(f.state);
    return out.bytes();
}

Finished decode(std::string_view bytes)
{
    ByteReader in(bytes);
    Finished f;
    f.before = in.number();
    f.after = in.number();
    f.accepted = in.integer() != 0;
    for (std::int64_t n = in.integer(); n > 0; --n) {
        StageRecord::Sweep s;
        s.block = in.string();
        s.sweep = static_cast<int>(in.integer());
        s.error = in.number();
        s.rateBits = in.number();
        f.sweeps.push_back(std::move(s));
    }
    f.state = in.string();
    return f;
}

} // namespace

BlockActivations BlockActivations::first(std::int64_t images) const
{
    return {fp.slice(0, 0, images), quantized.slice(0, 0, images), target.slice(0, 0, images),
            {fisher.image.slice(0, 0, images), fisher.place, fisher.unit}, {}};
}

at::Tensor BlockTask::calibrationOutput(const QuantizedModel& model) const
{
    return runBlock(graph, block, calibration.quantized, model.overlay(), run);
}

at::Tensor BlockTask::holdOutOutput(const QuantizedModel& model) const
{
    return holdOutOutputs.of(keyOf(block, layers, model),
                             [&] { return runBlock(graph, block, holdOut.quantized, model.overlay(), run); });
}

double BlockTask::error(const BlockActivations& images, const QuantizedModel& model) const
{
    return images.fisher.error(runBlock(graph, block, images.quantized, model.overlay(), run), images.target);
}

double BlockTask::quickCalibrationError(const QuantizedModel& model) const
{
    return error(calibration.first(kQuickImages), model);
}

double BlockTask::holdOutError(const QuantizedModel& model) const
{
    return holdOut.fisher.error(holdOutOutput(model), holdOut.target);
}

bool BlockTask::falls(const QuantizedModel& before, const QuantizedModel& after, double lambda) const
{
    return falls(holdOutError(before), holdOutError(after), before, after, lambda);
}

bool BlockTask::quicklyFalls(const QuantizedModel& before, const QuantizedModel& after, double lambda) const
{
    const BlockActivations images = holdOut.first(kQuickImages);
    return falls(error(images, before), error(images, after), before, after, lambda);
}

bool BlockTask::falls(double errorBefore, double errorAfter, const QuantizedModel& before, const QuantizedModel& after,
                      double lambda) const
{
    ErrorAndBits from{errorBefore, 0}, to{errorAfter, 0};
    double weights = 0;
    for (const std::size_t l : block.layers)
        if (const auto it = before.weights.find(layers[l].parameter); it != before.weights.end() && lambda > 0) {
            from.bits += codeInformation(it->second);
            to.bits += codeInformation(after.weights.at(layers[l].parameter));
            weights += double(it->second.codes.numel());
        }
    return costFalls(from, to, weights, lambda);
}

ReconstructResult walkBlocks(Stage stage, const ReconstructInput& in, const QuantizedModel& start,
                             const std::string& optionsHash, const ReconstructOptions& options, ArtefactCache& cache,
                             const RunControl& run, const BlockWork& work, bool mirrored)
{
    NoGrad noGrad;
    const Timer timer;
    const Graph& graph = *in.graph;
    const std::vector<Layer> layers = graph.layers();
    const std::vector<std::int64_t> macs = macsPerNode(graph);
    const ImageSet gate = in.holdOut.set.slice(0, std::min(in.holdOut.set.size(), kGateImages));
    const ImageSet fit = mirrored ? withMirrored(in.calibration.set) : in.calibration.set;
    const std::string kind = "block " + std::string(name(stage));
    ReconstructResult result;
    result.model = start;
    result.record.stage = stage;
    result.record.run = true;

    const FisherMemo::Pair fisher = in.fisher->of(graph, in.blocks, in.calibration.set, gate, options.seed, run);
    BlockActivations calibration, holdOut;
    calibration.fp = calibration.quantized = fit.batch(0, fit.size());
    holdOut.fp = holdOut.quantized = gate.batch(0, gate.size());

    Hash prefix; // of everything that the next block's result depends on
    prefix.add(in.contextHash).add(optionsHash).add(name(stage)).add(mirrored);
    if (!start.activations.empty())
        prefix.add(hashOf(start.activations));
    double total = 0, done = 0;
    for (const Block& block : in.blocks)
        total += cost(block, macs);
    for (std::size_t i = 0; i < in.blocks.size(); ++i) {
        const Block& block = in.blocks[i];
        run.throwIfCancelled();
        run.progress(stage, block.name, done, total);
        calibration.wanted = runBlock(graph, block, calibration.fp, {}, judgedValues(graph, block, layers), run);
        calibration.target = calibration.wanted.at(block.output);
        holdOut.target = runBlock(graph, block, holdOut.fp, {}, run);
        calibration.fisher = mirrored ? withMirrored(fisher.calibration[i]) : fisher.calibration[i];
        holdOut.fisher = fisher.gate[i];
        prefix.add(encodeBlock(block, layers, result.model));
        const bool quantized = std::any_of(block.layers.begin(), block.layers.end(), [&](std::size_t l) {
            return result.model.weights.count(layers[l].parameter) > 0;
        });
        OutputMemo holdOutOutputs(kRemembered);
        const BlockTask task{graph, block, layers, calibration, holdOut, run, holdOutOutputs};
        if (quantized) {
            const std::string key = prefix.hex();
            Finished finished;
            const auto kept = cache.find(kind, key);
            if (kept) {
                finished = decode(*kept);
            } else {
                StageRecord local;
                finished.before = task.holdOutError(result.model);
                const QuantizedModel candidate = work(task, result.model, local);
                finished.after = task.holdOutError(candidate);
                finished.accepted = task.falls(result.model, candidate, options.lambda);
                finished.sweeps = local.sweeps;
                finished.state = encodeBlock(block, layers, finished.accepted ? candidate : result.model);
                cache.keep(kind, key, encode(finished));
            }
            result.model = decodeBlock(block, layers, result.model, finished.state);
            result.record.blocks.push_back({block.name, finished.before, finished.after, finished.accepted, kept.has_value()});
            result.record.sweeps.insert(result.record.sweeps.end(), finished.sweeps.begin(), finished.sweeps.end());
            run.emit(BlockOptimised{stage, block.name, finished.before, finished.after, finished.accepted, kept.has_value()});
            prefix.add(finished.state);
        }
        calibration.quantized = task.calibrationOutput(result.model);
        calibration.fp = calibration.target;
        holdOut.quantized = task.holdOutOutput(result.model);
        holdOut.fp = holdOut.target;
        done += cost(block, macs);
        run.progress(stage, block.name, done, total);
    }
    result.record.seconds = timer.seconds();
    return result;
}

} // namespace mprdo

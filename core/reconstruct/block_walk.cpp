// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reconstruct/block_walk.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/timer.h"
#include "core/reconstruct/block_state.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::size_t kRemembered = 2;    ///< outputs of a block: the candidate's and the one it is held against
constexpr std::int64_t kGateImages = 512; ///< hold-out images that judge a block; the whole set judges the stage

at::Tensor runBlock(const Graph& graph, const Block& block, const at::Tensor& x, const Overlay& overlay, const RunControl& run)
{
    NoGrad noGrad;
    std::vector<at::Tensor> parts;
    for (std::int64_t b = 0; b < x.size(0); b += kBatch) {
        run.throwIfCancelled();
        const at::Tensor part = x.slice(0, b, std::min(x.size(0), b + kBatch));
        parts.push_back(execute(graph, {{block.input, part}}, {block.output}, overlay).at(block.output));
    }
    return at::cat(parts);
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

at::Tensor BlockTask::calibrationOutput(const QuantizedModel& model) const
{
    return calibrationOutputs.of(keyOf(block, layers, model),
                                 [&] { return runBlock(graph, block, calibration.quantized, model.overlay(), run); });
}

at::Tensor BlockTask::holdOutOutput(const QuantizedModel& model) const
{
    return holdOutOutputs.of(keyOf(block, layers, model),
                             [&] { return runBlock(graph, block, holdOut.quantized, model.overlay(), run); });
}

double BlockTask::calibrationError(const QuantizedModel& model) const
{
    return calibration.fisher.error(calibrationOutput(model), calibration.target);
}

double BlockTask::holdOutError(const QuantizedModel& model) const
{
    return holdOut.fisher.error(holdOutOutput(model), holdOut.target);
}

ReconstructResult walkBlocks(Stage stage, const ReconstructInput& in, const QuantizedModel& start,
                             const std::string& optionsHash, const ReconstructOptions& options, ArtefactCache& cache,
                             const RunControl& run, const BlockWork& work)
{
    NoGrad noGrad;
    const Timer timer;
    const Graph& graph = *in.graph;
    const std::vector<Layer> layers = graph.layers();
    const std::vector<std::int64_t> macs = macsPerNode(graph);
    const ImageSet gate = in.holdOut.set.slice(0, std::min(in.holdOut.set.size(), kGateImages));
    const ImageSet& fit = in.calibration.set;
    const std::string kind = "block " + std::string(name(stage));
    ReconstructResult result;
    result.model = start;
    result.record.stage = stage;
    result.record.run = true;

    const FisherMemo::Pair fisher = in.fisher->of(graph, in.blocks, fit, gate, options.seed, run);
    BlockActivations calibration, holdOut;
    calibration.fp = calibration.quantized = fit.batch(0, fit.size());
    holdOut.fp = holdOut.quantized = gate.batch(0, gate.size());

    Hash prefix; // of everything that the next block's result depends on
    prefix.add(in.contextHash).add(optionsHash).add(name(stage));
    double total = 0, done = 0;
    for (const Block& block : in.blocks)
        total += cost(block, macs);
    for (std::size_t i = 0; i < in.blocks.size(); ++i) {
        const Block& block = in.blocks[i];
        run.throwIfCancelled();
        run.progress(stage, block.name, done, total);
        calibration.target = runBlock(graph, block, calibration.fp, {}, run);
        holdOut.target = runBlock(graph, block, holdOut.fp, {}, run);
        calibration.fisher = fisher.calibration[i];
        holdOut.fisher = fisher.gate[i];
        prefix.add(encodeBlock(block, layers, result.model));
        const bool quantized = std::any_of(block.layers.begin(), block.layers.end(), [&](std::size_t l) {
            return result.model.weights.count(layers[l].parameter) > 0;
        });
        OutputMemo calibrationOutputs(kRemembered), holdOutOutputs(kRemembered);
        const BlockTask task{graph, block, layers, calibration, holdOut, run, calibrationOutputs, holdOutOutputs};
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
                finished.accepted = finished.after < finished.before;
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/artefacts.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/hash.h"

namespace mprdo {
namespace {

void writeCounts(ByteWriter& out, const std::vector<std::int64_t>& values)
{
    out.integer(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t v : values)
        out.integer(v);
}

std::int64_t readCount(ByteReader& in)
{
    const std::int64_t count = in.integer();
    check(count >= 0 && count < (std::int64_t(1) << 32), ErrorCode::BadFile, "stored artefact: a count of ", count);
    return count;
}

std::vector<std::int64_t> readCounts(ByteReader& in)
{
    std::vector<std::int64_t> out;
    for (std::int64_t i = readCount(in); i > 0; --i)
        out.push_back(in.integer());
    return out;
}

} // namespace

std::string modelHash(const QuantizedModel& model)
{
    Hash hash;
    for (const auto& [name, w] : model.weights)
        hash.add(name).add(w.grid.bits).add(w.grid.axis).add(w.grid.symmetric).add(w.grid.scale).add(w.grid.zeroPoint).add(
            (w.codes - double(w.grid.qMin())).to(at::kByte)); // a byte each: hashing is what takes the time
    hash.add("biases");
    for (const auto& [name, bias] : model.biases)
        hash.add(name).add(bias);
    if (!model.activations.empty())
        hash.add("activations").add(hashOf(model.activations));
    return hash.hex();
}

std::string encodeModel(const QuantizedModel& model)
{
    ByteWriter out;
    out.integer(static_cast<std::int64_t>(model.weights.size()));
    for (const auto& [name, w] : model.weights) {
        // Unsigned codes in a byte each: a quarter of the float tensor.
        out.string(name).integer(w.grid.bits).integer(w.grid.axis).integer(w.grid.symmetric);
        out.tensor(w.grid.scale).tensor(w.grid.zeroPoint).tensor((w.codes - double(w.grid.qMin())).to(at::kByte));
    }
    out.integer(static_cast<std::int64_t>(model.biases.size()));
    for (const auto& [name, bias] : model.biases)
        out.string(name).tensor(bias);
    if (!model.activations.empty())
        out.string(encodeActivations(model.activations));
    return out.bytes();
}

std::string encodeActivations(const std::map<ValueId, Grid>& activations)
{
    ByteWriter out;
    out.integer(static_cast<std::int64_t>(activations.size()));
    for (const auto& [value, grid] : activations)
        out.integer(value).integer(grid.bits).tensor(grid.scale).tensor(grid.zeroPoint);
    return out.bytes();
}

std::map<ValueId, Grid> decodeActivations(std::string_view bytes, const Graph& graph)
{
    ByteReader in(bytes);
    std::map<ValueId, Grid> out;
    for (std::int64_t i = readCount(in); i > 0; --i) {
        const std::int64_t value = in.integer(), bits = in.integer();
        check(value >= 0 && value < static_cast<std::int64_t>(graph.values.size()) && bits >= kMinBits && bits <= kMaxBits,
              ErrorCode::BadFile, "stored artefact: value ", value, " in ", bits, " bits does not belong to this network");
        Grid& grid = out[static_cast<ValueId>(value)];
        grid.bits = static_cast<Bits>(bits);
        grid.scale = in.tensor();
        grid.zeroPoint = in.tensor();
        check(grid.scale.numel() == 1 && grid.zeroPoint.numel() == 1, ErrorCode::BadFile, "stored artefact: value ", value,
              " has ", grid.scale.numel(), " scales");
    }
    return out;
}

QuantizedModel decodeModel(std::string_view bytes, std::shared_ptr<const Graph> graph)
{
    ByteReader in(bytes);
    QuantizedModel out;
    const auto belongs = [&](const std::string& name, const at::Tensor& tensor) {
        const auto it = graph->parameters.find(name);
        check(it != graph->parameters.end() && it->second.sizes() == tensor.sizes(), ErrorCode::BadFile, "stored artefact: ",
              name, " does not belong to this network");
    };
    for (std::int64_t i = readCount(in); i > 0; --i) {
        const std::string name = in.string();
        QuantizedTensor w;
        w.grid.bits = static_cast<Bits>(in.integer());
        check(w.grid.bits >= kMinBits && w.grid.bits <= kMaxBits, ErrorCode::BadFile, "stored artefact: ", name, " in ",
              w.grid.bits, " bits");
        w.grid.axis = in.integer();
        w.grid.symmetric = in.integer() != 0;
        w.grid.scale = in.tensor();
        w.grid.zeroPoint = in.tensor();
        w.codes = in.tensor().to(at::kFloat) + double(w.grid.qMin());
        belongs(name, w.codes);
        out.weights[name] = w;
    }
    for (std::int64_t i = readCount(in); i > 0; --i) {
        const std::string name = in.string();
        out.biases[name] = in.tensor();
        belongs(name, out.biases[name]);
    }
    if (!in.atEnd())
        out.activations = decodeActivations(in.string(), *graph);
    out.graph = std::move(graph);
    return out;
}

std::string encodeEvaluation(const Evaluation& e)
{
    ByteWriter out;
    out.integer(e.correct).integer(e.total).integer(e.correctTop5).number(e.loss).number(e.seconds);
    writeCounts(out, e.classCorrect);
    writeCounts(out, e.classTotal);
    out.integer(static_cast<std::int64_t>(e.predictions->size()));
    for (const std::int32_t p : *e.predictions)
        out.integer(p);
    return out.bytes();
}

Evaluation decodeEvaluation(std::string_view bytes)
{
    ByteReader in(bytes);
    Evaluation e;
    e.correct = in.integer();
    e.total = in.integer();
    e.correctTop5 = in.integer();
    e.loss = in.number();
    e.seconds = in.number();
    e.classCorrect = readCounts(in);
    e.classTotal = readCounts(in);
    std::vector<std::int32_t> predictions;
    for (std::int64_t i = readCount(in); i > 0; --i)
        predictions.push_back(static_cast<std::int32_t>(in.integer()));
    e.predictions = std::make_shared<const std::vector<std::int32_t>>(std::move(predictions));
    return e;
}

std::string encodeRecord(const StageRecord& r)
{
    ByteWriter out;
    out.integer(static_cast<std::int64_t>(r.stage)).integer(r.run).integer(r.accepted).string(r.note).number(r.seconds);
    out.integer(r.peakBytes).number(r.calibrationBefore).number(r.calibrationAfter).number(r.holdOutBefore);
    out.number(r.holdOutAfter).integer(static_cast<std::int64_t>(r.sweeps.size()));
    for (const auto& s : r.sweeps)
        out.string(s.block).integer(s.sweep).number(s.error).number(s.rateBits);
    out.integer(static_cast<std::int64_t>(r.blocks.size()));
    for (const auto& b : r.blocks)
        out.string(b.name).number(b.before).number(b.after).integer(b.accepted).integer(b.reused);
    return out.bytes();
}

StageRecord decodeRecord(std::string_view bytes)
{
    ByteReader in(bytes);
    StageRecord r;
    const std::int64_t stage = in.integer();
    check(stage >= 1 && stage <= 8, ErrorCode::BadFile, "stored artefact: stage ", stage);
    r.stage = static_cast<Stage>(stage);
    r.run = in.integer() != 0;
    r.accepted = in.integer() != 0;
    r.note = in.string();
    r.seconds = in.number();
    r.peakBytes = in.integer();
    r.calibrationBefore = in.number();
    r.calibrationAfter = in.number();
    r.holdOutBefore = in.number();
    r.holdOutAfter = in.number();
    for (std::int64_t i = readCount(in); i > 0; --i) {
        StageRecord::Sweep s;
        s.block = in.string();
        s.sweep = static_cast<int>(in.integer());
        s.error = in.number();
        s.rateBits = in.number();
        r.sweeps.push_back(s);
    }
    for (std::int64_t i = readCount(in); i > 0; --i) {
        StageRecord::Block b;
        b.name = in.string();
        b.before = in.number();
        b.after = in.number();
        b.accepted = in.integer() != 0;
        b.reused = in.integer() != 0;
        r.blocks.push_back(b);
    }
    return r;
}

} // namespace mprdo

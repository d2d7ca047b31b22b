// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/torch_session.h"
#include "core/allocate/allocator.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/threads.h"
#include "core/base/timer.h"
#include "core/evaluate/evaluator.h"
#include "core/export/stored_size.h"
#include "core/finetune/fine_tune.h"
#include "core/import/importer.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/coded_rates.h"
#include "core/pipeline/input_check.h"
#include "core/pipeline/process_memory.h"
#include "core/reconstruct/calibrate_activations.h"
#include "core/sensitivity/sensitivity.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace mprdo {
namespace {

/// Numbers of runs made while another process writes the session stay clear of those it gives.
constexpr std::int64_t kFirstBesideWriter = 1001;

/// Codes take about so much more after nearest rounding, which the rates are of, than after stages 4 to 6 (resources/benchmarks.md).
constexpr double kNearestShare = 1.2;

/// For people: what is printed shows no more than it means.
double twoDecimals(double value) { return std::round(value * 100) / 100; }

StageRecord recordOf(Stage stage, bool run, double seconds, std::string note = {})
{
    StageRecord out;
    out.stage = stage;
    out.run = run;
    out.seconds = seconds;
    out.peakBytes = peakResidentBytes();
    out.note = std::move(note);
    return out;
}

} // namespace

TorchSession::TorchSession(RunConfig config, OpenedInput input, std::unique_ptr<SessionKeep> keep)
    : m_config(std::move(config))
    , m_input(std::move(input))
    , m_cache(std::make_unique<ForwardingKeep>(std::move(keep)))
    , m_history(std::make_unique<RunHistory>(*m_cache, heldBy().empty() ? 1 : kFirstBesideWriter))
    , m_graph(std::make_shared<const Graph>(foldBatchNorm(m_input.graph)))
{
}

void TorchSession::stageDone(StageRecord record, const std::string& summary, const RunControl& control)
{
    control.emit(StageFinished{record.stage, record.seconds, summary});
    m_records[record.stage] = std::move(record);
}

void TorchSession::answerForLabels(const Graph& folded, ImageSet& set, const RunControl& control)
{
    if (m_input.data.labelled || set.labels.defined())
        return;
    const std::string key = Hash().add(fingerprint(folded)).add(set.fingerprint()).hex();
    std::string kept = m_cache->find("answers", key).value_or("");
    if (kept.empty()) {
        kept = ByteWriter().tensor(topOne(folded, set, control)).bytes();
        m_cache->keep("answers", key, kept);
    }
    const at::Tensor answers = ByteReader(kept).tensor();
    check(answers.scalar_type() == at::kLong && answers.dim() == 1 && answers.size(0) == set.size(), ErrorCode::BadFile,
          "stored artefact: answers that do not fit the images");
    set.labels = answers;
}

void TorchSession::prepareNetwork(const RunControl& control)
{
    useThreads(m_config.threads);
    if (m_measurer)
        return;
    const Timer timer;
    control.throwIfCancelled();
    for (const std::string& notice : m_input.notices)
        control.emit(Notice{notice});
    Graph tuned = m_input.graph;
    const bool run = m_input.fineTuneEpochs > 0;
    std::string summary = "the network is taken as it is";
    if (run) {
        control.emit(StageStarted{Stage::FineTune});
        FineTuneOptions options;
        options.epochs = m_input.fineTuneEpochs;
        options.seed = m_config.seed;
        const FineTuneResult result
            = fineTune(m_input.graph, m_input.sets.training, m_input.sets.holdOut, options, *m_cache, control);
        control.throwIfCancelled();
        tuned = result.graph;
        summary = text("best of ", options.epochs, " epochs is ", result.bestEpoch, ", hold-out accuracy ",
                       result.accuracyBefore, " -> ", result.accuracyAfter, " %");
    }
    const auto folded = std::make_shared<const Graph>(foldBatchNorm(tuned));
    answerForLabels(*folded, m_input.sets.holdOut.set, control);
    answerForLabels(*folded, m_input.sets.evaluation.set, control);
    const std::string context = Hash()
                                    .add(fingerprint(*folded))
                                    .add(m_input.sets.calibration.set.fingerprint())
                                    .add(m_input.sets.holdOut.set.fingerprint())
                                    .add(versions().libtorch)
                                    .hex();
    auto measurer = std::make_unique<Measurer>(folded, m_input.sets, context, *m_cache);
    const std::string unfolded = Hash().add(m_input.model.fingerprint).add(context).hex();
    if (const auto kept = m_cache->find("unfolded accuracy", unfolded)) {
        m_accuracyBeforeFolding = ByteReader(*kept).number();
    } else {
        m_accuracyBeforeFolding = evaluate(tuned, {}, m_input.sets.holdOut, control.withListener({})).accuracyPercent();
        m_cache->keep("unfolded accuracy", unfolded, ByteWriter().number(m_accuracyBeforeFolding).bytes());
    }
    m_accuracyAfterFolding = measurer->holdOutAccuracy({}, "FP32", control);
    auto activations = this->activations(*folded, context, control);
    // From here on nothing can be cancelled: all or nothing is prepared.
    {
        const std::lock_guard lock(m_mutex); // weights() reads it from any thread
        m_graph = folded;
        m_grids = std::make_unique<GridMemo>();
    }
    m_input.graph = std::move(tuned);
    m_input.model.layers = layerInfos(*folded);
    m_input.sets.training = {}; // nothing after stage 1 needs it
    m_measurer = std::move(measurer);
    m_activations = std::move(activations);
    stageDone(recordOf(Stage::FineTune, run, timer.seconds(), summary), summary, control);
}

std::map<ValueId, Grid> TorchSession::activations(const Graph& folded, const std::string& context, const RunControl& control)
{
    if (m_config.activations == kKeepFp32)
        return {};
    const std::string key
        = Hash().add(context).add(m_config.activations).add(name(m_config.activationRange)).hex();
    std::string kept = m_cache->find("activations", key).value_or("");
    if (kept.empty()) {
        const ActivationGrids made = calibrateActivations(folded, m_input.sets.calibration, m_input.sets.holdOut,
                                                          m_config.activations, m_config.activationRange, control);
        kept = ByteWriter()
                   .string(name(made.rule))
                   .number(made.holdOutKl)
                   .string(encodeActivations(made.grids))
                   .bytes();
        m_cache->keep("activations", key, kept);
    }
    ByteReader in(kept);
    const std::string rule = in.string();
    const double kl = in.number();
    control.emit(Notice{text("activations in ", m_config.activations, " bits, ranges by ", rule, ": a KL of ", kl,
                             " on the hold-out images with FP32 weights")});
    return decodeActivations(in.string(), folded);
}

MethodRow TorchSession::prepare(const RunControl& control)
{
    prepareNetwork(control);
    return measurer().fp32Row(control);
}

std::vector<Bits> TorchSession::widthsToScore() const
{
    std::set<Bits> widths(m_config.bits.begin(), m_config.bits.end());
    for (const Bits bits : m_input.fixed)
        if (bits != 0 && bits != kKeepFp32)
            widths.insert(bits);
    return {widths.begin(), widths.end()};
}

SensitivityPtr TorchSession::scores() const
{
    const std::lock_guard lock(m_mutex);
    check(m_sensitivity != nullptr, ErrorCode::Usage, "the sensitivity of the layers has not been measured yet");
    return m_sensitivity;
}

SensitivityPtr TorchSession::sensitivity(const RunControl& control)
{
    prepareNetwork(control);
    {
        const std::lock_guard lock(m_mutex);
        if (m_sensitivity)
            return m_sensitivity;
    }
    const Timer timer;
    control.emit(StageStarted{Stage::Sensitivity});
    SensitivityOptions options;
    options.widths = widthsToScore();
    options.rounding = m_config.sensitivityRounding;
    options.grid = m_config.grid;
    options.seed = m_config.seed;
    options.contextHash = measurer().context();
    SensitivityPtr table = measureSensitivity(m_graph, m_input.sets.calibration, options, *m_cache, control);
    if (coded()) {
        auto rated = std::make_shared<SensitivityTable>(*table);
        rated->codedBits = codedRates(m_graph, options.widths, m_config.grid, options.contextHash, *m_cache, control);
        table = rated;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_sensitivity = table;
    }
    stageDone(recordOf(Stage::Sensitivity, true, timer.seconds()),
              text(table->layers.size(), " layers at ", table->widths.size(), " widths"), control);
    return table;
}

AllocationProblem TorchSession::problem(const std::vector<Bits>& set, Metric metric, const std::vector<Bits>& fixed) const
{
    return problemFrom(m_input.model.layers, *scores(), set, metric, fixed);
}

FrontPtr TorchSession::front(const AllocationProblem& problem) const
{
    return std::make_shared<const Front>(paretoFront(problem));
}

WhatIf TorchSession::whatIf(Metric metric) const
{
    WhatIf out;
    out.layers = m_input.model.layers;
    {
        const std::lock_guard lock(m_mutex);
        out.sensitivity = m_sensitivity;
    }
    out.metric = metric;
    const std::vector<Bits> widths = out.sensitivity ? out.sensitivity->widths : widthsToScore();
    const std::vector<Layer> layers = m_graph->layers();
    for (const auto& [name, tensor] : m_graph->parameters)
        out.otherBytes += tensor.numel() * std::int64_t(sizeof(float));
    out.otherBytes += activationStoredBytes(m_activations);
    out.rate = m_config.rate;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const Layer& layer = layers[l];
        out.layerBytesFp32.push_back(layerStoredBytes(*m_graph, layer, kKeepFp32, m_config.grid));
        out.otherBytes -= out.layerBytesFp32.back();
        out.layerBytes.emplace_back();
        for (std::size_t w = 0; w < widths.size(); ++w) {
            std::int64_t bytes = layerStoredBytes(*m_graph, layer, widths[w], m_config.grid);
            if (out.sensitivity && !out.sensitivity->codedBits.empty()) {
                const std::int64_t weights = m_graph->parameter(layer.parameter).numel();
                bytes += (std::int64_t(out.sensitivity->codedBits[l][w]) - weights * widths[w]) / 8;
            }
            out.layerBytes.back().push_back(bytes);
        }
    }
    return out;
}

void TorchSession::checkAllocation(const Allocation& allocation) const
{
    check(allocation.bits.size() == m_input.model.layers.size(), ErrorCode::Usage, "an allocation of ",
          allocation.bits.size(), " layers for a network of ", m_input.model.layers.size());
    for (std::size_t l = 0; l < allocation.bits.size(); ++l) {
        const Bits bits = allocation.bits[l];
        check((bits >= kMinBits && bits <= kMaxBits) || bits == kKeepFp32, ErrorCode::Usage, m_input.model.layers[l].name,
              ": a width of ", bits, " bits; 2 to 8 and 32 are possible");
    }
}

std::int64_t TorchSession::storedBytes(const Allocation& allocation) const
{
    checkAllocation(allocation);
    return ::mprdo::storedBytes(*m_graph, allocation, m_config.grid) + activationStoredBytes(m_activations);
}

QuantizedModel TorchSession::nearest(const Allocation& allocation) const
{
    checkAllocation(allocation);
    QuantizedModel out = quantizeNearest(m_graph, allocation, m_config.grid, m_grids.get());
    out.activations = m_activations;
    return coded() ? withDeadAtZero(std::move(out)) : out;
}

ExportedModel TorchSession::exportable(const QuantizedModel& model) const
{
    QuantizedModel own = model;
    own.graph = std::make_shared<const Graph>(withOwnOutput(*model.graph));
    return {std::move(own), m_input.sets.evaluation.set.preprocessing, m_input.model.inputShape, m_input.model.classes};
}

std::int64_t TorchSession::fileBytes(const QuantizedModel& model) const
{
    return coded() ? codedBytes(exportable(model)) : static_cast<std::int64_t>(encodeQuantExport(exportable(model)).size());
}

std::optional<std::int64_t> TorchSession::mostBytes() const
{
    if (const auto* target = std::get_if<TargetBytes>(&m_config.target))
        return target->fileBytes;
    const auto* target = std::get_if<TargetBits>(&m_config.target);
    if (target == nullptr || !coded())
        return std::nullopt;
    return static_cast<std::int64_t>(target->averageBits * double(weightCount(m_input.model.layers)) / 8);
}

/// Drop on the hold-out images after the closed-form stage alone: seconds, and an upper bound for what all stages give.
double TorchSession::quickDrop(const Allocation& allocation, const RunControl& control)
{
    QuantizedModel model = nearest(allocation);
    if (m_config.skip.count(Stage::Hessian) == 0) {
        ReconstructOptions options = reconstructOptions(allocation);
        options.set.clear();
        options.effort = Effort::Fast;
        StagePlan plan{options, {Stage::Scales, Stage::Rounding}, Stage::Hessian};
        model = runOptimisingStages(reconstructInput(), model, plan, measurer(), *m_cache, control.withListener({})).model;
    }
    const double drop = m_accuracyAfterFolding - measurer().holdOutAccuracy(model.overlay(), modelHash(model), control);
    control.emit(Notice{text(twoDecimals(model.averageBits()), " bits on average: ", twoDecimals(drop),
                             " points lost on the hold-out images")});
    return drop;
}

Decision TorchSession::decide(const AllocationProblem& problem, const RunControl& control)
{
    if (const auto* target = std::get_if<TargetBits>(&m_config.target)) {
        if (!coded())
            return decideByBits(problem, m_input.model.layers, target->averageBits);
        const auto weights = double(weightCount(m_input.model.layers));
        const double bits = kNearestShare * target->averageBits - 8 * double(m_bytesOver) / weights;
        // Whether the lowest widths are low enough is seen when they are encoded.
        return decideByBits(problem, m_input.model.layers, std::max(bits, (double(lowestRate(problem)) + 1) / weights));
    }
    if (const auto* target = std::get_if<TargetBytes>(&m_config.target))
        return decideByBytes(problem, target->fileBytes - m_bytesOver,
                             [&](const Allocation& a) { return fileBytes(nearest(a)); }, control);
    return decideByDrop(problem, *m_front, std::get<MaxDrop>(m_config.target).points,
                        [&](const Allocation& a) { return quickDrop(a, control); }, control);
}

Allocation TorchSession::allocate(const RunControl& control)
{
    if (m_input.given)
        return *m_input.given;
    sensitivity(control);
    if (m_decision)
        return m_decision->allocation;
    const Timer timer;
    control.emit(StageStarted{Stage::Allocate});
    const AllocationProblem problem = this->problem(m_config.bits, m_config.metric, m_input.fixed);
    m_front = front(problem);
    m_decision = decide(problem, control);
    if (!m_decision->note.empty())
        m_input.notices.push_back(m_decision->note);
    const PolishRecord polish = polishDecision(problem, control);
    const double bits = ratePerWeight(problem, m_decision->allocation, m_input.model.layers);
    StageRecord record = recordOf(Stage::Allocate, true, timer.seconds());
    const Losses losses = measurer().losses(nearest(m_decision->allocation), control);
    record.calibrationAfter = losses.calibration;
    record.holdOutAfter = losses.holdOut;
    record.polish = polish;
    record.note = polish.note;
    stageDone(record, text(twoDecimals(bits), " bits on average", polish.taken > 0 ? ", " : "",
                           polish.taken > 0 ? text(polish.taken, polish.taken > 1 ? " swaps" : " swap") : std::string()),
              control);
    return m_decision->allocation;
}

} // namespace mprdo

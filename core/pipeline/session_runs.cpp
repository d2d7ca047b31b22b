// SPDX-License-Identifier: GPL-3.0-or-later
// Stages 4 to 8 of the session: measured allocations, baselines and the export.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/threads.h"
#include "core/base/timer.h"
#include "core/export/report.h"
#include "core/graph/passes.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/export_run.h"
#include "core/pipeline/input_check.h"
#include "core/pipeline/layer_records.h"
#include "core/pipeline/naive_baseline.h"
#include "core/pipeline/process_memory.h"
#include "core/pipeline/torch_session.h"
#include "core/pipeline/utc_now.h"
#include <iomanip>

namespace mprdo {
namespace {

/// What a bit is worth where the rate is entropy-coded, in units of the high-rate slope (resources/benchmarks.md).
constexpr double kLambda = 2;

std::string twoDigits(double value)
{
    std::ostringstream out;
    out << std::fixed << std::setprecision(2) << value;
    return out.str();
}

/// "Optimised, 4.19 bits", "Optimised, 4.19 bits, activations 8".
std::string runName(const std::string& kind, const MethodRow& row)
{
    const std::string weights = kind + ", " + twoDigits(row.averageBits) + " bits";
    return row.activationBits == kKeepFp32 ? weights : weights + text(", activations ", row.activationBits);
}

std::string hashOf(const Allocation& allocation)
{
    Hash hash;
    for (const Bits bits : allocation.bits)
        hash.add(bits);
    return hash.hex();
}

} // namespace

ReconstructInput TorchSession::reconstructInput() const
{
    return {m_graph, findBlocks(*m_graph), m_input.sets.calibration, m_input.sets.holdOut, m_measurer->context(), m_fisher};
}

ReconstructOptions TorchSession::reconstructOptions(const Allocation& allocation) const
{
    ReconstructOptions out;
    out.grid = m_config.grid;
    out.effort = m_config.effort;
    out.seed = m_config.seed;
    out.lambda = coded() ? kLambda : 0;
    for (const Bits bits : m_input.fixed)
        out.fixedWidth.push_back(bits != 0);
    // Only the allocator's own answer may be traded, and only its slope in KL means something to a block's error.
    if (m_decision && m_decision->allocation == allocation && m_config.metric == Metric::Kl && !m_input.given) {
        out.slope = m_decision->slope;
        out.set = m_config.bits;
    }
    return out;
}

OptimisedModel TorchSession::optimised(const Allocation& allocation, Stage last, const RunControl& control)
{
    prepareNetwork(control);
    StagePlan plan{reconstructOptions(allocation), m_config.skip, last};
    OptimisedModel out = runOptimisingStages(reconstructInput(), nearest(allocation), plan, measurer(), *m_cache, control);
    out.model = withIntegerBiases(std::move(out.model));
    return out;
}

RunPtr TorchSession::record(RunRecord run, const QuantizedModel& model, const std::string& key)
{
    m_cache->keep("model", key, encodeModel(model));
    if (run.layers.empty())
        run.layers = layerRecords(model);
    run.allocation = model.allocation();
    run.allocationHash = hashOf(run.allocation);
    run.contextHash = contextHash();
    run.context = context();
    return m_history->add(std::move(run), key);
}

RunPtr TorchSession::measured(OptimisedModel optimised, const Allocation& asked, double secondsSoFar,
                              const RunControl& control)
{
    const Timer timer;
    control.emit(StageStarted{Stage::Evaluate});
    RunRecord run;
    run.rounding = Rounding::Optimised;
    const std::string key = modelHash(optimised.model);
    run.row = measurer().row("MPRDO-PTQ", optimised.model, key, control);
    if (coded())
        run.row.codedBytes = fileBytes(optimised.model);
    run.name = runName("Optimised", run.row);
    run.stages = std::move(optimised.stages);
    run.layers = std::move(optimised.layers);
    StageRecord evaluated;
    evaluated.stage = Stage::Evaluate;
    evaluated.run = true;
    evaluated.seconds = timer.seconds();
    evaluated.peakBytes = peakResidentBytes();
    if (optimised.model.allocation() != asked)
        evaluated.note = "widths were traded inside blocks at equal total bits";
    run.stages.push_back(evaluated);
    run.seconds = secondsSoFar + evaluated.seconds;
    control.emit(StageFinished{Stage::Evaluate, evaluated.seconds,
                               twoDigits(run.row.evaluation.accuracyPercent()) + (run.row.labelled ? " % at " : " % as FP32 at ") + twoDigits(run.row.averageBits)
                                   + " bits"});
    return record(std::move(run), optimised.model, key);
}

RunPtr TorchSession::optimise(const Allocation& allocation, const RunControl& control)
{
    const Timer timer;
    checkAllocation(allocation);
    OptimisedModel model = optimised(allocation, Stage::Rounding, control);
    return measured(std::move(model), allocation, timer.seconds(), control);
}

RunPtr TorchSession::measure(const Allocation& allocation, Rounding rounding, const RunControl& control)
{
    if (rounding == Rounding::Optimised)
        return optimise(allocation, control);
    const Timer timer;
    prepareNetwork(control);
    QuantizedModel model = nearest(allocation);
    if (rounding == Rounding::ClosedForm) {
        ReconstructOptions options = reconstructOptions(allocation);
        options.set.clear();
        const StagePlan plan{options, {Stage::Scales, Stage::Rounding}, Stage::Hessian};
        model = runOptimisingStages(reconstructInput(), model, plan, measurer(), *m_cache, control).model;
    }
    model = withIntegerBiases(std::move(model));
    RunRecord run;
    run.rounding = rounding;
    const std::string kind = rounding == Rounding::Nearest ? "Nearest" : "Closed form";
    const std::string key = modelHash(model);
    run.row = measurer().row(kind, model, key, control);
    if (coded())
        run.row.codedBytes = fileBytes(model);
    run.name = runName(kind, run.row);
    run.seconds = timer.seconds();
    return record(std::move(run), model, key);
}

MethodRow TorchSession::uniformRow(Bits bits, const RunControl& control)
{
    control.throwIfCancelled();
    const QuantizedModel model = withIntegerBiases(nearest({std::vector<Bits>(m_input.model.layers.size(), bits)}));
    MethodRow row = measurer().row("Uniform " + std::to_string(bits) + "-bit PTQ", model, control);
    if (coded())
        row.codedBytes = fileBytes(model);
    return row;
}

std::vector<MethodRow> TorchSession::anchors(const RunControl& control)
{
    std::vector<MethodRow> rows{prepare(control)};
    for (const Bits bits : m_config.bits)
        rows.push_back(uniformRow(bits, control));
    return rows;
}

std::vector<MethodRow> TorchSession::baselines(const RunControl& control)
{
    prepareNetwork(control);
    if (!m_baselines.empty())
        return m_baselines;
    const Timer timer;
    control.emit(StageStarted{Stage::Compare});
    std::vector<MethodRow> rows{measurer().fp32Row(control), uniformRow(8, control)};
    const NaiveBaseline naive = naiveEightBits(m_graph, m_input.sets.calibration, control);
    rows.push_back(measurer().row("Naive 8-bit PTQ", naive.weights, naive.overlay,
                                  "naive 8-bit, weights and activations", control));
    rows.back().activationBits = 8;
    for (const Bits bits : m_config.bits)
        if (bits != 8)
            rows.push_back(uniformRow(bits, control));
    m_baselines = rows;
    StageRecord record;
    record.stage = Stage::Compare;
    record.run = true;
    record.seconds = timer.seconds();
    record.peakBytes = peakResidentBytes();
    stageDone(record, text(rows.size(), " methods compared"), control);
    return rows;
}

ExportResult TorchSession::exportFiles(const RunPtr& run, const std::string& folder, const RunControl& control,
                                       const ExportOptions& asked)
{
    useThreads(m_config.threads);
    check(run != nullptr, ErrorCode::Usage, "no run to export was given");
    ExportOptions options = asked;
    if (options.formats.empty())
        options.formats = usualFormats(m_config.rate);
    return exportAndVerify(exportable(modelOf(run->id)), run->row, m_input.sets.evaluation, folder, options, control);
}

ExportResult TorchSession::exportRun(const RunPtr& run, const std::string& folder, const RunControl& control,
                                     const ExportOptions& options)
{
    const Timer timer;
    RunReport report;
    report.exported = exportFiles(run, folder, control, options);
    describe(report);
    report.run = m_history->run(run->id);
    report.sensitivity = m_sensitivity;
    report.front = m_front;
    report.allocation = run->allocation;
    report.methods = m_baselines.empty() ? std::vector<MethodRow>{measurer().fp32Row(control)} : m_baselines;
    report.methods.push_back(report.run->row);
    std::map<Stage, StageRecord> later;
    for (const StageRecord& stage : report.run->stages)
        later[stage.stage] = stage;
    report.stages = allStages(later);
    report.seconds = timer.seconds();
    report.json = encodeReport(report, utcNow("%Y-%m-%dT%H:%M:%SZ"));
    const std::string path = folder + "/final_report.json";
    writeFile(path, report.json);
    report.exported.files.push_back({path, static_cast<std::int64_t>(report.json.size())});
    return report.exported;
}

void TorchSession::describe(RunReport& report) const
{
    report.config = m_config;
    report.model = m_input.model;
    report.data = m_input.data;
    report.accuracyBeforeFolding = m_accuracyBeforeFolding;
    report.accuracyAfterFolding = m_accuracyAfterFolding;
    report.notices = m_input.notices;
    report.allocationsMeasured = static_cast<std::int64_t>(m_history->runs().size());
    const Versions v = versions();
    report.versions = {{"libtorch", v.libtorch}, {"blas", v.blas}};
}

std::vector<StageRecord> TorchSession::allStages(const std::map<Stage, StageRecord>& later) const
{
    std::vector<StageRecord> out;
    for (const Stage stage : kStages) {
        const auto early = m_records.find(stage);
        const auto late = later.find(stage);
        if (late != later.end()) {
            out.push_back(late->second);
        } else if (early != m_records.end()) {
            out.push_back(early->second);
        } else {
            StageRecord record;
            record.stage = stage;
            record.note = m_config.skip.count(stage) > 0                ? "skipped"
                          : m_input.given && stage <= Stage::Allocate ? "an allocation was given"
                                                                        : "the run stopped before";
            out.push_back(record);
        }
    }
    return out;
}

} // namespace mprdo

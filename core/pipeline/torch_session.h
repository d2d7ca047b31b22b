// SPDX-License-Identifier: GPL-3.0-or-later
// The session on LibTorch: composes the stages, keeps their results under the hashes of their inputs.
#pragma once
#include "core/api/session.h"
#include "core/export/quant_export.h"
#include "core/pipeline/decide.h"
#include "core/pipeline/measurer.h"
#include "core/pipeline/opened_input.h"
#include "core/pipeline/polish.h"
#include "core/pipeline/run_history.h"
#include "core/pipeline/stage_runner.h"
#include "core/store/forwarding_keep.h"
#include <map>
#include <mutex>

namespace mprdo {

class TorchSession final : public Session {
public:
    TorchSession(RunConfig config, OpenedInput input, std::unique_ptr<SessionKeep> keep);

    const RunConfig& config() const override { return m_config; }
    const ModelSnapshot& model() const override { return m_input.model; }
    const DataSnapshot& data() const override { return m_input.data; }

    MethodRow prepare(const RunControl&) override;
    SensitivityPtr sensitivity(const RunControl&) override;
    AllocationProblem problem(const std::vector<Bits>& set, Metric, const std::vector<Bits>& fixed) const override;
    FrontPtr front(const AllocationProblem&) const override;
    WhatIf whatIf(Metric) const override;
    std::int64_t storedBytes(const Allocation&) const override;
    Allocation allocate(const RunControl&) override;
    RunPtr measure(const Allocation&, Rounding, const RunControl&) override;
    RunPtr optimise(const Allocation&, const RunControl&) override;
    std::vector<MethodRow> baselines(const RunControl&) override;
    std::vector<MethodRow> anchors(const RunControl&) override;
    RunPtr confirm(std::int64_t run, const RunControl&) override;
    Blame blame(std::int64_t run, const RunControl&) override;
    Diagnosis diagnose(const RunControl&) override;
    std::vector<SensitivityPtr> calibrationDraws(int draws, const RunControl&) override;
    std::string contextHash() const override;
    std::vector<std::pair<std::string, std::string>> context() const override;
    std::string heldBy() const override;
    Followed follow() override;
    ExportResult exportRun(const RunPtr&, const std::string& folder, const RunControl&, const ExportOptions&) override;
    std::vector<LayerWeights> weights() const override;
    std::vector<RunPtr> runs() const override { return m_history->runs(); }
    RunPtr annotate(std::int64_t run, const std::string& name, bool starred, bool deleted) override;
    std::string note(const std::string& name) const override;
    void keepNote(const std::string& name, const std::string& text) override;
    void saveAs(const std::string& path, const RunControl&) override;
    RunReport runAll(const RunControl&) override;

private:
    friend class WholeRun;

    /// Where the images have no labels: what the folded FP32 network answers, from then on.
    void answerForLabels(const Graph& folded, ImageSet&, const RunControl&);
    /// Stage 1 and folding, once.
    void prepareNetwork(const RunControl&);
    Measurer& measurer() { return *m_measurer; }
    void checkAllocation(const Allocation&) const;
    /// Grids of the activations, from the cache where they are there; empty where they stay in FP32.
    std::map<ValueId, Grid> activations(const Graph& folded, const std::string& context, const RunControl&);
    QuantizedModel nearest(const Allocation&) const;
    MethodRow uniformRow(Bits, const RunControl&);
    /// The weights of a kept run. \throws Error{Usage} none of this session's; Error{Internal} they are gone
    QuantizedModel modelOf(std::int64_t run) const;
    ReconstructInput reconstructInput() const;
    ReconstructOptions reconstructOptions(const Allocation&) const;
    /// Stages 4 to last.
    OptimisedModel optimised(const Allocation&, Stage last, const RunControl&);
    /// Stage 7 on what stages 4 to 6 gave.
    RunPtr measured(OptimisedModel, const Allocation& asked, double secondsSoFar, const RunControl&);
    RunPtr record(RunRecord, const QuantizedModel&, const std::string& key); ///< key: the model's hash
    ExportResult exportFiles(const RunPtr&, const std::string& folder, const RunControl&, const ExportOptions& = {});
    /// Everything of a report that does not depend on a run: model, data, settings, versions.
    void describe(RunReport&) const;
    /// All eight, later ones first of all; what was not run says why.
    std::vector<StageRecord> allStages(const std::map<Stage, StageRecord>& later) const;
    Decision decide(const AllocationProblem&, const RunControl&);
    double optimisedKl(const Allocation&, const RunControl&);
    PolishPlan polishPlan(const AllocationProblem&, const CrossTerms&, const RunControl&); ///< of m_decision; refers to the control
    /// Swaps bits of m_decision; no decision stays when it throws.
    PolishRecord polishDecision(const AllocationProblem&, const RunControl&);
    bool coded() const { return m_config.rate == RateKind::Entropy; }
    std::int64_t fileBytes(const QuantizedModel&) const; ///< of the file that the target counts
    std::optional<std::int64_t> mostBytes() const;       ///< what that file may take; none: widths alone keep the target
    ExportedModel exportable(const QuantizedModel&) const;
    double quickDrop(const Allocation&, const RunControl&);
    SensitivityPtr scores() const;
    std::vector<Bits> widthsToScore() const;
    void stageDone(StageRecord, const std::string& summary, const RunControl&);

    RunConfig m_config;
    OpenedInput m_input;
    std::unique_ptr<ForwardingKeep> m_cache; ///< moves to another file in saveAs()
    std::unique_ptr<RunHistory> m_history;
    std::shared_ptr<const Graph> m_graph;   ///< folded; the input's until stage 1 has run
    std::unique_ptr<Measurer> m_measurer;   ///< after prepareNetwork
    std::unique_ptr<GridMemo> m_grids;      ///< of m_graph after prepareNetwork
    std::map<ValueId, Grid> m_activations;  ///< of m_graph after prepareNetwork; empty where they stay in FP32
    std::shared_ptr<FisherMemo> m_fisher = std::make_shared<FisherMemo>(); ///< of m_graph after prepareNetwork
    Splits m_unseen;                        ///< the sets with the confirmation images for evaluation ones
    std::unique_ptr<Measurer> m_confirmer;  ///< on m_unseen, once something is confirmed
    double m_accuracyBeforeFolding = 0, m_accuracyAfterFolding = 0;
    mutable std::mutex m_mutex;             ///< of m_sensitivity, which problem() and whatIf() read from any thread
    SensitivityPtr m_sensitivity;
    FrontPtr m_front;
    std::optional<Decision> m_decision;
    std::int64_t m_bytesOver = 0;           ///< by how much optimised files were larger than nearest ones
    std::map<Stage, StageRecord> m_records; ///< stages 1, 2, 3, 8
    std::vector<MethodRow> m_baselines;
};

} // namespace mprdo

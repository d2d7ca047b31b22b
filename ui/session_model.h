// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/events.h"
#include "core/api/outcome.h"
#include "core/api/run_config.h"
#include "core/api/snapshots.h"
#include "core/api/what_if.h"
#include "ui/stage_status.h"
#include <QObject>
#include <array>

namespace mprdo {

/// What is known of the open session: snapshots that arrived, and the state of each stage. Pages bind to it; the
/// controller alone fills it. GUI thread.
class SessionModel : public QObject {
    Q_OBJECT
public:
    explicit SessionModel(QObject* parent = nullptr);

    bool isOpen() const { return m_open; }
    const RunConfig& config() const { return m_config; }
    const ModelSnapshot& model() const { return m_model; }
    const DataSnapshot& data() const { return m_data; }
    bool labelled() const { return m_data.labelled; }
    /// What counts as right for each evaluation image: its label, or what FP32 answers where there are none; null: not known yet.
    std::shared_ptr<const std::vector<std::int32_t>> rightAnswers() const;
    /// What was measured so far; grows while stage 2 runs. Never null.
    SensitivityPtr sensitivity() const;
    bool sensitivityComplete() const { return m_sensitivityComplete; }
    /// Sizes and layers for what-if as the session last gave them, without its table.
    const WhatIf& sizes() const { return m_sizes; }
    const std::vector<MethodRow>& rows() const { return m_rows; }      ///< FP32 and baselines
    const MethodRow* row(const std::string& method) const;             ///< nullptr: not measured
    const std::vector<RunPtr>& runs() const { return m_runs; }         ///< oldest first
    /// The newest run of exactly these bits, optimised ones first; null: never measured. Of this context, as lastRun() is:
    /// runs of another are out of date (ui/run_context.h).
    RunPtr runOf(const Allocation&) const;
    RunPtr run(std::int64_t id) const; ///< null: unknown or deleted
    const std::vector<LayerWeights>& weights() const { return m_weights; } ///< per layer, after stage 1
    RunPtr lastRun() const;
    /// What a run made now depends on beside its bits; empty before the network is prepared.
    const std::string& contextHash() const { return m_contextHash; }
    const std::vector<std::pair<std::string, std::string>>& context() const { return m_context; }
    const StageStatus& stage(Stage stage) const { return m_stages[std::size_t(stage) - 1]; }
    const Progress& progress() const { return m_progress; }
    /// Stage 3's error, predicted and measured; nullopt before it was.
    const std::optional<PolishRecord>& polish() const { return m_polish; }
    QString title() const; ///< "ResNet-18 on CIFAR-10" or the session file's name, for the window's title

    // Filled by the controller.
    void open(const RunConfig&, const ModelSnapshot&, const DataSnapshot&);
    void setSizes(const WhatIf&);
    void setFp32(const MethodRow&);
    void setSensitivity(const SensitivityPtr&, bool complete);
    void setBaselines(const std::vector<MethodRow>&);
    void addRun(const RunPtr&);
    /// More is known of a run that is here; its name and star stay as the window has them.
    void updateRun(const RunPtr&);
    /// All runs of a file that another process writes.
    void followRuns(const std::vector<RunPtr>&);
    void setWeights(std::vector<LayerWeights>);
    void setContext(const std::string& hash, const std::vector<std::pair<std::string, std::string>>& told);
    /// Runs that the session file held.
    void restoreRuns(const std::vector<RunPtr>&);
    /// Another name or star, taken out, or brought back: at once, before the file knows.
    void annotate(std::int64_t id, const QString& name, bool starred, bool deleted);
    void setSessionPath(const QString& path);
    void takeEvent(const Event&);
    void setStage(Stage, StageState, const QString& note = {}, double seconds = -1);
    void setPolish(const PolishRecord&);
    /// Stages 4 to 7 are stale while optimised runs of this context are all of other bits.
    void compareWith(const Allocation&);
    /// Running stages become `state`, with the note.
    void endRunningStages(StageState state, const QString& note);
    void log(const QString& line);

Q_SIGNALS:
    void opened();
    void sizesChanged();
    void layerScored(int layer, int bits);
    void sensitivityChanged(); ///< as a whole
    void rowsChanged();
    void runAdded(int index);
    void runChanged(int index);
    void runRemoved(int index);
    void weightsChanged();
    void contextChanged(); ///< other runs may be out of date
    void titleChanged();
    void stageChanged(int stage); ///< 1..8
    void progressChanged();
    void logged(const QString& line);

private:
    void score(const LayerScored&);

    bool m_open = false;
    RunConfig m_config;
    ModelSnapshot m_model;
    DataSnapshot m_data;
    SensitivityTable m_table;
    mutable SensitivityPtr m_shared; ///< of m_table; empty after a change
    bool m_sensitivityComplete = false;
    WhatIf m_sizes;
    std::vector<MethodRow> m_rows;
    std::vector<RunPtr> m_runs, m_deleted; ///< ascending numbers
    std::vector<LayerWeights> m_weights;
    std::string m_contextHash;
    std::vector<std::pair<std::string, std::string>> m_context;
    std::array<StageStatus, 8> m_stages;
    Progress m_progress;
    std::optional<PolishRecord> m_polish;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/job.h"
#include "ui/pending_notes.h"
#include "ui/session_factory.h"
#include "ui/session_model.h"
#include "ui/what_if_model.h"
#include <QObject>
#include <QMap>
#include <QTimer>
#include <functional>

namespace mprdo {

/// Turns the user's wishes into jobs of the compute thread and their results into the models. The session itself never
/// leaves that thread, except for the calls that any thread may make, which go to the helper thread.
class PipelineController : public QObject {
    Q_OBJECT
public:
    PipelineController(SessionFactory, SessionModel&, AllocationDocument&, WhatIfModel&, QObject* parent = nullptr);
    ~PipelineController() override;

    /// Opens model and data, then runs the pipeline. What was open stays until the new one is.
    void open(const RunConfig&);
    /// The open session with other settings; what was edited by hand stays, and so does what its file keeps.
    void reopen(const RunConfig&);
    /// Goes on with the first step that is not finished; from the start when the session was opened for another set.
    void run();
    /// The edited bits with nearest rounding.
    void evaluate();
    /// Stages 4 to 7 on the edited bits.
    void optimise();
    /// Any bits, as evaluate() or optimise() does it with the edited ones.
    void measure(const Allocation&, Rounding);
    /// A run on the test images that exploring never looks at.
    void confirm(std::int64_t run);
    bool canConfirm(const RunPtr&) const; ///< is the run of this context, and are there such images?
    /// Which layers cost a run its accuracy: the answer comes with blamed().
    void blame(std::int64_t run);
    /// What makes plain 8 bits lose: diagnosed().
    void diagnose();
    /// Stage 2 on other calibration images: drawn().
    void calibrationDraws(int draws);
    /// One measurement of a series; Ctrl+E and Ctrl+R go first. \param done  gets the run, or null when it failed or
    /// everything was cancelled meanwhile
    void measureInSeries(const Allocation&, Rounding, const QString& title, std::function<void(RunPtr)> done);
    /// Writes a run, after confirming it if that was not done; an unoptimised one is refused by the session.
    void exportRun(const RunPtr&, const QString& folder, const ExportOptions& = {});
    /// Everything so far into a new session file, which what follows is kept in as well.
    void saveAs(const QString& path);
    /// Another name or star, taken out, or brought back; the window knows at once, the file soon.
    void annotate(std::int64_t run, const QString& name, bool starred, bool deleted);
    /// A text of the window that is kept with the session; what it was when the session was opened comes with opened().
    void keepNote(const QString& name, const QString& text);
    QString note(const QString& name) const { return m_notes.value(name); }
    /// Evaluates by itself once the bits have rested for that long; a newer edit supersedes a running measurement.
    void setAutoMeasure(bool on);
    bool autoMeasure() const { return m_autoMeasure; }
    void setRest(int milliseconds) { m_rest.setInterval(milliseconds); } ///< 300 unless told
    /// How often a file that another process writes is looked at; 2,000 unless told.
    void setFollowInterval(int milliseconds) { m_followTimer.setInterval(milliseconds); }
    QString heldBy() const { return m_heldBy; } ///< who writes the session file; empty: this process, or there is none

    /// Everything that runs or waits. What was finished stays.
    void cancel();

    bool busy() const { return m_busy; }
    bool pipelineFinished() const { return m_next == Step::End; }
    bool canMeasure() const { return m_prepared; }
    QString currentTitle() const; ///< of the job that runs; empty when none
    bool currentIsStage() const;  ///< does its progress count stages, rather than answer a question?

Q_SIGNALS:
    void writerGone(); ///< of heldBy(): opened anew, the session would be kept again
    void busyChanged(bool busy);
    void stateChanged(); ///< busy(), canMeasure() or pipelineFinished()
    void failed(const QString& title, const QString& message, const QString& details);
    void cancelled(const QString& title, const QString& kept);
    void replacing(); ///< the open session is about to be closed for another
    void opened();
    void exported(const mprdo::ExportResult& result);
    void blamed(const mprdo::Blame& blame);
    void diagnosed(const mprdo::Diagnosis& diagnosis);
    void drawn(const std::vector<mprdo::SensitivityPtr>& tables);
    void told(const QString& sentence); ///< what a measurement came to, for the status line
    void pipelineDone();
    void saved(const QString& path);

private:
    enum class Step { Prepare, Sensitivity, Anchors, Allocate, Baselines, Optimise, End };
    struct Slot;

    template <class T, class Work, class Done>
    JobHandle* start(JobKind, const QString& title, std::optional<Stage>, Work, Done);
    template <class T, class Done>
    void finish(Job<T>&, std::optional<Stage>, Done&);
    void fail(const QString& title, const Failure&);
    void nextStep();
    void advance(Step);
    void prepare();
    void sensitivity();
    void anchors();
    void allocate();
    void baselines();
    void takeRun(const RunPtr&);
    void takeConfirmed(const RunPtr&);
    const JobHandle* current() const;
    void follow();
    void adopt(const std::weak_ptr<Session>&, const RunConfig&, const ModelSnapshot&, const DataSnapshot&);
    void solveFront();
    void keepSoon();
    void writePending();
    void bitsChanged();
    void setBusy();

    SessionFactory m_factory;
    SessionModel& m_session;
    AllocationDocument& m_document;
    WhatIfModel& m_whatIf;
    std::shared_ptr<Slot> m_slot; ///< touched in the compute thread alone
    std::weak_ptr<Session> m_open; ///< for the calls that any thread may make
    QList<JobHandle*> m_jobs;      ///< of the compute thread, not ended
    Step m_next = Step::Prepare;
    bool m_running = false;        ///< the pipeline goes on after the step that runs
    bool m_prepared = false;
    bool m_busy = false;
    bool m_haveRuns = false;       ///< the session file held runs: nothing is optimised unasked
    bool m_keepBits = false;       ///< the document came from the session file and had its answer: stage 3 changes nothing
    bool m_autoMeasure = false;
    int m_cancels = 0;
    QString m_heldBy, m_carried;
    QTimer m_rest, m_keepTimer, m_followTimer;
    QMap<QString, QString> m_notes;
    std::shared_ptr<PendingNotes> m_pending;
    JobHandle *m_frontJob = nullptr, *m_keepJob = nullptr, *m_followJob = nullptr;
    // Last, so that they end before what their jobs use.
    ComputeThread m_helper;
    ComputeThread m_compute;
};

} // namespace mprdo

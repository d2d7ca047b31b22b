// SPDX-License-Identifier: GPL-3.0-or-later
// How the controller's jobs begin and end, for its own sources alone.
#pragma once
#include "ui/pipeline_controller.h"
#include "ui/text_format.h"

namespace mprdo {

struct PipelineController::Slot {
    std::shared_ptr<Session> session;
};

/// \param work  T(Session&, const RunControl&), in the compute thread \param done  void(T&), in the GUI thread on success
/// \param stage  shown as running and done even if the session says nothing
template <class T, class Work, class Done>
JobHandle* PipelineController::start(JobKind kind, const QString& title, std::optional<Stage> stage, Work work, Done done)
{
    auto* job = new Job<T>(
        m_compute, kind, title,
        [slot = m_slot, work](const RunControl& control) -> Outcome<T> {
            if (!slot->session)
                return Failure{ErrorCode::Internal, "no model is open", {}};
            return work(*slot->session, control);
        },
        this);
    m_jobs.append(job);
    connect(job, &JobHandle::eventArrived, &m_session, &SessionModel::takeEvent);
    if (stage)
        connect(job, &JobHandle::started, this, [this, stage] { m_session.takeEvent(StageStarted{*stage}); });
    connect(job, &JobHandle::started, this, &PipelineController::stateChanged);
    connect(job, &JobHandle::finished, this, [this, job, stage, done]() mutable { finish<T>(*job, stage, done); });
    setBusy();
    return job;
}

template <class T, class Done>
void PipelineController::finish(Job<T>& job, std::optional<Stage> stage, Done& done)
{
    m_jobs.removeOne(&job);
    job.deleteLater();
    Outcome<T>& outcome = job.outcome();
    if (T* value = std::get_if<T>(&outcome)) {
        if (stage)
            m_session.endRunningStages(StageState::Done, {});
        done(*value);
    } else if (const auto* failure = std::get_if<Failure>(&outcome)) {
        m_running = false;
        fail(job.title(), *failure);
    } else {
        m_session.endRunningStages(StageState::Stopped, tr("stopped; what was finished is kept"));
        if (m_jobs.isEmpty()) { // not when a newer job took this one's place
            m_running = false;
            Q_EMIT cancelled(job.title(), fromStd(std::get<Cancelled>(outcome).where));
        }
    }
    setBusy();
    Q_EMIT stateChanged();
}

} // namespace mprdo

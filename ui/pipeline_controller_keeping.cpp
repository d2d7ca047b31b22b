// SPDX-License-Identifier: GPL-3.0-or-later
// What the session file keeps beside measurements.
#include "ui/document_text.h"
#include "ui/pipeline_controller_jobs.h"

namespace mprdo {

void PipelineController::saveAs(const QString& path)
{
    start<bool>(
        JobKind::Save, tr("Save"), std::nullopt,
        [pending = m_pending, path = path.toStdString()](Session& session, const RunControl& control) {
            pending->write(session);
            session.saveAs(path, control);
            return true;
        },
        [this, path](bool&) {
            m_session.setSessionPath(path);
            Q_EMIT saved(path);
        });
}

void PipelineController::annotate(std::int64_t run, const QString& name, bool starred, bool deleted)
{
    m_session.annotate(run, name, starred, deleted);
    m_pending->setRun(run, {name.toStdString(), starred, deleted});
    keepSoon();
}

void PipelineController::keepNote(const QString& name, const QString& text)
{
    m_notes.insert(name, text);
    m_pending->setText(name.toStdString(), text.toStdString());
    keepSoon();
}

void PipelineController::keepSoon()
{
    if (m_session.isOpen() && !m_keepTimer.isActive())
        m_keepTimer.start();
}

void PipelineController::writePending()
{
    m_keepTimer.stop();
    if (!m_session.isOpen())
        return;
    m_pending->setText("document", documentText(m_document, m_whatIf).toStdString());
    auto* job = new Job<bool>(
        m_helper, JobKind::Keep, tr("Keep"),
        [open = m_open, pending = m_pending](const RunControl&) -> Outcome<bool> {
            const std::shared_ptr<Session> session = open.lock();
            if (!session)
                return Cancelled{"the session was closed"};
            pending->write(*session);
            return true;
        },
        this);
    m_keepJob = job;
    connect(job, &JobHandle::finished, this, [this, job] {
        job->deleteLater();
        if (const auto* failure = std::get_if<Failure>(&job->outcome()))
            Q_EMIT failed(job->title(), fromStd(failure->message), fromStd(failure->context));
        if (m_keepJob == job)
            m_keepJob = nullptr;
    });
}

void PipelineController::follow()
{
    if (m_followJob)
        return;                                      // the last look is still under way
    struct Seen {
        std::optional<std::vector<RunPtr>> runs; ///< nothing new: nothing
        bool writerGone = false;
    };
    auto* job = new Job<Seen>(
        m_helper, JobKind::Follow, tr("Follow"),
        [open = m_open](const RunControl&) -> Outcome<Seen> {
            const std::shared_ptr<Session> session = open.lock();
            if (!session)
                return Cancelled{"the session was closed"};
            const Followed followed = session->follow();
            return Seen{followed.changed ? std::optional(session->runs()) : std::nullopt, followed.writerGone};
        },
        this);
    m_followJob = job;
    connect(job, &JobHandle::finished, this, [this, job, of = m_open] {
        job->deleteLater();
        m_followJob = nullptr;
        const bool same = !of.owner_before(m_open) && !m_open.owner_before(of);
        if (const auto* failure = std::get_if<Failure>(&job->outcome())) {
            m_followTimer.stop(); // once is enough
            Q_EMIT failed(job->title(), fromStd(failure->message), fromStd(failure->context));
        } else if (const auto* seen = std::get_if<Seen>(&job->outcome()); seen && same) {
            if (seen->runs)
                m_session.followRuns(*seen->runs);
            if (seen->writerGone) {
                m_followTimer.stop();
                Q_EMIT writerGone();
            }
        }
    });
}

} // namespace mprdo

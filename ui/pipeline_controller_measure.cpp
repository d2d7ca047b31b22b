// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements that the user asks for.
#include "ui/pipeline_controller_jobs.h"
#include "ui/run_context.h"
#include "ui/run_text.h"

namespace mprdo {

void PipelineController::evaluate() { measure(m_document.allocation(), Rounding::Nearest); }

void PipelineController::optimise() { measure(m_document.allocation(), Rounding::Optimised); }

void PipelineController::measure(const Allocation& bits, Rounding rounding)
{
    if (!m_prepared)
        return;
    if (rounding != Rounding::Optimised) {
        start<RunPtr>(
            JobKind::Measure, tr("Evaluate"), Stage::Evaluate,
            [bits, rounding](Session& session, const RunControl& control) {
                return session.measure(bits, rounding, control);
            },
            [this](RunPtr& run) { takeRun(run); });
        return;
    }
    start<RunPtr>(
        JobKind::Optimise, tr("Optimise"), Stage::Scales,
        [bits](Session& session, const RunControl& control) { return session.optimise(bits, control); },
        [this](RunPtr& run) {
            takeRun(run);
            if (m_next == Step::Optimise)
                advance(Step::End);
        });
}

void PipelineController::takeRun(const RunPtr& run)
{
    const bool before = m_session.run(run->id) != nullptr;
    m_session.addRun(run);
    const QString accuracy = percentText(run->row.evaluation.accuracyPercent());
    if (before) {
        Q_EMIT told(tr("Run %1 was measured before: %2").arg(run->id).arg(accuracy));
    } else if (const QString reuse = reuseText(*run); !reuse.isEmpty()) {
        m_session.log(tr("Run %1: %2").arg(run->id).arg(reuse));
        Q_EMIT told(tr("Run %1: %2; %3").arg(run->id).arg(accuracy, reuse));
    } else {
        Q_EMIT told(tr("Run %1: %2").arg(run->id).arg(accuracy));
    }
}

void PipelineController::takeConfirmed(const RunPtr& run)
{
    m_session.updateRun(run);
    if (!run->confirmed)
        return;
    const QString sentence = tr("Run %1: %2").arg(run->id).arg(confirmedText(*run));
    m_session.log(sentence);
    Q_EMIT told(sentence);
}

bool PipelineController::canConfirm(const RunPtr& run) const
{
    return m_prepared && run && m_session.data().confirmation > 0 && !outOfDate(*run, m_session);
}

void PipelineController::confirm(std::int64_t id)
{
    if (!canConfirm(m_session.run(id)))
        return;
    start<RunPtr>(
        JobKind::Confirm, tr("Confirm run %1").arg(id), std::nullopt,
        [id](Session& session, const RunControl& control) { return session.confirm(id, control); },
        [this](RunPtr& run) { takeConfirmed(run); });
}

void PipelineController::blame(std::int64_t id)
{
    if (!m_prepared || !m_session.run(id))
        return;
    start<Blame>(
        JobKind::Blame, tr("What costs run %1").arg(id), std::nullopt,
        [id](Session& session, const RunControl& control) { return session.blame(id, control); },
        [this](Blame& answer) { Q_EMIT blamed(answer); });
}

void PipelineController::diagnose()
{
    if (!m_prepared)
        return;
    start<Diagnosis>(
        JobKind::Diagnose, tr("Why 8 bits lose"), std::nullopt,
        [](Session& session, const RunControl& control) { return session.diagnose(control); },
        [this](Diagnosis& answer) { Q_EMIT diagnosed(answer); });
}

void PipelineController::calibrationDraws(int draws)
{
    if (!m_prepared)
        return;
    start<std::vector<SensitivityPtr>>(
        JobKind::Draws, tr("Other calibration images"), std::nullopt,
        [draws](Session& session, const RunControl& control) { return session.calibrationDraws(draws, control); },
        [this](std::vector<SensitivityPtr>& tables) { Q_EMIT drawn(tables); });
}

void PipelineController::measureInSeries(const Allocation& bits, Rounding rounding, const QString& title,
                                         std::function<void(RunPtr)> done)
{
    if (!m_prepared)
        return done({});
    const bool optimised = rounding == Rounding::Optimised;
    JobHandle* job = start<RunPtr>(
        JobKind::Series, title, optimised ? Stage::Scales : Stage::Evaluate,
        [bits, rounding, optimised](Session& session, const RunControl& control) {
            return optimised ? session.optimise(bits, control) : session.measure(bits, rounding, control);
        },
        [this, done, cancels = m_cancels](RunPtr& run) {
            takeRun(run);
            done(m_cancels == cancels ? run : RunPtr()); // it may have ended while it was being cancelled
        });
    connect(job, &JobHandle::finished, this, [job, done] {
        if (job->state() != JobHandle::State::Done)
            done({});
    });
}

void PipelineController::exportRun(const RunPtr& run, const QString& folder, const ExportOptions& options)
{
    struct Exported {
        ExportResult result;
        RunPtr confirmed; // null: it was before, or cannot be
    };
    start<Exported>(
        JobKind::Export, tr("Export"), std::nullopt,
        [run, options, path = folder.toStdString(), first = canConfirm(run) && !run->confirmed](Session& session,
                                                                                       const RunControl& control) {
            const RunPtr confirmed = first ? session.confirm(run->id, control) : RunPtr();
            return Exported{session.exportRun(confirmed ? confirmed : run, path, control, options), confirmed};
        },
        [this](Exported& done) {
            if (done.confirmed)
                takeConfirmed(done.confirmed);
            Q_EMIT exported(done.result);
        });
}

} // namespace mprdo

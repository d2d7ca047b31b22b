// SPDX-License-Identifier: GPL-3.0-or-later
// A session opened, or one replaced by another.
#include "ui/document_text.h"
#include "ui/initial_cells.h"
#include "ui/pipeline_controller_jobs.h"
#include <chrono>
#include <filesystem>
#include <thread>

namespace mprdo {

namespace {

struct Opened {
    std::weak_ptr<Session> session; // the slot alone keeps it alive, so that it dies in its own thread
    ModelSnapshot model;
    DataSnapshot data;
    RunConfig config; // a session file knows model and data
    std::vector<RunPtr> runs;
    QMap<QString, QString> notes;
    QString heldBy;
};

Opened snapshotOf(const std::shared_ptr<Session>& session)
{
    Opened out{session, session->model(),          session->data(), session->config(), session->runs(),
               {},      fromStd(session->heldBy())};
    for (const char* name : {"document", "window"})
        out.notes.insert(QString::fromLatin1(name), fromStd(session->note(name)));
    return out;
}

/// Whatever way it fails.
Outcome<std::shared_ptr<Session>> tryOpening(const SessionFactory& factory, const RunConfig& config,
                                             const RunControl& control)
{
    auto guarded = runGuarded([&] { return factory(config, control); });
    if (auto* outcome = std::get_if<Outcome<std::shared_ptr<Session>>>(&guarded))
        return std::move(*outcome);
    if (auto* failure = std::get_if<Failure>(&guarded))
        return std::move(*failure);
    return std::get<Cancelled>(guarded);
}

bool sameFile(const std::string& a, const std::string& b)
{
    std::error_code ignored;
    return !a.empty() && (a == b || std::filesystem::equivalent(a, b, ignored));
}

} // namespace

void PipelineController::reopen(const RunConfig& config)
{
    const QString document = documentText(m_document, m_whatIf);
    open(config);
    m_keepBits = false;
    m_carried = document; // a session that no file keeps knows nothing of it
}

void PipelineController::open(const RunConfig& wanted)
{
    RunConfig config = wanted;
    config.readAlong = true;
    m_carried.clear();
    m_keepBits = true;
    if (m_open.lock()) {
        Q_EMIT replacing();
        writePending(); // of the session that is closed
    }
    cancel();
    const auto kept = std::make_shared<std::weak_ptr<Session>>(); // what stays open though it had to be opened anew
    auto* job = new Job<Opened>(
        m_compute, JobKind::Open, tr("Open"),
        [slot = m_slot, factory = m_factory, pending = m_pending, config,
         kept](const RunControl& control) -> Outcome<Opened> {
            std::optional<RunConfig> before;
            if (slot->session)
                pending->write(*slot->session);
            if (slot->session && sameFile(slot->session->config().sessionPath, config.sessionPath)) {
                // A file has one writer: beside the open session another would only read along.
                before = slot->session->config();
                const std::weak_ptr<Session> old = slot->session;
                slot->session.reset();
                while (!old.expired()) // the helper thread is about to let go of it
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            auto outcome = tryOpening(factory, config, control);
            if (auto* session = std::get_if<std::shared_ptr<Session>>(&outcome)) {
                slot->session = *session;
                return snapshotOf(slot->session);
            }
            if (before) {
                auto again = tryOpening(factory, *before, RunControl());
                if (auto* session = std::get_if<std::shared_ptr<Session>>(&again))
                    *kept = slot->session = *session;
            }
            if (auto* failure = std::get_if<Failure>(&outcome))
                return *failure;
            return std::get<Cancelled>(outcome);
        },
        this);
    m_jobs.append(job);
    connect(job, &JobHandle::eventArrived, &m_session, &SessionModel::takeEvent);
    connect(job, &JobHandle::started, this, &PipelineController::stateChanged);
    connect(job, &JobHandle::finished, this, [this, job, kept] {
        auto adoptOpened = [this](Opened& opened) {
            m_notes = opened.notes;
            m_haveRuns = !opened.runs.empty();
            m_heldBy = opened.heldBy;
            adopt(opened.session, opened.config, opened.model, opened.data);
            m_session.restoreRuns(opened.runs);
            const QString document = m_notes.value(QStringLiteral("document"));
            const bool restored = restoreDocument(document.isEmpty() ? m_carried : document, m_document, m_whatIf);
            m_keepBits = m_keepBits && restored && !m_document.solverChoice().bits.empty();
            m_pending->clear(); // opening is no edit
            m_keepTimer.stop();
            m_rest.stop();
            Q_EMIT this->opened();
            run();
        };
        if (!kept->expired()) {
            m_open = *kept;
            m_prepared = false;
            m_next = Step::Prepare; // what was measured is in its file
        }
        finish<Opened>(*job, std::nullopt, adoptOpened);
    });
    setBusy();
}

void PipelineController::adopt(const std::weak_ptr<Session>& session, const RunConfig& config,
                               const ModelSnapshot& model, const DataSnapshot& data)
{
    m_open = session;
    m_prepared = false;
    m_next = Step::Prepare;
    m_heldBy.isEmpty() ? m_followTimer.stop() : m_followTimer.start();
    m_session.open(config, model, data);
    QStringList names;
    for (const LayerInfo& layer : model.layers)
        names << fromStd(layer.name);
    m_document.reset(names, initialCells(model, config));
}

} // namespace mprdo

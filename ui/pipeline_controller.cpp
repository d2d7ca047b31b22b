// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pipeline_controller.h"
#include "ui/document_text.h"
#include "ui/initial_cells.h"
#include "ui/text_format.h"
#include <algorithm>

namespace mprdo {

struct PipelineController::Slot {
    std::shared_ptr<Session> session;
};

PipelineController::PipelineController(SessionFactory factory, SessionModel& session, AllocationDocument& document,
                                       WhatIfModel& whatIf, QObject* parent)
    : QObject(parent)
    , m_factory(std::move(factory))
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
    , m_slot(std::make_shared<Slot>())
    , m_pending(std::make_shared<PendingNotes>())
    , m_helper(QStringLiteral("solver"))
    , m_compute(QStringLiteral("compute"))
{
    m_compute.atExit([slot = m_slot, pending = m_pending] {
        if (slot->session)
            (void)runGuarded([&] { // nobody is left to be told
                pending->write(*slot->session);
                return true;
            });
        slot->session.reset();
    });
    m_rest.setSingleShot(true);
    m_rest.setInterval(300);
    connect(&m_rest, &QTimer::timeout, this, [this] {
        if (m_autoMeasure && !m_session.runOf(m_document.allocation()))
            evaluate();
    });
    m_keepTimer.setSingleShot(true);
    m_keepTimer.setInterval(300);
    connect(&m_keepTimer, &QTimer::timeout, this, &PipelineController::writePending);
    connect(&document, &AllocationDocument::layersChanged, this, &PipelineController::bitsChanged);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &PipelineController::keepSoon);
    connect(&whatIf, &WhatIfModel::frontWanted, this, &PipelineController::solveFront);
    const auto compare = [this] { m_session.compareWith(m_document.allocation()); };
    connect(&document, &AllocationDocument::layersChanged, this, compare);
    connect(&session, &SessionModel::runAdded, this, compare);
}

PipelineController::~PipelineController()
{
    if (m_keepTimer.isActive())
        m_pending->setText("document", documentText(m_document, m_whatIf).toStdString());
    // Ended jobs that wait for their deletion are children too.
    const auto jobs = findChildren<JobHandle*>(Qt::FindDirectChildrenOnly);
    for (JobHandle* job : jobs)
        job->cancel(); // all at once, before the first is waited for
    qDeleteAll(jobs);
}

QString PipelineController::currentTitle() const
{
    for (const JobHandle* job : m_jobs)
        if (job->state() == JobHandle::State::Running)
            return job->title();
    return m_jobs.isEmpty() ? QString() : m_jobs.front()->title();
}

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

void PipelineController::fail(const QString& title, const Failure& failure)
{
    const QString message = fromStd(failure.message);
    m_session.endRunningStages(StageState::Failed, message);
    Q_EMIT failed(title, message, fromStd(failure.context));
}

void PipelineController::setBusy()
{
    if (const bool busy = !m_jobs.isEmpty(); busy != m_busy) {
        m_busy = busy;
        Q_EMIT busyChanged(busy);
        Q_EMIT stateChanged();
    }
}

void PipelineController::cancel()
{
    m_running = false;
    for (JobHandle* job : std::as_const(m_jobs))
        job->cancel();
}

void PipelineController::open(const RunConfig& config)
{
    struct Opened {
        std::weak_ptr<Session> session; // the slot alone keeps it alive, so that it dies in its own thread
        ModelSnapshot model;
        DataSnapshot data;
        RunConfig config; // a session file knows model and data
        std::vector<RunPtr> runs;
        QMap<QString, QString> notes;
    };
    if (m_open.lock())
        writePending(); // of the session that is closed
    cancel();
    auto* job = new Job<Opened>(
        m_compute, JobKind::Open, tr("Open"),
        [slot = m_slot, factory = m_factory, pending = m_pending, config](const RunControl& control) -> Outcome<Opened> {
            auto outcome = factory(config, control);
            if (auto* failure = std::get_if<Failure>(&outcome))
                return *failure;
            if (auto* stopped = std::get_if<Cancelled>(&outcome))
                return *stopped;
            if (slot->session)
                pending->write(*slot->session);
            slot->session = std::get<std::shared_ptr<Session>>(outcome);
            const Session& session = *slot->session;
            Opened opened{slot->session, session.model(), session.data(), session.config(), session.runs(), {}};
            for (const char* name : {"document", "window"})
                opened.notes.insert(QString::fromLatin1(name), fromStd(session.note(name)));
            return opened;
        },
        this);
    m_jobs.append(job);
    connect(job, &JobHandle::eventArrived, &m_session, &SessionModel::takeEvent);
    connect(job, &JobHandle::started, this, &PipelineController::stateChanged);
    connect(job, &JobHandle::finished, this, [this, job] {
        auto adoptOpened = [this](Opened& opened) {
            m_notes = opened.notes;
            m_haveRuns = !opened.runs.empty();
            adopt(opened.session, opened.config, opened.model, opened.data);
            m_session.restoreRuns(opened.runs);
            restoreDocument(m_notes.value(QStringLiteral("document")), m_document, m_whatIf);
            m_pending->clear(); // opening is no edit
            m_keepTimer.stop();
            m_rest.stop();
            Q_EMIT this->opened();
            run();
        };
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
    m_session.open(config, model, data);
    QStringList names;
    for (const LayerInfo& layer : model.layers)
        names << fromStd(layer.name);
    m_document.reset(names, initialCells(model, config));
}

void PipelineController::run()
{
    if (!m_session.isOpen() || m_running)
        return;
    const auto& measured = m_session.sensitivity()->widths;
    for (const Bits bits : m_whatIf.set())
        if (std::find(measured.begin(), measured.end(), bits) == measured.end()) {
            RunConfig config = m_session.config();
            config.bits = m_whatIf.set();
            config.target = TargetBits{m_whatIf.target()};
            open(config);
            return;
        }
    if (m_next == Step::End) {
        m_next = Step::Optimise;
        m_haveRuns = false;
    }
    m_running = true;
    nextStep();
}

void PipelineController::advance(Step next)
{
    m_next = next;
    if (m_running)
        nextStep();
}

void PipelineController::nextStep()
{
    switch (m_next) {
    case Step::Prepare: return prepare();
    case Step::Sensitivity: return sensitivity();
    case Step::Allocate: return allocate();
    case Step::Baselines: return baselines();
    case Step::Optimise: return optimise();
    case Step::End: break;
    }
    m_running = false;
    Q_EMIT pipelineDone();
}

void PipelineController::prepare()
{
    struct Prepared {
        MethodRow fp32;
        WhatIf sizes;
        std::vector<LayerWeights> weights;
    };
    start<Prepared>(
        JobKind::Prepare, tr("Prepare"), Stage::FineTune,
        [metric = m_whatIf.metric()](Session& session, const RunControl& control) {
            MethodRow fp32 = session.prepare(control);
            return Prepared{std::move(fp32), session.whatIf(metric), session.weights()};
        },
        [this](Prepared& prepared) {
            m_prepared = true;
            m_session.setSizes(prepared.sizes);
            m_session.setFp32(prepared.fp32);
            m_session.setWeights(std::move(prepared.weights));
            advance(Step::Sensitivity);
        });
}

void PipelineController::sensitivity()
{
    struct Measured {
        SensitivityPtr table;
        WhatIf sizes;
    };
    start<Measured>(
        JobKind::Sensitivity, tr("Sensitivity"), Stage::Sensitivity,
        [metric = m_whatIf.metric()](Session& session, const RunControl& control) {
            SensitivityPtr table = session.sensitivity(control);
            return Measured{std::move(table), session.whatIf(metric)};
        },
        [this](Measured& measured) {
            m_session.setSizes(measured.sizes);
            m_session.setSensitivity(measured.table, true);
            advance(Step::Allocate);
        });
}

void PipelineController::allocate()
{
    start<Allocation>(
        JobKind::Allocate, tr("Allocate"), Stage::Allocate,
        [](Session& session, const RunControl& control) { return session.allocate(control); },
        [this](Allocation& allocation) {
            m_whatIf.takeStage3(allocation);
            advance(Step::Baselines);
        });
}

void PipelineController::baselines()
{
    start<std::vector<MethodRow>>(
        JobKind::Baselines, tr("Baselines"), Stage::Compare,
        [](Session& session, const RunControl& control) { return session.baselines(control); },
        [this](std::vector<MethodRow>& rows) {
            m_session.setBaselines(rows);
            advance(m_haveRuns ? Step::End : Step::Optimise);
        });
}

void PipelineController::evaluate()
{
    if (!m_prepared)
        return;
    start<RunPtr>(
        JobKind::Measure, tr("Evaluate"), Stage::Evaluate,
        [bits = m_document.allocation()](Session& session, const RunControl& control) {
            return session.measure(bits, Rounding::Nearest, control);
        },
        [this](RunPtr& run) { m_session.addRun(run); });
}

void PipelineController::optimise()
{
    if (!m_prepared)
        return;
    start<RunPtr>(
        JobKind::Optimise, tr("Optimise"), Stage::Scales,
        [bits = m_document.allocation()](Session& session, const RunControl& control) {
            return session.optimise(bits, control);
        },
        [this](RunPtr& run) {
            m_session.addRun(run);
            if (m_next == Step::Optimise)
                advance(Step::End);
        });
}

void PipelineController::exportRun(const RunPtr& run, const QString& folder)
{
    start<ExportResult>(
        JobKind::Export, tr("Export"), std::nullopt,
        [run, path = folder.toStdString()](Session& session, const RunControl& control) {
            return session.exportRun(run, path, control);
        },
        [this](ExportResult& result) { Q_EMIT exported(result); });
}

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

void PipelineController::setAutoMeasure(bool on)
{
    m_autoMeasure = on;
    if (on)
        m_rest.start();
}

void PipelineController::bitsChanged()
{
    keepSoon();
    if (m_autoMeasure)
        m_rest.start(); // anew: it is the rest after the last edit that counts
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

void PipelineController::solveFront()
{
    WhatIf sizes = m_session.sizes();
    sizes.sensitivity = m_session.sensitivity();
    sizes.metric = m_whatIf.metric();
    auto* job = new Job<FrontViewPtr>(
        m_helper, JobKind::Front, tr("Front"),
        [open = m_open, sizes, set = m_whatIf.set(), metric = m_whatIf.metric(),
         fixed = m_document.fixedBits()](const RunControl&) -> Outcome<FrontViewPtr> {
            const std::shared_ptr<Session> session = open.lock();
            if (!session)
                return Cancelled{"the session was closed"};
            AllocationProblem problem = session->problem(set, metric, fixed);
            FrontPtr front = session->front(problem);
            return FrontView::make(std::move(problem), std::move(front), sizes);
        },
        this);
    m_frontJob = job;
    connect(job, &JobHandle::finished, this, [this, job] {
        job->deleteLater();
        if (job != m_frontJob)
            return; // a newer one is on its way
        m_frontJob = nullptr;
        if (auto* view = std::get_if<FrontViewPtr>(&job->outcome()))
            return m_whatIf.setFront(*view);
        m_whatIf.giveUpFront();
        if (const auto* failure = std::get_if<Failure>(&job->outcome()))
            Q_EMIT failed(job->title(), fromStd(failure->message), fromStd(failure->context));
    });
}

} // namespace mprdo

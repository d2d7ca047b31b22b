// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document_text.h"
#include "ui/pipeline_controller_jobs.h"
#include <algorithm>

namespace mprdo {

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
    m_followTimer.setInterval(2000);
    connect(&m_followTimer, &QTimer::timeout, this, &PipelineController::follow);
    connect(&document, &AllocationDocument::layersChanged, this, &PipelineController::bitsChanged);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &PipelineController::keepSoon);
    connect(&whatIf, &WhatIfModel::frontWanted, this, &PipelineController::solveFront);
    const auto compare = [this] { m_session.compareWith(m_document.allocation()); };
    connect(&document, &AllocationDocument::layersChanged, this, compare);
    connect(&session, &SessionModel::runAdded, this, compare);
    connect(&session, &SessionModel::contextChanged, this, compare);
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

const JobHandle* PipelineController::current() const
{
    const auto running = std::find_if(m_jobs.begin(), m_jobs.end(),
                                      [](const JobHandle* job) { return job->state() == JobHandle::State::Running; });
    return running != m_jobs.end() ? *running : m_jobs.isEmpty() ? nullptr : m_jobs.front();
}

QString PipelineController::currentTitle() const { return current() ? current()->title() : QString(); }

bool PipelineController::currentIsStage() const
{
    switch (current() ? current()->kind() : JobKind::Open) {
    case JobKind::Measure:
    case JobKind::Optimise:
    case JobKind::Prepare:
    case JobKind::Sensitivity:
    case JobKind::Allocate:
    case JobKind::Baselines: return true;
    default: return false;
    }
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
    ++m_cancels;
    for (JobHandle* job : std::as_const(m_jobs))
        job->cancel();
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
            m_keepBits = false;
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
    case Step::Anchors: return anchors();
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
        std::string contextHash;
        std::vector<std::pair<std::string, std::string>> context;
    };
    start<Prepared>(
        JobKind::Prepare, tr("Prepare"), Stage::FineTune,
        [metric = m_whatIf.metric()](Session& session, const RunControl& control) {
            MethodRow fp32 = session.prepare(control);
            return Prepared{std::move(fp32), session.whatIf(metric), session.weights(), session.contextHash(),
                            session.context()};
        },
        [this](Prepared& prepared) {
            m_prepared = true;
            m_session.setContext(prepared.contextHash, prepared.context);
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
            advance(Step::Anchors);
        });
}

void PipelineController::anchors()
{
    // No stage of its own: stage 8 takes these rows over, and until then they are what the prediction stands on.
    start<std::vector<MethodRow>>(
        JobKind::Anchors, tr("Anchors of the prediction"), std::nullopt,
        [](Session& session, const RunControl& control) { return session.anchors(control); },
        [this](std::vector<MethodRow>& rows) {
            m_session.setBaselines(rows);
            advance(Step::Allocate);
        });
}

void PipelineController::allocate()
{
    start<Allocation>(
        JobKind::Allocate, tr("Allocate"), Stage::Allocate,
        [](Session& session, const RunControl& control) { return session.allocate(control); },
        [this](Allocation& allocation) {
            if (!m_keepBits)
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

void PipelineController::solveFront()
{
    const WhatIf sizes = m_whatIf.sizes();
    auto* job = new Job<FrontViewPtr>(
        m_helper, JobKind::Front, tr("Front"),
        [open = m_open, sizes, set = m_whatIf.solverSet(), metric = m_whatIf.metric(), profile = m_whatIf.profile(),
         fixed = m_document.fixedBits()](const RunControl&) -> Outcome<FrontViewPtr> {
            const std::shared_ptr<Session> session = open.lock();
            if (!session)
                return Cancelled{"the session was closed"};
            AllocationProblem problem = ratesIn(profile, session->problem(set, metric, fixed), sizes.layers);
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

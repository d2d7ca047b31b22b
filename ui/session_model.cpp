// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session_model.h"
#include "ui/run_context.h"
#include "ui/text_format.h"
#include <QFileInfo>
#include <QTime>
#include <algorithm>
#include <limits>

namespace mprdo {

namespace {
template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
} // namespace

SessionModel::SessionModel(QObject* parent)
    : QObject(parent)
    , m_shared(std::make_shared<const SensitivityTable>())
{
}

SensitivityPtr SessionModel::sensitivity() const
{
    if (!m_shared)
        m_shared = std::make_shared<const SensitivityTable>(m_table);
    return m_shared;
}

const MethodRow* SessionModel::row(const std::string& method) const
{
    const auto at = std::find_if(m_rows.begin(), m_rows.end(), [&](const MethodRow& r) { return r.method == method; });
    return at == m_rows.end() ? nullptr : &*at;
}

RunPtr SessionModel::runOf(const Allocation& allocation) const
{
    RunPtr best;
    for (auto run = m_runs.rbegin(); run != m_runs.rend(); ++run)
        if ((*run)->allocation == allocation && !outOfDate(**run, *this)
            && (!best || (best->rounding != Rounding::Optimised && (*run)->rounding == Rounding::Optimised)))
            best = *run;
    return best;
}

RunPtr SessionModel::lastRun() const
{
    const auto run = std::find_if(m_runs.rbegin(), m_runs.rend(), [this](const RunPtr& r) { return !outOfDate(*r, *this); });
    return run == m_runs.rend() ? RunPtr() : *run;
}

QString SessionModel::title() const
{
    if (!m_open)
        return {};
    if (!m_config.sessionPath.empty())
        return QFileInfo(fromStd(m_config.sessionPath)).completeBaseName();
    if (m_config.demo)
        return tr("Demo");
    const QString network = m_model.architecture.empty() ? QFileInfo(fromStd(m_model.path)).fileName()
                                                         : fromStd(m_model.architecture);
    const QString images = m_data.format.empty() ? QFileInfo(fromStd(m_data.path)).fileName() : fromStd(m_data.format);
    return tr("%1 on %2").arg(network, images);
}

void SessionModel::open(const RunConfig& config, const ModelSnapshot& model, const DataSnapshot& data)
{
    m_open = true;
    m_config = config;
    m_model = model;
    m_data = data;
    m_table = {};
    for (const LayerInfo& layer : model.layers)
        m_table.layers.push_back(layer.name);
    m_table.widths = config.bits;
    if (std::find(m_table.widths.begin(), m_table.widths.end(), kMaxBits) == m_table.widths.end())
        m_table.widths.push_back(kMaxBits);
    std::sort(m_table.widths.begin(), m_table.widths.end());
    m_shared.reset();
    m_sensitivityComplete = false;
    m_sizes = WhatIf();
    m_rows.clear();
    m_runs.clear();
    m_deleted.clear();
    m_weights.clear();
    m_contextHash.clear();
    m_context.clear();
    m_stages = {};
    m_progress = {};
    m_polish.reset();
    log(tr("Opened %1: %2 quantizable layers, %3 parameters")
            .arg(title())
            .arg(model.layers.size())
            .arg(countText(model.parameters)));
    Q_EMIT opened();
    for (const Stage stage : kStages)
        Q_EMIT stageChanged(int(stage));
}

void SessionModel::setSizes(const WhatIf& sizes)
{
    m_sizes = sizes;
    m_sizes.sensitivity.reset();
    // Before stage 2 the sizes' widths are the session's; the table must be indexed alike.
    if (sizes.sensitivity && !sizes.sensitivity->widths.empty() && m_table.distortion.empty())
        m_table.widths = sizes.sensitivity->widths;
    m_shared.reset();
    Q_EMIT sizesChanged();
}

void SessionModel::setFp32(const MethodRow& row)
{
    std::erase_if(m_rows, [&](const MethodRow& r) { return r.method == row.method; });
    m_rows.insert(m_rows.begin(), row);
    Q_EMIT rowsChanged();
}

void SessionModel::setSensitivity(const SensitivityPtr& table, bool complete)
{
    m_table = *table;
    m_shared = table;
    m_sensitivityComplete = complete;
    Q_EMIT sensitivityChanged();
}

void SessionModel::setBaselines(const std::vector<MethodRow>& rows)
{
    for (const MethodRow& row : rows) {
        std::erase_if(m_rows, [&](const MethodRow& r) { return r.method == row.method; });
        m_rows.push_back(row);
    }
    // FP32 first, whatever the order of arrival.
    std::stable_partition(m_rows.begin(), m_rows.end(), [](const MethodRow& r) { return r.method == "FP32"; });
    Q_EMIT rowsChanged();
}

std::shared_ptr<const std::vector<std::int32_t>> SessionModel::rightAnswers() const
{
    if (m_data.labelled)
        return m_data.pictures.labels;
    const MethodRow* fp32 = row("FP32");
    return fp32 ? fp32->evaluation.predictions : nullptr;
}

void SessionModel::addRun(const RunPtr& run)
{
    const auto same = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunPtr& r) { return r->id == run->id; });
    if (same != m_runs.end()) {
        log(tr("Run %1 was measured before").arg(run->id));
        *same = run;
        Q_EMIT runChanged(int(same - m_runs.begin()));
        return;
    }
    std::erase_if(m_deleted, [&](const RunPtr& r) { return r->id == run->id; });
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunPtr& r) { return r->id > run->id; });
    const int index = int(at - m_runs.begin());
    m_runs.insert(at, run);
    log((m_data.labelled ? tr("Run %1: %2, %3 bits, %4") : tr("Run %1: %2, %3 bits, %4 as FP32"))
            .arg(run->id)
            .arg(run->rounding == Rounding::Optimised ? tr("optimised") : tr("nearest rounding"))
            .arg(bitsText(run->row.averageBits), percentText(run->row.evaluation.accuracyPercent())));
    Q_EMIT runAdded(index);
}

void SessionModel::updateRun(const RunPtr& run)
{
    const auto same = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunPtr& r) { return r->id == run->id; });
    if (same == m_runs.end())
        return; // deleted meanwhile
    auto merged = std::make_shared<RunRecord>(*run);
    merged->name = (*same)->name;
    merged->starred = (*same)->starred;
    *same = merged;
    Q_EMIT runChanged(int(same - m_runs.begin()));
}

void SessionModel::followRuns(const std::vector<RunPtr>& runs)
{
    const auto among = [](const std::vector<RunPtr>& list, std::int64_t id) {
        return std::find_if(list.begin(), list.end(), [id](const RunPtr& r) { return r->id == id; });
    };
    for (std::size_t i = m_runs.size(); i-- > 0;)
        if (among(runs, m_runs[i]->id) == runs.end()) {
            m_runs.erase(m_runs.begin() + std::ptrdiff_t(i));
            Q_EMIT runRemoved(int(i));
        }
    for (const RunPtr& run : runs) {
        if (among(m_deleted, run->id) != m_deleted.end())
            continue; // in this window
        const auto same = among(m_runs, run->id);
        if (same == m_runs.end()) {
            addRun(run);
        } else if (*same != run) {
            m_runs[std::size_t(same - m_runs.begin())] = run;
            Q_EMIT runChanged(int(same - m_runs.begin()));
        }
    }
}

RunPtr SessionModel::run(std::int64_t id) const
{
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunPtr& r) { return r->id == id; });
    return at == m_runs.end() ? RunPtr() : *at;
}

void SessionModel::restoreRuns(const std::vector<RunPtr>& runs)
{
    for (const RunPtr& run : runs) {
        m_runs.push_back(run);
        Q_EMIT runAdded(int(m_runs.size()) - 1);
    }
    if (!runs.empty())
        log(runs.size() == 1 ? tr("1 run was kept in the session") : tr("%1 runs were kept in the session").arg(runs.size()));
}

void SessionModel::annotate(std::int64_t id, const QString& name, bool starred, bool deleted)
{
    const auto hasId = [id](const RunPtr& r) { return r->id == id; };
    auto there = std::find_if(m_runs.begin(), m_runs.end(), hasId);
    const auto gone = std::find_if(m_deleted.begin(), m_deleted.end(), hasId);
    if (there == m_runs.end() && gone == m_deleted.end())
        return;
    auto changed = std::make_shared<RunRecord>(there != m_runs.end() ? **there : **gone);
    changed->name = name.toStdString();
    changed->starred = starred;
    if (there != m_runs.end() && !deleted) {
        *there = changed;
        Q_EMIT runChanged(int(there - m_runs.begin()));
    } else if (there != m_runs.end()) {
        const int index = int(there - m_runs.begin());
        m_runs.erase(there);
        m_deleted.push_back(changed);
        Q_EMIT runRemoved(index);
    } else if (!deleted) {
        m_deleted.erase(gone);
        const auto at = std::find_if(m_runs.begin(), m_runs.end(), [id](const RunPtr& r) { return r->id > id; });
        const int index = int(at - m_runs.begin());
        m_runs.insert(at, changed);
        Q_EMIT runAdded(index);
    }
}

void SessionModel::setWeights(std::vector<LayerWeights> weights)
{
    m_weights = std::move(weights);
    Q_EMIT weightsChanged();
}

void SessionModel::setContext(const std::string& hash, const std::vector<std::pair<std::string, std::string>>& told)
{
    if (hash == m_contextHash)
        return;
    m_contextHash = hash;
    m_context = told;
    Q_EMIT contextChanged();
}

void SessionModel::setSessionPath(const QString& path)
{
    m_config.sessionPath = path.toStdString();
    Q_EMIT titleChanged();
}

void SessionModel::takeEvent(const Event& event)
{
    std::visit(Overloaded{
                   [this](const Progress& p) {
                       m_progress = p;
                       Q_EMIT progressChanged();
                   },
                   [this](const StageStarted& s) {
                       m_progress = Progress{s.stage, {}, 0, 0, -1};
                       setStage(s.stage, StageState::Running);
                       Q_EMIT progressChanged();
                   },
                   [this](const StageFinished& s) {
                       setStage(s.stage, StageState::Done, fromStd(s.summary), s.seconds);
                       log(tr("%1 (%2): %3").arg(fromStd(mprdo::title(s.stage)), durationText(s.seconds),
                                                fromStd(s.summary)));
                   },
                   [this](const LayerScored& s) { score(s); },
                   [this](const BlockOptimised& b) {
                       log(tr("%1, block %2: held-out error %3 -> %4%5")
                               .arg(fromStd(mprdo::title(b.stage)), fromStd(b.block), distortionText(b.before),
                                    distortionText(b.after),
                                    (b.accepted ? QString() : tr(", not taken")) + (b.reused ? tr(", reused") : QString())));
                   },
                   [this](const EpochDone& e) {
                       log(tr("Epoch %1 of %2: loss %3, validation %4")
                               .arg(e.epoch)
                               .arg(e.epochs)
                               .arg(distortionText(e.loss), percentText(e.validationAccuracy)));
                   },
                   [](const Counted&) {},
                   [this](const Notice& n) { log(fromStd(n.text)); },
                   [this](const AllocationPolished& p) { setPolish(p); },
               },
               event);
}

void SessionModel::score(const LayerScored& scored)
{
    const std::size_t layers = m_table.layers.size(), widths = m_table.widths.size();
    const auto width = std::find(m_table.widths.begin(), m_table.widths.end(), scored.bits);
    if (scored.layer >= layers || width == m_table.widths.end())
        return;
    for (std::size_t m = 0; m < kMetrics.size() && m < scored.distortion.size(); ++m) {
        auto& values = m_table.distortion[kMetrics[m]];
        values.resize(layers, std::vector<double>(widths, kNaN));
        values[scored.layer][std::size_t(width - m_table.widths.begin())] = scored.distortion[m];
    }
    m_shared.reset();
    Q_EMIT layerScored(int(scored.layer), scored.bits);
}

void SessionModel::setStage(Stage stage, StageState state, const QString& note, double seconds)
{
    m_stages[std::size_t(stage) - 1] = {state, note, seconds};
    Q_EMIT stageChanged(int(stage));
}

void SessionModel::setPolish(const PolishRecord& record)
{
    m_polish = record;
    Q_EMIT stageChanged(int(Stage::Allocate));
}

void SessionModel::endRunningStages(StageState state, const QString& note)
{
    for (const Stage s : kStages)
        if (stage(s).state == StageState::Running)
            setStage(s, state, note);
}

void SessionModel::compareWith(const Allocation& allocation)
{
    const bool any = std::any_of(m_runs.begin(), m_runs.end(), [this](const RunPtr& r) {
        return r->rounding == Rounding::Optimised && !outOfDate(*r, *this);
    });
    if (!any)
        return;
    const RunPtr run = runOf(allocation);
    const auto wanted = run && run->rounding == Rounding::Optimised ? StageState::Done : StageState::Stale;
    for (const Stage s : {Stage::Scales, Stage::Hessian, Stage::Rounding, Stage::Evaluate}) {
        const StageStatus& now = stage(s);
        if (now.state != wanted && (now.state == StageState::Done || now.state == StageState::Stale))
            setStage(s, wanted, now.note, now.seconds);
    }
}

void SessionModel::log(const QString& line)
{
    Q_EMIT logged(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line);
}

} // namespace mprdo

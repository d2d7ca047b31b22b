// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/why_model.h"
#include <algorithm>

namespace mprdo {

WhyModel::WhyModel(const SessionModel& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
{
    connect(&session, &SessionModel::opened, this, [this] {
        m_blames.clear();
        m_lastBlame = 0;
        m_diagnosis.reset();
        m_draws.clear();
        Q_EMIT blameChanged();
        Q_EMIT diagnosisChanged();
        Q_EMIT drawsChanged();
    });
    connect(&session, &SessionModel::runRemoved, this, [this] {
        // Predictions of every layer are megabytes: they go with their run.
        if (std::erase_if(m_blames, [this](const auto& entry) { return !m_session.run(entry.first); }) > 0)
            Q_EMIT blameChanged();
    });
}

const Blame* WhyModel::blame(std::int64_t run) const
{
    const auto at = m_blames.find(run);
    return at == m_blames.end() ? nullptr : &at->second;
}

std::vector<LayerGain> WhyModel::gains(const Blame& blame) const
{
    std::vector<LayerGain> out;
    const auto labels = m_session.rightAnswers();
    const std::size_t classes = m_session.data().classes.size();
    for (const RestoredLayer& restored : blame.layers)
        if (const auto c
            = labels ? compareRuns(blame.whole.evaluation, restored.evaluation, *labels, classes) : std::nullopt)
            out.push_back({int(restored.layer), c->differencePoints, c->low, c->high, restored.holdOutKl});
    return out;
}

std::optional<QVector<int>> WhyModel::repairs(std::int64_t run, const Flip& flip) const
{
    const Blame* known = blame(run);
    if (!known)
        return std::nullopt;
    QVector<int> out;
    for (const RestoredLayer& restored : known->layers) {
        const auto& answers = restored.evaluation.predictions;
        if (answers && flip.image >= 0 && std::size_t(flip.image) < answers->size()
            && (*answers)[std::size_t(flip.image)] == flip.label)
            out.append(int(restored.layer));
    }
    return out;
}

void WhyModel::setBlame(const Blame& blame)
{
    m_blames[blame.run] = blame;
    m_lastBlame = blame.run;
    Q_EMIT blameChanged();
}

void WhyModel::setDiagnosis(const Diagnosis& diagnosis)
{
    m_diagnosis = diagnosis;
    Q_EMIT diagnosisChanged();
}

void WhyModel::setDraws(const std::vector<SensitivityPtr>& draws)
{
    m_draws = draws;
    Q_EMIT drawsChanged();
}

} // namespace mprdo

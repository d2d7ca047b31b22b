// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/diagnosis.h"
#include "core/api/run_comparison.h"
#include "ui/session_model.h"
#include <QObject>
#include <QVector>
#include <map>
#include <optional>

namespace mprdo {

/// What leaving one layer of a run in FP32 gains.
struct LayerGain {
    int layer = 0;
    double points = 0, low = 0, high = 0; ///< accuracy, paired 95 % interval
    double holdOutKl = 0;                 ///< what remains of it, nats
    bool sure() const { return low > 0 || high < 0; }
};

/// The open session's answers to "why", and how much chance is in its calibration images. GUI thread.
class WhyModel : public QObject {
    Q_OBJECT
public:
    explicit WhyModel(const SessionModel&, QObject* parent = nullptr);

    const Blame* blame(std::int64_t run) const; ///< nullptr: not asked yet
    const Blame* lastBlame() const { return blame(m_lastBlame); }
    /// In network order. Cost: O(layers x images).
    std::vector<LayerGain> gains(const Blame&) const;
    /// Layers of the run that, left in FP32 one at a time, turn its wrong answer to this image into the right one;
    /// nothing while nobody asked what costs that run its accuracy.
    std::optional<QVector<int>> repairs(std::int64_t run, const Flip&) const;
    const std::optional<Diagnosis>& diagnosis() const { return m_diagnosis; }
    const std::vector<SensitivityPtr>& draws() const { return m_draws; }

    void setBlame(const Blame&);
    void setDiagnosis(const Diagnosis&);
    void setDraws(const std::vector<SensitivityPtr>&);

Q_SIGNALS:
    void blameChanged();
    void diagnosisChanged();
    void drawsChanged();

private:
    const SessionModel& m_session;
    std::map<std::int64_t, Blame> m_blames;
    std::int64_t m_lastBlame = 0;
    std::optional<Diagnosis> m_diagnosis;
    std::vector<SensitivityPtr> m_draws;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/front_view.h"
#include "ui/session_model.h"
#include <QObject>

namespace mprdo {

/// Answers edits at once, in the GUI thread: what the edited bits would cost. Holds the settings that the answer depends
/// on (set of widths, metric, budget) and the front once the helper thread has made it.
class WhatIfModel : public QObject {
    Q_OBJECT
public:
    WhatIfModel(SessionModel&, AllocationDocument&, QObject* parent = nullptr);

    const std::vector<Bits>& set() const { return m_set; }
    void setSet(std::vector<Bits>); ///< ascending, not empty; automatic layers are solved anew
    Metric metric() const { return m_metric; }
    void setMetric(Metric); ///< likewise
    double target() const { return m_target; }
    /// Average bits; automatic layers are solved anew, at least down to what manual and locked layers allow.
    void setTarget(double averageBits);
    /// As a session kept them; what is empty or absent stays. Nothing is solved.
    void restoreSettings(const std::vector<Bits>& set, std::optional<Metric>, double averageBits);
    /// The best point of the front that fits becomes the budget. False: no front yet, or nothing is as small or as good.
    bool setTargetBytes(double storedBytes);
    bool setTargetDrop(double points);
    double lowestTarget() const;
    double highestTarget() const;
    /// Stage 3's answer goes into the document, unless the settings were changed since the session was opened: then the
    /// answer for the present ones does. A target in bytes or drop becomes the average bits that came out.
    void takeStage3(const Allocation&);

    bool known() const { return !m_session.sizes().layers.empty(); } ///< are there sizes to count with
    const Estimate& estimate() const { return m_estimate; }          ///< of the document
    Estimate estimate(const Allocation&) const;
    /// Predicted accuracy for an estimate, percent, with its range; nullopt before three pairs are measured.
    struct Range {
        double value = 0, low = 0, high = 0;
    };
    std::optional<Range> predictedAccuracy(const Estimate&) const;
    /// Predicted drop in points for a summed distortion, under 0 never; nullopt as above.
    std::optional<double> predictedDrop(double distortion) const;
    double predictionError(double distortion) const { return m_fit.leaveOneOutError(distortion); }
    /// True when the fit is through optimised runs, false for nearest rounding.
    bool fitIsOptimised() const { return m_fitIsOptimised; }
    double distortion(int layer, Bits) const; ///< NaN: not measured

    const FrontViewPtr& front() const { return m_front; }
    bool refining() const { return m_refining; } ///< a front for the present settings is being made
    void setFront(FrontViewPtr);
    void giveUpFront();

Q_SIGNALS:
    void estimateChanged();
    void frontChanged();
    void settingsChanged();
    void frontWanted();

private:
    void restart();
    void update();
    void wantFront();
    void solve(const QString& what, bool refine);
    void rebuildFit();
    const WhatIf& whatIf() const;

    SessionModel& m_session;
    AllocationDocument& m_document;
    std::vector<Bits> m_set, m_fixed;
    Metric m_metric = Metric::Kl;
    double m_target = 4.19;
    bool m_targetTouched = false; ///< by hand, since the session was opened
    DropFit m_fit;
    bool m_fitIsOptimised = false;
    mutable WhatIfPtr m_whatIf; ///< empty after a change of anything but the document
    Estimate m_estimate;
    FrontViewPtr m_front;
    bool m_refining = false;
    QString m_solveAgain; ///< name of the step that the coming front shall refine; empty: none
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/drop_fits.h"
#include "ui/front_view.h"
#include "ui/session_model.h"
#include "ui/target_profile.h"
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
    /// What sizes are counted for. Its own widths become the set; automatic layers are solved anew.
    TargetProfile profile() const { return m_profile; }
    void setProfile(TargetProfile);
    std::vector<Bits> solverSet() const { return usefulWidths(m_profile, m_set); }
    Metric metric() const { return m_metric; }
    void setMetric(Metric); ///< likewise
    double target() const { return m_target; }
    /// Average bits; automatic layers are solved anew, at least down to what manual and locked layers allow.
    void setTarget(double averageBits);
    void restoreProfile(TargetProfile); ///< before the other settings
    /// As a session kept them; what is empty or absent stays. Nothing is solved.
    void restoreSettings(const std::vector<Bits>& set, std::optional<Metric>, double averageBits);
    /// The best point of the front that fits becomes the budget. False: no front yet, or nothing is as small or as good.
    bool setTargetBytes(double storedBytes);
    bool setTargetDrop(double points);
    double lowestTarget() const;
    double highestTarget() const;
    /// Automatic layers at the set's lowest width: no budget can be below it.
    Allocation lowestAllocation() const;
    /// While held, automatic layers are solved anew after each edit, within the edit's undo step; else an edit changes what
    /// was edited alone. Off at first.
    bool holdsBudget() const { return m_hold; }
    void setHoldBudget(bool);
    /// Bytes of weights that the document's bits take beyond the budget; negative: that are left.
    double overBudget() const;
    /// Stage 3's answer goes into the document, unless the settings were changed since the session was opened: then the
    /// answer for the present ones does. A target in bytes or drop becomes the average bits that came out.
    void takeStage3(const Allocation&);
    /// What a search along the front came to: its size becomes the budget, as one step of that name.
    void takeFound(const Allocation&, const QString& what);

    bool known() const { return !m_session.sizes().layers.empty(); } ///< are there sizes to count with
    const Estimate& estimate() const { return m_estimate; }          ///< of the document
    Estimate estimate(const Allocation&) const;
    const WhatIf& sizes() const { return whatIf(); } ///< as the profile counts them
    /// Bytes in the profile of an allocation that was measured in the own format.
    std::int64_t storedBytes(const Allocation&, std::int64_t measured) const;
    /// Predicted accuracy for an estimate, percent, with its range; nullopt before three pairs are measured.
    struct Range {
        double value = 0, low = 0, high = 0;
    };
    std::optional<Range> predictedAccuracy(const Estimate&) const;
    /// Predicted drop in points for a summed distortion, never under 0; nullopt as above. The fit through optimised runs and
    /// the one through nearest rounding are two; without a rounding the preferred one answers.
    std::optional<double> predictedDrop(double distortion, Rounding) const;
    std::optional<double> predictedDrop(double distortion) const { return predictedDrop(distortion, preferredFit()); }
    /// +- points: the larger of the leave-one-out error and half the paired 95 % interval of so many images.
    double predictionError(double distortion, Rounding rounding) const { return m_fits.of(rounding).error(distortion); }
    double predictionError(double distortion) const { return predictionError(distortion, preferredFit()); }
    bool fitKnown(Rounding rounding) const { return m_fits.of(rounding).known(); }
    Rounding preferredFit() const { return m_fits.preferred(); } ///< what estimate() and its drop are of
    bool fitIsOptimised() const { return preferredFit() == Rounding::Optimised; }
    const PairedDrops& pairedDrops() const { return m_drops; }
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
    double bitsOf(const Allocation&) const; ///< on average, in the session's currency
    void restart();
    void update();
    void wantFront();
    void solve(const QString& what, bool refine);
    std::optional<Allocation> answer() const;
    void holdBudget();
    void rebuildFit();
    const WhatIf& whatIf() const;

    SessionModel& m_session;
    AllocationDocument& m_document;
    std::vector<Bits> m_set, m_fixed;
    std::vector<Bits> m_ownSet; ///< of the own format, while another profile holds
    TargetProfile m_profile = TargetProfile::Own;
    Metric m_metric = Metric::Kl;
    double m_target = 4.19;
    bool m_targetTouched = false; ///< by hand, since the session was opened
    bool m_hold = false;
    PairedDrops m_drops;
    DropFits m_fits;
    mutable WhatIfPtr m_whatIf; ///< empty after a change of anything but the document
    Estimate m_estimate;
    FrontViewPtr m_front;
    bool m_refining = false;
    QString m_solveAgain; ///< name of the step that the coming front shall refine; empty: none
    bool m_holdAgain = false; ///< the coming front shall refine what followed the last edit
};

} // namespace mprdo

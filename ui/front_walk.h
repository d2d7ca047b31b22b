// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pipeline_controller.h"
#include <QObject>
#include <deque>

namespace mprdo {

/// Measures along the predicted front: some allocations evenly in rate, or the smallest that keeps a drop (the best that
/// keeps a size), by bisection. Each measurement is a job of its own, so that a cancelled walk keeps what was finished.
/// GUI thread.
class FrontWalk : public QObject {
    Q_OBJECT
public:
    static constexpr int kMostSteps = 8; ///< of find()

    struct Bound {
        enum class Kind { Drop, Bytes };
        Kind kind = Kind::Drop;
        double value = 0; ///< points, or bytes as the target profile stores them
    };

    FrontWalk(const SessionModel&, WhatIfModel&, PipelineController&, QObject* parent = nullptr);

    bool active() const { return m_active; }
    bool possible() const; ///< is there a front, and nothing of this kind under way?
    /// As many allocations as that, from the smallest to the largest of the front.
    void measure(int count, Rounding);
    /// At most kMostSteps optimised measurements; what keeps the bound best goes into the document at the end, as one step.
    void find(Bound);

Q_SIGNALS:
    void activeChanged();
    void told(const QString& sentence); ///< for the status line

private:
    void begin(int steps);
    void next();
    void measurePoint(std::size_t point);
    void take(const RunPtr&);
    void judge(const RunPtr&);
    void end(bool complete);
    std::size_t between() const;
    bool keeps(const RunPtr&) const;
    std::ptrdiff_t firstGuess() const;
    QString boundText() const;

    const SessionModel& m_session;
    WhatIfModel& m_whatIf;
    PipelineController& m_controller;
    FrontViewPtr m_front; ///< the walk's own: edits meanwhile make another
    bool m_active = false, m_finding = false;
    Rounding m_rounding = Rounding::Optimised;
    std::deque<std::size_t> m_waiting; ///< points still to be measured
    int m_done = 0, m_steps = 0;
    Bound m_bound;
    /// Bisection: points up to m_low are on the smaller side of the bound, those from m_high on the larger.
    std::ptrdiff_t m_low = -1, m_high = 0, m_point = 0;
    RunPtr m_best;                    ///< of those that keep the bound
    std::size_t m_bestPoint = 0;
    double m_nearest = 0;             ///< what came nearest to it where none does
};

} // namespace mprdo
